//! An operation as text.

use konaplate_spec::{CodeExample, Inquiry, Language, Operation, Outcome, Paging, Proves};

use super::command::command;
use super::fields;
use super::json::unlisted;
use crate::catalogue::spec;
use crate::layout::Layout;
use crate::output::{STRONG, styled};

/// The whole of it, section by section.
pub(super) fn text(operation: &Operation, language: Language, layout: Layout) -> String {
    let summary = language.pick(&operation.summary, &operation.summary_ko);
    let mut text = format!("{}  {summary}\n\n", styled(STRONG, &operation.id));
    text.push_str(&layout.pairs(&head(operation, language)));
    text.push_str("\n\n");
    text.push_str(&layout.paragraphs(&operation.description));
    let mut section = |title: &str, content: &str| {
        text.push('\n');
        text.push_str(&layout.section(title, content));
    };
    section(
        language.pick("Request", "요청"),
        &fields::table(&operation.request, language, layout),
    );
    section(
        language.pick("Response", "응답"),
        &fields::table(&operation.response, language, layout),
    );
    section(
        language.pick("Codes", "코드"),
        &codes(operation, language, layout),
    );
    if let Some(outcome) = &operation.outcome {
        let pairs = outcome_pairs(outcome, language);
        section(language.pick("Outcome", "처리 결과"), &layout.pairs(&pairs));
    }
    if let Some(paging) = &operation.paging {
        section(
            language.pick("Pages", "페이지"),
            &layout.paragraphs(&pages(paging, language)),
        );
    }
    if let Some(printed) = &operation.printed {
        let facts = printed.words();
        let note = printed.note.as_deref().unwrap_or_default();
        let between = if facts.is_empty() || note.is_empty() {
            ""
        } else {
            "\n\n"
        };
        section(
            language.pick(
                "What the reference prints, where it differs",
                "레퍼런스에 다르게 적힌 내용",
            ),
            &layout.paragraphs(&format!("{facts}{between}{note}")),
        );
    }
    // One line, however long: a shell takes it as it is.
    section(
        language.pick("Command", "명령"),
        &format!("  {}", command(operation)),
    );
    text
}

fn head(operation: &Operation, language: Language) -> Vec<(&'static str, String)> {
    let groups = spec().groups().iter();
    let group = groups
        .filter(|group| group.name == operation.group)
        .map(|group| format!("{} ({})", group.name, group.title))
        .collect();
    let encryption = match language {
        Language::English => format!(
            "request {}; response {}",
            operation.encryption.request.text(language),
            operation.encryption.response.text(language)
        ),
        Language::Korean => format!(
            "요청 {}, 응답 {}",
            operation.encryption.request.text(language),
            operation.encryption.response.text(language)
        ),
    };
    let mut effect = operation.effect.text(language).to_owned();
    if let Some(follow_up) = &operation.follow_up {
        effect.push_str(&match language {
            Language::English => format!(" {follow_up} tells how it went on."),
            Language::Korean => format!(" 진행 결과는 {follow_up}로 조회합니다."),
        });
    }
    let seen = &operation.version_shown;
    let offered = operation.versions.join(", ");
    let evidence = operation.evidence.text(language);
    let evidence = match language {
        Language::English => format!("{evidence}; version {seen}, of {offered}"),
        Language::Korean => format!("{evidence}, 확인한 버전 {seen}, 제공되는 버전 {offered}"),
    };
    let name = |english, korean| language.pick(english, korean);
    let mut pairs = vec![
        (name("Path", "경로"), operation.path.clone()),
        (name("Title", "제목"), operation.title.clone()),
        (name("Group", "그룹"), group),
        (name("Effect", "효과"), effect),
        (name("Encryption", "암호화"), encryption),
        (name("Evidence", "근거"), evidence),
    ];
    if operation.deprecated {
        let text = language.pick(
            "a newer operation takes its place",
            "새 API로 대체되었습니다.",
        );
        pairs.push((name("Deprecated", "사용 중단"), text.to_owned()));
    }
    pairs
}

fn codes(operation: &Operation, language: Language, layout: Layout) -> String {
    let columns = [
        (language.pick("Code", "코드"), 7),
        (language.pick("Meaning", "의미"), 40),
        (
            language.pick("What it proves about the money", "금액에 대한 증명"),
            0,
        ),
    ];
    let moves_money = operation.outcome.is_some();
    let columns = if moves_money {
        &columns[..]
    } else {
        &[columns[0], (columns[1].0, 0)]
    };
    let mut rows: Vec<_> = operation
        .failures
        .iter()
        .map(|failure| code(failure, true, operation, language))
        .collect();
    for proof in unlisted(operation) {
        let known = spec().code(&proof.code);
        if let Some(example) = known.and_then(|code| code.examples.first()) {
            rows.push(code(example, false, operation, language));
        }
    }
    let mut notes = Vec::new();
    notes.push(if operation.codes_complete {
        language.pick("The list is complete.", "코드 목록은 전체입니다.")
    } else {
        language.pick(
            "The list is not known to be complete.",
            "코드 목록은 일부이며, 다른 코드가 올 수 있습니다.",
        )
    });
    if moves_money {
        notes.push(language.pick(
            "Any other code, and any HTTP status but 400: may have been carried out.",
            "그 밖의 코드, 또는 HTTP 상태가 400이 아닌 응답은 처리되었을 수 있습니다.",
        ));
    }
    let mut notes = notes.join(" ");
    if !operation.unlisted_failures.is_empty() {
        notes.push_str(language.pick(
            "\n\nFailures that the page names without their codes:\n\n- ",
            "\n\n코드 없이 설명된 실패:\n\n- ",
        ));
        notes.push_str(&operation.unlisted_failures.join("\n- "));
    }
    let notes = layout.paragraphs(&notes);
    if rows.is_empty() {
        notes
    } else {
        format!("{}\n{notes}", layout.table(columns, &rows))
    }
}

