//! What is printed: whether the token is right, what is wrong, and the right token.

use konaplate::TimeZone;
use konaplate_spec::Language;
use serde_json::json;

use super::super::protocol::finding::Finding;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{GOOD, WRONG, styled};

/// Prints it. Without findings the token is right.
///
/// # Errors
/// It cannot be written.
pub(super) fn print(
    context: &Context,
    findings: &[Finding],
    zone: Option<TimeZone>,
    right_token: Option<String>,
) -> Result<Exit, Failure> {
    let language = context.language;
    let is_right = findings.is_empty();
    if context.output.is_text() {
        let mut lines = vec![if is_right {
            styled(GOOD, language.pick("right", "올바릅니다."))
        } else {
            styled(WRONG, language.pick("wrong", "올바르지 않습니다."))
        }];
        lines.extend(findings.iter().map(|finding| finding.text(language)));
        if let Some(token) = right_token {
            let zone = zone.unwrap_or_default();
            lines.push(match language {
                Language::English => {
                    format!("the right token of that time, in the zone {zone}:\n  {token}")
                }
                Language::Korean => format!("그 시각의 올바른 토큰({zone} 시간대):\n  {token}"),
            });
        }
        context.output.text(&lines.join("\n"))?;
    } else {
        let findings: Vec<_> = findings
            .iter()
            .map(|finding| finding.json(language))
            .collect();
        let mut report = json!({ "findings": findings, "right": is_right });
        if let Some(token) = right_token {
            report["token"] = token.into();
        }
        context.output.json(&report)?;
    }
    Ok(if is_right { Exit::Done } else { Exit::BadInput })
}
