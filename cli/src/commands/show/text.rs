//! An operation as text.

use konaplate_spec::{CodeExample, Language, Operation};

use super::command::command;
use super::fields;
use crate::catalogue::spec;
use crate::layout::Layout;
use crate::output::{STRONG, styled};

/// The whole of it, section by section.
pub(super) fn text(operation: &Operation, language: Language, layout: Layout) -> String {
    let summary = language.pick(&operation.summary, &operation.summary_ko);
    let mut text = format!("{}  {summary}\n\n", styled(STRONG, &operation.id));
    text.push_str(&layout.pairs(&operation.facts(spec(), language)));
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
        let pairs = outcome.facts(language);
        section(language.pick("Outcome", "처리 결과"), &layout.pairs(&pairs));
    }
    if let Some(paging) = &operation.paging {
        section(
            language.pick("Pages", "페이지"),
            &layout.paragraphs(&paging.text(language)),
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
    let rows: Vec<_> = operation
        .known_failures(spec())
        .map(|(failure, is_listed)| code(failure, is_listed, operation, language))
        .collect();
    let mut notes = operation.codes_text(language);
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
        let mut cell = outcome.proves(&example.code).text(language).to_owned();
        if let Some(reason) = proof.and_then(|proof| proof.reason.as_ref()) {
            cell = format!("{cell}: {}", language.pick(&reason.en, &reason.ko));
        }
        row.push(cell);
    }
    row
}
