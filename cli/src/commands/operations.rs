//! `konaplate operations`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use console::{Alignment, pad_str};
use konaplate_spec::{Effect, Encrypted, Encryption, Language, Operation};
use serde_json::{Value, json};

use crate::catalogue::{alike, spec};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::layout::Layout;

/// How wide the column with ids and summaries is.
const FIRST: usize = 54;

/// Lists operations: what each does, its effect, whether its bodies are encrypted, and how well it
/// is known.
///
/// As JSON it is a list of objects with id, path, group, summary, title (the vendor's), effect
/// (reads, changes, moves-money), encryption (request and response, each true, false or unknown),
/// evidence (page, partial, third-party) and deprecated. The summary is in the language of --lang.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate operations                         # all of them, by group
  konaplate operations recharges               # a group
  konaplate operations token                   # what has the text in id, summary, title or path
  konaplate operations --effect moves-money    # what moves money
  konaplate operations 충전 --lang ko
  konaplate operations members --output json")]
pub struct Arguments {
    /// Name of a group, or else a text in ids, summaries, the vendor's titles and paths.
    #[arg(value_name = "GROUP|TEXT")]
    what: Option<String>,

    /// Only operations of this effect.
    #[arg(long, value_parser = effects())]
    effect: Option<Effect>,
}

fn effects() -> impl clap::builder::TypedValueParser<Value = Effect> {
    PossibleValuesParser::new(Effect::ALL.iter().map(|effect| effect.word()))
        .try_map(|word| Effect::from_word(&word).ok_or("is no effect"))
}

impl Arguments {
    /// Prints the list.
    ///
    /// # Errors
    /// There is no such operation, or nobody takes the list.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let language = context.language;
        let found = self.found()?;
        if context.output.is_text() {
            context.output.text(&text(&found, language))?;
        } else {
            let list = found.iter().map(|operation| entry(operation, language));
            context.output.json(&list.collect())?;
        }
        Ok(Exit::Done)
    }

    fn found(&self) -> Result<Vec<&'static Operation>, Failure> {
        let what = self.what.as_deref();
        let mut found = matching(what);
        if found.is_empty() {
            let cause =
                "operations: there is no group of that name, and no operation with that text";
            return Err(Failure::bad_input(cause).next(suggestion(what.unwrap_or_default())));
        }
        if let Some(effect) = self.effect {
            found.retain(|operation| operation.effect == effect);
            if found.is_empty() {
                let cause = format!("effect: none of the operations found has the effect {effect}");
                return Err(Failure::bad_input(cause).next("leave --effect out to see them"));
            }
        }
        Ok(found)
    }
}

/// The operations of a group, or else those that have the text.
fn matching(what: Option<&str>) -> Vec<&'static Operation> {
    let is_group = |name: &str| spec().groups().iter().any(|group| group.name == name);
    spec()
        .operations()
        .iter()
        .filter(|operation| match what {
            None => true,
            Some(name) if is_group(name) => operation.group == name,
            Some(text) => has(operation, &text.to_lowercase()),
        })
        .collect()
}

/// Whether a text in lower case is in what people know an operation by.
fn has(operation: &Operation, text: &str) -> bool {
    [
        &operation.id,
        &operation.summary,
        &operation.summary_ko,
        &operation.title,
        &operation.path,
    ]
    .iter()
    .any(|known| known.to_lowercase().contains(text))
}

/// Groups and operations that are written alike, or else all groups.
fn suggestion(text: &str) -> String {
    let groups = spec().groups().iter().map(|group| group.name.as_str());
    let ids = spec().operations().iter().map(|found| found.id.as_str());
    let others = groups.clone().chain(ids).filter(|name| *name != text);
    let alike = alike(others, text);
    if alike.is_empty() {
        format!("the groups are {}", groups.collect::<Vec<_>>().join(", "))
    } else {
        format!("did you mean {}?", alike.join(" or "))
    }
}

fn entry(operation: &Operation, language: Language) -> Value {
    json!({
        "id": operation.id,
        "path": operation.path,
        "group": operation.group,
        "summary": language.pick(&operation.summary, &operation.summary_ko),
        "title": operation.title,
        "effect": operation.effect.word(),
        "encryption": {
            "request": operation.encryption.request.word(),
            "response": operation.encryption.response.word(),
        },
        "evidence": operation.evidence.word(),
        "deprecated": operation.deprecated,
    })
}

fn text(found: &[&Operation], language: Language) -> String {
    let layout = Layout::of_terminal();
    let columns = [
        (language.pick("Operation", "API"), FIRST),
        (language.pick("Effect", "효과"), 12),
        (language.pick("Encrypted", "암호화"), 10),
        (language.pick("Evidence", "근거"), 0),
    ];
    let mut text = String::new();
    for group in spec().groups() {
        let rows: Vec<_> = found
            .iter()
            .filter(|operation| operation.group == group.name)
            .map(|operation| row(operation, language))
            .collect();
        if !rows.is_empty() {
            let title = format!("{}  {}", group.name, group.title);
            text.push_str(&layout.section(&title, &layout.table(&columns, &rows)));
            text.push('\n');
        }
    }
    if found.iter().any(|found| is_uncertain(found.encryption)) {
        text.push_str(language.pick(
            "\n?: not known whether it is encrypted",
            "\n?: 암호화 여부 미확인",
        ));
        text.push('\n');
    }
    text.push_str(language.pick(
        "\nkonaplate show <operation> has the fields, the codes and a command to copy.",
        "\nkonaplate show <API>로 필드와 코드, 복사할 수 있는 명령을 확인하십시오.",
    ));
    text.trim_start().to_owned()
}

fn row(operation: &Operation, language: Language) -> Vec<String> {
    let effect = match operation.effect {
        Effect::Reads => language.pick("reads", "조회"),
        Effect::Changes => language.pick("changes", "변경"),
        Effect::MovesMoney => language.pick("moves money", "금액 이동"),
    };
    let mut summary = language
        .pick(&operation.summary, &operation.summary_ko)
        .to_owned();
    if operation.deprecated {
        summary.push_str(language.pick(" (deprecated)", " (사용 중단)"));
    }
    let summary = Layout::of_width(FIRST).paragraphs(&summary);
    vec![
        // As wide in each group, so that their columns stand below each other.
        format!("{:FIRST$}\n{summary}", operation.id),
        padded(effect, 11),
        padded(&encrypted(operation.encryption, language), 10),
        operation.evidence.text(language).to_owned(),
    ]
}

fn padded(text: &str, width: usize) -> String {
    pad_str(text, width, Alignment::Left, None).into_owned()
}

fn is_uncertain(encryption: Encryption) -> bool {
    [encryption.request, encryption.response].contains(&Encrypted::Unknown)
}

/// Which bodies are encrypted, with a question mark where it is not known.
fn encrypted(encryption: Encryption, language: Language) -> String {
    let bodies = [
        (encryption.request, language.pick("request", "요청")),
        (encryption.response, language.pick("response", "응답")),
    ];
    let words: Vec<_> = bodies
        .iter()
        .filter_map(|(encrypted, word)| match encrypted {
            Encrypted::Yes => Some((*word).to_owned()),
            Encrypted::Unknown => Some(format!("{word}?")),
            Encrypted::No => None,
        })
        .collect();
    if words.is_empty() {
        language.pick("no", "없음").to_owned()
    } else {
        words.join(",\n")
    }
}