fn code(
    example: &CodeExample,
    is_listed: bool,
    operation: &Operation,
    language: Language,
) -> Vec<String> {
    let mut meaning = language
        .pick(&example.meaning, &example.meaning_ko)
        .to_owned();
    if !is_listed {
        meaning.push_str(language.pick(
            " (not seen on the page of this operation)",
            " (이 API의 페이지에서는 확인되지 않음)",
        ));
    }
    let mut row = vec![example.code.clone(), meaning];
    if let Some(outcome) = &operation.outcome {
        let proof = outcome.proof(&example.code);
        let proves = proof.map_or(Proves::Failure, |proof| proof.proves);
        let mut cell = proves.text(language).to_owned();
        if let Some(reason) = proof.and_then(|proof| proof.reason.as_ref()) {
            cell = format!("{cell}: {}", language.pick(&reason.en, &reason.ko));
        }
        row.push(cell);
    }
    row
}

fn outcome_pairs(outcome: &Outcome, language: Language) -> Vec<(&'static str, String)> {
    let name = |english, korean| language.pick(english, korean);
    let by = match (outcome.member_acts_with(), language) {
        (None, _) => language.pick("the platform", "플랫폼").to_owned(),
        (Some(field), Language::English) => format!("the member, with {field} of the response"),
        (Some(field), Language::Korean) => format!("회원 (응답의 {field} 이용)"),
    };
    let told = match &outcome.inquiry {
        None => language
            .pick(
                "no operation is known that tells it",
                "확인된 조회 API 없음",
            )
            .to_owned(),
        Some(inquiry) => told_by(inquiry, language),
    };
    let mut pairs = vec![
        (name("Completed by", "완료 주체"), by),
        (name("Told by", "결과 조회"), told),
    ];
    if let Some(reference) = &outcome.reference {
        pairs.push((
            name("KONA finds it by", "KONA 확인 항목"),
            match language {
                Language::English => format!("{reference}, and the correlation id"),
                Language::Korean => format!("{reference}, 상관관계 ID(correlation id)"),
            },
        ));
    }
    if let Some(pending) = &outcome.response.pending {
        pairs.push((
            name("Own response", "응답의 결과"),
            match language {
                Language::English => format!("{pending} is true while the outcome is not known"),
                Language::Korean => format!("결과를 아직 알 수 없으면 {pending}이(가) true입니다."),
            },
        ));
    }
    if let Some(result) = &outcome.response.result {
        pairs.push((
            name("Own response", "응답의 결과"),
            match language {
                Language::English => format!("{result} has the values of the inquiry"),
                Language::Korean => format!("{result}의 값은 조회 결과의 값과 같습니다."),
            },
        ));
    }
    pairs.push((
        name("Taken back by", "취소"),
        match &outcome.cancel {
            Some(cancel) => cancel.clone(),
            None => language
                .pick("no operation is known", "확인된 취소 API 없음")
                .to_owned(),
        },
    ));
    pairs.push((
        name("After a lost response", "응답을 받지 못한 경우"),
        language.pick(&outcome.hint, &outcome.hint_ko).to_owned(),
    ));
    pairs
}

fn told_by(inquiry: &Inquiry, language: Language) -> String {
    let Inquiry {
        operation,
        by,
        field,
        ..
    } = inquiry;
    let or = |words: &[String]| words.join(language.pick(" or ", " 또는 "));
    let completed = or(&inquiry.completed);
    let failed = or(&inquiry.failed);
    let pending = or(&inquiry.pending);
    match language {
        Language::English => format!(
            "{operation}, by {by}: {field} is {completed} when the money has moved, {failed} when \
             it has not, {pending} while that is not known"
        ),
        Language::Korean => format!(
            "{operation} ({by}로 조회). {field}이(가) {completed}이면 금액이 이동한 것이고, \
             {failed}이면 이동하지 않은 것이며, {pending}이면 아직 알 수 없습니다."
        ),
    }
}

fn pages(paging: &Paging, language: Language) -> String {
    let Paging { request, page, .. } = paging;
    let mut text = match language {
        Language::English => format!("{request}.{page} of the request asks for a page, from 0."),
        Language::Korean => {
            format!("요청의 {request}.{page}로 페이지를 지정합니다. 첫 페이지는 0입니다.")
        }
    };
    if let (Some(response), Some(total)) = (&paging.response, &paging.total_pages) {
        text.push_str(&match language {
            Language::English => {
                format!(" {response}.{total} of the response is the number of pages.")
            }
            Language::Korean => format!(" 응답의 {response}.{total}가 전체 페이지 수입니다."),
        });
    }
    if let Some(items) = &paging.items {
        text.push_str(&match language {
            Language::English => format!(" {items} has the list."),
            Language::Korean => format!(" 목록은 {items}에 있습니다."),
        });
    }
    text
}
