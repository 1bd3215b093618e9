//! Names: from the wire to Rust.

/// `cardNo` → `card_no`, `X-KM-Tran-Time` → `x_km_tran_time`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut previous = ' ';
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
        } else if c.is_ascii_uppercase() {
            if previous.is_ascii_lowercase() || previous.is_ascii_digit() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
        previous = c;
    }
    out
}

/// `issue_one_time_token` → `IssueOneTimeToken`, `ATM` → `Atm`, `auto-recharges` → `AutoRecharges`.
pub(crate) fn pascal(name: &str) -> String {
    snake(name)
        .split('_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let (head, tail) = word.split_at(1);
            head.to_ascii_uppercase() + tail
        })
        .collect()
}

/// The name of a struct field or a method: snake case, a keyword gets an underscore behind it.
///
/// typify names its fields by the same rule, and the generated code relies on that.
pub(crate) fn field(name: &str) -> String {
    let name = snake(name);
    if syn::parse_str::<syn::Ident>(&name).is_ok() {
        name
    } else {
        name + "_"
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
        ] {
            assert_eq!(pascal(wire), rust);
        }
    }
}
