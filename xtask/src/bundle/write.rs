//! A document as YAML.

use konaplate_spec::Error;
use serde_json::Value;

use super::View;

/// The document as YAML, under a line that says where to edit it.
///
/// # Errors
/// The YAML writer refuses.
pub(crate) fn to_yaml(document: &Value, kind: View) -> Result<String, Error> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        folded_wrap_chars: 110,
    };
    let yaml = serde_saphyr::to_string_with_options(document, options)
        .map_err(|error| Error::new("bundle", error.to_string()))?;
    // Empty lines of a block come out with its indentation.
    let lines = yaml
        .lines()
        .map(|line| if line.trim().is_empty() { "" } else { line });
    let mut text = format!(
        "# KONA PLATE Open API, {}. Made from openapi/src by `cargo xtask bundle`: edit there.\n",
        kind.words()
    );
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_yaml_1_1_reads_as_a_number_or_a_boolean_is_quoted() {
        let document = json!({
            "code": "000_000", "two": "00", "flag": "Y", "norway": "NO", "time": "12:30",
            "max": 9_999_999_999_999_999_999_u64, "long": "word ".repeat(40),
        });
        let yaml = to_yaml(&document, View::English).unwrap();
        for line in [
            "code: \"000_000\"",
            "two: \"00\"",
            "flag: \"Y\"",
            "norway: \"NO\"",
            "time: \"12:30\"",
            "max: 9999999999999999999",
        ] {
            assert!(yaml.lines().any(|l| l == line), "{line} in\n{yaml}");
        }
        let read: Value = serde_saphyr::from_str(&yaml).unwrap();
        assert_eq!(read, document);
    }
}
