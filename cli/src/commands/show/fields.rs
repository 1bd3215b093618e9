//! The fields of a body, those of its objects behind a dot.

use konaplate_spec::{Body, Language, Placed};
use serde_json::{Value, json};

use crate::catalogue::spec;
use crate::layout::Layout;

/// The fields as a table, and whether there may be others.
pub(super) fn table(body: &Body, language: Language, layout: Layout) -> String {
    let widest = layout.width() / 3;
    let columns = [
        (language.pick("Field", "필드"), widest.max(44)),
        (language.pick("Type and rule", "형식과 규칙"), 24),
        (language.pick("Needed", "필수 여부"), 9),
        (language.pick("Description", "설명"), 0),
    ];
    let rows: Vec<_> = spec()
        .placed(body)
        .iter()
        .map(|placed| row(placed, language, widest))
        .collect();
    let mut parts = Vec::new();
    if !rows.is_empty() {
        parts.push(layout.table(&columns, &rows));
    }
    if spec().schema(&body.schema).is_incomplete() {
        parts.push(layout.paragraphs(language.pick(
            "Not all of its fields were seen: there may be others.",
            "필드 전체가 확인된 것은 아니며, 다른 필드가 있을 수 있습니다.",
        )));
    } else if rows.is_empty() {
        parts.push(layout.paragraphs(language.pick("It has no fields.", "필드가 없습니다.")));
    }
    parts.join("\n")
}

fn row(placed: &Placed<'_>, language: Language, widest: usize) -> Vec<String> {
    let field = placed.field;
    let mut rule = spec().rule_in(&field.shape, language);
    if let Some(kind) = placed.sensitive() {
        rule.push_str(language.pick("; sensitive: ", "; 민감 정보: "));
        rule.push_str(kind);
    }
    let mut description = field.description.replace('\n', " ");
    for (word, meaning) in placed.values() {
        description.push_str(&format!("\n{word}: {meaning}"));
    }
    if let Some(evidence) = field.evidence {
        description.push_str(&format!(
            "\n{}: {}",
            language.pick("Evidence", "근거"),
            evidence.text(language)
        ));
    }
    let needed = if field.required {
        language.pick("yes", "필수")
    } else {
        language.pick("no", "선택")
    };
    vec![
        broken(&placed.name, widest),
        rule,
        needed.to_owned(),
        description,
    ]
}

/// A name, continued on the next line behind a dot where it is wider than that.
fn broken(name: &str, widest: usize) -> String {
    let mut lines = vec![String::new()];
    for part in name.split_inclusive('.') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + part.len() <= widest => {
                line.push_str(part);
            }
            _ => lines.push(format!("  {part}")),
        }
    }
    lines.join("\n")
}

/// The same for programs.
pub(super) fn json(body: &Body, language: Language) -> Value {
    let fields: Vec<_> = spec()
        .placed(body)
        .iter()
        .map(|placed| {
            let field = placed.field;
            let values = placed
                .values()
                .into_iter()
                .map(|(value, meaning)| json!({"value": value, "meaning": meaning}));
            json!({
                "name": placed.name,
                "type": field.shape.schema().unwrap_or("boolean"),
                "rule": spec().rule_in(&field.shape, language),
                "required": field.required,
                "sensitive": placed.sensitive(),
                "description": field.description,
                "values": values.collect::<Value>(),
                "evidence": field.evidence.map(|evidence| evidence.word()),
                "printed": field.printed.as_ref().map(|printed| printed.words()),
            })
        })
        .collect();
    let is_complete = !spec().schema(&body.schema).is_incomplete();
    json!({"schema": body.schema, "complete": is_complete, "fields": fields})
}
