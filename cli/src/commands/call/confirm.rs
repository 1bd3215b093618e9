//! Asks before money moves outside of this machine.

use std::io::IsTerminal as _;

use axum::http::Uri;
use dialoguer::Confirm;
use konaplate_spec::Language;
use serde_json::Value;
use url::Url;

use super::render;
use super::{Target, mask};
use crate::catalogue::spec;
use crate::failure::Failure;
use crate::loopback;
use crate::output::{FAINT, STRONG, styled};

/// The host of a URL.
pub(super) fn host(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    Some(url.host()?.trim_matches(['[', ']']).to_owned())
}

/// Whether a URL is of this machine, where no real money is.
pub(super) fn is_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| loopback::is_loopback(&url))
}

/// Asks whether a call that moves money is meant. An error unless the person says yes.
pub(super) fn confirm(
    target: &Target,
    body: &Value,
    url: &str,
    language: Language,
) -> Result<(), Failure> {
    let host = host(url).unwrap_or_default();
    if !std::io::stdin().is_terminal() {
        return Err(nobody_to_ask(&host));
    }
    anstream::eprintln!("{}", question(target, body, &host, language));
    let prompt = match language {
        Language::English => "Send it?",
        Language::Korean => "전송하시겠습니까?",
    };
    let said = Confirm::new()
        .with_prompt(prompt)
        .default(false)
        .wait_for_newline(true)
        .interact()
        .map_err(|_| nobody_to_ask(&host))?;
    if said {
        return Ok(());
    }
    Err(Failure::bad_input("not confirmed: nothing was sent"))
}

fn nobody_to_ask(host: &str) -> Failure {
    let cause = format!(
        "yes: is required where nobody can be asked: the call may move money, and {host} is not this \
         machine"
    );
    Failure::bad_input(cause).next("--yes sends it without asking; nothing was sent")
}

/// What is about to be sent: the operation, the host, and the fields with what the description says of
/// them, the currency of amounts included.
fn question(target: &Target, body: &Value, host: &str, language: Language) -> String {
    let summary = target.described.map(|operation| match language {
        Language::English => operation.summary.as_str(),
        Language::Korean => operation.summary_ko.as_str(),
    });
    let moves = match (language, target.described.is_some()) {
        (Language::English, true) => "moves money at",
        (Language::English, false) => "may move money at",
        (Language::Korean, true) => "호출 시 금액이 이동합니다. 대상:",
        (Language::Korean, false) => "호출 시 금액이 이동할 수 있습니다. 대상:",
    };
    let mut lines = vec![format!(
        "{} {moves} {}",
        styled(STRONG, &target.name()),
        styled(STRONG, host)
    )];
    lines.extend(summary.map(|summary| format!("  {summary}")));
    let masked = mask::masked(target.request_schema(), body);
    for line in render::text(target.request_schema(), &masked).lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let field = target
            .request_schema()
            .and_then(|schema| spec().schema(schema).field(name));
        let said = field.and_then(|field| field.description.lines().next());
        let said = said.map(|said| format!("  {}", styled(FAINT, said)));
        lines.push(format!("  {line}{}", said.unwrap_or_default()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, expected) in [
            ("http://127.0.0.1:8787", true),
            ("http://[::1]:8787", true),
            ("http://localhost:8787/open-api", true),
            ("https://sandbox.konaplate.com/open-api", false),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("http://192.168.0.7:8787", false),
            ("http://[::]:8787", false),
            ("nothing", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }

    #[test]
    fn the_question_has_operation_host_amount_and_currency_and_no_secret() {
        let target = Target::find("transfer_balance", false).unwrap();
        let body = json!({
            "userId": 10_000_000_001_u64, "fromCardNo": "9491339401250765",
            "toCardNo": "9491330000000024", "amount": 5_000,
        });
        for language in [Language::English, Language::Korean] {
            let question = question(&target, &body, "api.example.com", language);
            for part in [
                "transfer_balance",
                "api.example.com",
                "5000",
                "KRW",
                "[card-number]",
            ] {
                assert!(question.contains(part), "{part}: {question}");
            }
            assert!(!question.contains("9491"), "{question}");
        }
    }
}
