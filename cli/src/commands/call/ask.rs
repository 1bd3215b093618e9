//! What to ask after a call whose outcome is not known, by the description.

use konaplate_spec::Language;
use serde_json::Value;

use super::Target;
use crate::catalogue::spec;

/// What to ask: the command line of the inquiry where the description has one, or else its hint.
pub(super) fn what_to_ask(target: &Target, request: &Value, language: Language) -> String {
    let Some(operation) = target.described else {
        return language
            .pick(
                "ask KONA, which finds the call by its correlation id",
                "상관관계 ID(correlation id)로 KONA에 문의하십시오.",
            )
            .to_owned();
    };
    match (&operation.outcome, &operation.follow_up) {
        (Some(outcome), _) => inquiry(target, request)
            .unwrap_or_else(|| language.pick(&outcome.hint, &outcome.hint_ko).to_owned()),
        (None, Some(follow_up)) => match language {
            Language::English => format!("konaplate show {follow_up}: it tells how it went on"),
            Language::Korean => format!("{follow_up}로 진행 결과를 조회합니다."),
        },
        (None, None) => language
            .pick(
                "the operation moves no money; ask for the present state before the next call",
                "금액이 이동하지 않는 API입니다. 다시 호출하기 전에 현재 상태를 조회하십시오.",
            )
            .to_owned(),
    }
}

/// The command line that asks for the outcome. None where no operation tells, or where it is asked by
/// something that is not to be shown.
pub(super) fn inquiry(target: &Target, request: &Value) -> Option<String> {
    let operation = target.described?;
    let outcome = operation.outcome.as_ref()?;
    let (inquiry, reference) = (outcome.inquiry.as_ref()?, outcome.reference.as_ref()?);
    let field = spec().schema(&operation.request.schema).field(reference)?;
    let is_plain = field
        .shape
        .schema()
        .is_some_and(|name| spec().schema(name).sensitive.is_none());
    let value = match request.get(reference)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // A terminal would obey some.
    if !is_plain || value.chars().any(char::is_control) {
        return None;
    }
    let (asks, by) = (&inquiry.operation, &inquiry.by);
    Some(format!(
        "konaplate call {asks} {by}={}",
        shell_words::quote(&value)
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_command_line_of_an_inquiry_is_ready_for_a_shell() {
        let target = Target::find("recharge_from_bank_account", false).unwrap();
        let ask = |id: &str| what_to_ask(&target, &json!({ "sequenceId": id }), Language::English);
        assert_eq!(
            ask("BANK-1"),
            "konaplate call get_bank_recharge_result sequenceId=BANK-1"
        );
        assert_eq!(
            ask("a b'$(c)\\\"",),
            "konaplate call get_bank_recharge_result sequenceId='a b'\\''$(c)\\\"'"
        );
        assert!(ask("a\u{1b}[2J").starts_with("Do not send it again."));
        let target = Target::find("transfer_balance", false).unwrap();
        let hint = what_to_ask(&target, &json!({}), Language::Korean);
        assert!(hint.contains("KONA"), "{hint}");
    }
}
