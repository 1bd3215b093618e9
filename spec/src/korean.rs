//! The description with what is Korean in Korean.

use serde_json::Value;

use crate::language::Language;
use crate::spec::Spec;

impl Spec {
    /// The document with Korean summaries, titles of groups, meanings of codes and hints. Descriptions stay
    /// as they were written.
    #[must_use]
    pub fn in_korean(&self) -> Value {
        let mut document = self.document().clone();
        document["info"]["title"] = "KONA PLATE Open API (한국어)".into();
        for (tag, group) in document["tags"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .zip(self.groups())
        {
            tag["x-displayName"] = group.title.as_str().into();
        }
        for operation in self.operations() {
            let method = operation.method.to_ascii_lowercase();
            let raw = &mut document["paths"][&operation.path][&method];
            raw["summary"] = operation.summary_ko.as_str().into();
            let text = operation.text_of_extensions(Language::Korean);
            raw["description"] = format!("{}{text}", operation.description).into();
        }
        for example in self.code_examples() {
            let raw = &mut document["components"]["examples"][&example.name];
            raw["summary"] = example.meaning_ko.as_str().into();
        }
        document
    }
}
