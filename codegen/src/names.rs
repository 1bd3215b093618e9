//! Names: from the wire to Rust. Whatever is generated is named here, and nowhere else.
//!
//! The words of a name are found as typify and progenitor find them, with the same library: their
//! structs and functions have the names that the code beside them uses. What they would still name
//! otherwise, [`generate`](crate::generate::generate) refuses.

use heck::{ToPascalCase as _, ToSnakeCase as _};

/// `cardNo` → `card_no`, `X-KM-Tran-Time` → `x_km_tran_time`: a module, or the words of a field.
#[must_use]
pub fn snake(name: &str) -> String {
    begun("x", words(name).to_snake_case())
}

/// `issue_one_time_token` → `IssueOneTimeToken`, `ATM` → `Atm`, `auto-recharges` → `AutoRecharges`:
/// a type or a variant.
#[must_use]
pub fn pascal(name: &str) -> String {
    begun("X", words(name).to_pascal_case())
}

/// The name of a struct field or a method: snake case, a keyword gets an underscore behind it.
#[must_use]
pub fn field(name: &str) -> String {
    let name = snake(name);
    if is_identifier(&name) {
        name
    } else {
        name + "_"
    }
}

/// The client's method that asks for the outcome of an earlier call, by the operation that it asks:
/// `get_bank_recharge_result` → `bank_recharge_outcome`
#[must_use]
pub fn later(inquiry: &str) -> String {
    let id = inquiry.strip_prefix("get_").unwrap_or(inquiry);
    format!("{}_outcome", id.strip_suffix("_result").unwrap_or(id))
}

/// Whether Rust takes it for a name: no keyword, not empty, no digit first.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    // A keyword since the edition of 2024, which typify keeps clear of as well.
    name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// What two names have in common that differ in capitals and punctuation only.
#[must_use]
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The name with a hyphen for everything that no name in Rust has.
fn words(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '\'')
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// The name with a letter before what cannot begin one.
fn begun(letter: &str, name: String) -> String {
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name
    } else {
        format!("{letter}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_become_rust_names() {
        for (wire, rust) in [
            ("cardNo", "card_no"),
            ("oneTimeToken", "one_time_token"),
            ("type", "type_"),
            ("userId", "user_id"),
            ("X-KM-Tran-Time", "x_km_tran_time"),
            ("URLPath", "url_path"),
            ("2ndAmount", "x2nd_amount"),
            ("금액", "금액"),
            ("", "x"),
            ("--", "x"),
        ] {
            assert_eq!(field(wire), rust);
        }
        for (wire, rust) in [
            ("issue_one_time_token", "IssueOneTimeToken"),
            ("ATM", "Atm"),
            ("COMPLETED", "Completed"),
            ("ARS_AUTH_DONE", "ArsAuthDone"),
            ("auto-recharges", "AutoRecharges"),
            ("par", "Par"),
            ("00", "X00"),
            ("완료", "완료"),
            ("", "X"),
        ] {
            assert_eq!(pascal(wire), rust);
        }
    }
}
