//! What each reader gets of the joined document.

use konaplate_spec::{Error, Group, Language, Operation, Spec};
use serde_json::Value;

use super::gateway::gateway;
use crate::document::text;

/// A reader's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The bundle.
    English,
    /// The bundle with what is Korean in Korean: summaries, titles, codes, hints.
    Korean,
    /// What a client sees behind something that signs and encrypts for it.
    Gateway,
}

impl View {
    /// What the file is, for its first line.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::English => "in one file",
            Self::Korean => "in one file, in Korean where there is Korean",
            Self::Gateway => "as it is behind a gateway that signs and encrypts",
        }
    }
}

/// The view of a joined document.
///
/// # Errors
/// The document is not sound.
pub(crate) fn view(joined: &Value, kind: View) -> Result<Value, Error> {
    let spec = Spec::from_value(joined.clone())?;
    let mut document = joined.clone();
    for operation in spec.operations() {
        let method = operation.method.to_ascii_lowercase();
        let raw = &mut document["paths"][&operation.path][&method];
        describe(raw, operation, kind);
    }
    twins(&mut document);
    match kind {
        View::English => Ok(document),
        View::Korean => Ok(Spec::from_value(document)?.in_korean()),
        View::Gateway => {
            gateway(&mut document, &spec);
            Ok(document)
        }
    }
}

/// Puts what the extensions say behind the operation's own description.
fn describe(raw: &mut Value, operation: &Operation, kind: View) {
    let text = match kind {
        View::Gateway => operation.text_for_gateway(Language::English),
        View::English | View::Korean => operation.text_of_extensions(Language::English),
    };
    raw["description"] = format!("{}{text}", operation.description).into();
}

/// The names that other tools have for what our extensions say.
fn twins(document: &mut Value) {
    for tag in document["tags"].as_array_mut().into_iter().flatten() {
        let name = text(tag, "name").unwrap_or_default();
        tag["x-displayName"] = Group::display_name(name).into();
    }
    let schemas = document["components"]["schemas"].as_object_mut();
    for schema in schemas.into_iter().flat_map(|schemas| schemas.values_mut()) {
        if let Some(meanings) = schema.get("x-konaplate-enum-meanings").cloned() {
            schema["x-enumDescriptions"] = meanings;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at_root;
    use crate::bundle::{Sources, join};

    fn of(kind: View) -> Value {
        view(
            &join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap(),
            kind,
        )
        .unwrap()
    }

    #[test]
    fn a_group_is_shown_by_its_words() {
        assert_eq!(Group::display_name("auto-recharges"), "Auto recharges");
    }

    #[test]
    fn what_is_put_behind_a_description_is_found_again() {
        let source = join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap();
        let (source, bundle) = (
            Spec::from_value(source).unwrap(),
            Spec::from_value(of(View::English)).unwrap(),
        );
        assert_eq!(source.operations(), bundle.operations());
    }

    #[test]
    fn the_gateway_knows_no_protocol() {
        let text = of(View::Gateway).to_string();
        for word in [
            "X-KM-Tran",
            "X-KM-Access",
            "securitySchemes",
            "encData",
            "**Encryption**",
        ] {
            assert!(!text.contains(word), "{word}");
        }
        assert!(text.contains("**Effect**: moves money."));
    }

    #[test]
    fn korean_readers_get_korean_summaries_codes_and_hints() {
        let document = of(View::Korean);
        let charge = &document["paths"]["/api/v1/recharges/by-bank-accounts/no-hce"]["post"];
        let is_korean = |text: &Value| {
            let text = text.as_str().unwrap();
            text.chars().any(|c| ('가'..='힣').contains(&c))
        };
        assert!(is_korean(&charge["summary"]));
        assert!(
            charge["description"]
                .as_str()
                .unwrap()
                .contains("**응답을 받지 못한 경우**")
        );
        let codes = document["components"]["examples"].as_object().unwrap();
        assert!(codes.values().all(|code| is_korean(&code["summary"])));
    }
}
