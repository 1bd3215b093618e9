//! The variables: which are set, where they are from, and whether they have the form that they need.

use std::path::Path;

use konaplate::ClientBuilder;
use konaplate::credentials::Credentials;
use konaplate_spec::Language;

use super::check::{About, Check, Verdict};
use super::setting::{Need, SETTINGS, Setting};
use crate::bilingual::Bilingual;
use crate::variables::{Source, Variables};

/// Looks at every variable.
pub(super) fn check(variables: &Variables) -> Vec<Check> {
    let has_encryption = SETTINGS.iter().any(|setting| {
        setting.need == Need::Encryption && place(variables, setting.name).is_some()
    });
    let mut checks: Vec<_> = SETTINGS
        .iter()
        .filter_map(|setting| of_one(variables, setting, has_encryption))
        .collect();
    // What is wrong with them together, once each is good.
    if checks.iter().all(|check| check.verdict != Verdict::Wrong) {
        let client = ClientBuilder::from_vars(|name| variables.get(name));
        if let Err(error) = client.and_then(ClientBuilder::build) {
            let finding = Bilingual::new(
                error.to_string(),
                format!("설정이 올바르지 않습니다: {error}"),
            );
            checks.push(wrong("settings", finding).next(Bilingual::new(
                "correct the setting that is named; the others are good",
                "이름이 나온 설정을 수정하십시오. 나머지 설정은 올바릅니다.",
            )));
        }
    }
    checks
}

fn wrong(subject: &str, finding: Bilingual) -> Check {
    Check::new(About::Configuration, subject, Verdict::Wrong, finding)
}

/// Where a setting is from, and whether a file holds it.
fn place(variables: &Variables, name: &str) -> Option<(Source, bool)> {
    let is_set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
    let file = format!("{name}_FILE");
    if is_set(name) {
        Some((variables.source(name)?, false))
    } else if is_set(&file) {
        Some((variables.source(&file)?, true))
    } else {
        None
    }
}

fn of_one(variables: &Variables, setting: &Setting, has_encryption: bool) -> Option<Check> {
    let name = setting.name;
    let Some((source, is_file)) = place(variables, name) else {
        return missing(setting, has_encryption);
    };
    let from = from(&source, is_file);
    if let Err(error) = rule(variables, name) {
        let rule = error.to_string();
        // The name stands before it, in its line.
        let rule = rule
            .split_once(name)
            .map_or(&*rule, |(_, rule)| rule)
            .trim();
        let finding = Bilingual::new(
            format!("{}; {rule}", from.said(Language::English)),
            format!(
                "{} 설정이 올바르지 않습니다: {rule}",
                from.said(Language::Korean)
            ),
        );
        return Some(wrong(name, finding).next(Bilingual::new(
            format!("copy it again from the project's page: {}", setting.english),
            format!(
                "프로젝트 페이지에서 다음 값을 다시 복사하십시오: {}",
                setting.korean
            ),
        )));
    }
    let shared = if setting.is_secret {
        cure_of_shared(variables, name, &source, is_file)
    } else {
        None
    };
    let Some(cure) = shared else {
        return Some(Check::new(About::Configuration, name, Verdict::Good, from));
    };
    let finding = Bilingual::new(
        format!(
            "{}; other users of this machine can read the file",
            from.said(Language::English)
        ),
        format!(
            "{} 이 컴퓨터의 다른 사용자가 그 파일을 읽을 수 있습니다.",
            from.said(Language::Korean)
        ),
    );
    let check = Check::new(About::Configuration, name, Verdict::Warning, finding);
    Some(check.next(Bilingual::new(
        format!("run: {cure}"),
        format!("다음 명령을 실행하십시오: {cure}"),
    )))
}

/// What is said of a setting that is not set, if anything is.
fn missing(setting: &Setting, has_encryption: bool) -> Option<Check> {
    let name = setting.name;
    let finding = Bilingual::new(
        format!("is not set ({})", setting.english),
        format!("설정되지 않았습니다({}).", setting.korean),
    );
    match setting.need {
        Need::Never => None,
        Need::Encryption if !has_encryption => {
            let check = Check::new(About::Configuration, name, Verdict::Warning, finding);
            Some(check.next(Bilingual::new(
                "without it no encrypted operation can be called",
                "이 설정이 없으면 암호화하는 API를 호출할 수 없습니다.",
            )))
        }
        Need::Always | Need::Encryption => Some(wrong(name, finding).next(Bilingual::new(
            format!(
                "set it, or {name}_FILE to the name of a file: in the environment, a .env file or a profile"
            ),
            format!(
                "값을 설정하거나 {name}_FILE에 파일 이름을 지정하십시오. 환경 변수, .env 파일, 프로필 중 한 곳에 설정하면 됩니다."
            ),
        ))),
    }
}

/// Where a setting is from, in words.
fn from(source: &Source, is_file: bool) -> Bilingual {
    let korean = match source {
        Source::Environment => "환경 변수".to_owned(),
        Source::Dotenv(file) => format!("파일 {}", file.display()),
        Source::Profile(name) => format!("프로필 {name}"),
    };
    if is_file {
        Bilingual::new(
            format!("from {source}, which names a file"),
            format!("{korean}에서 가져온 값이며, 파일을 가리킵니다."),
        )
    } else {
        Bilingual::new(
            format!("from {source}"),
            format!("{korean}에서 가져온 값입니다."),
        )
    }
}

/// The command after which only the owner can read the file that a setting is in. None where it is so,
/// or the setting is in no file.
fn cure_of_shared(
    variables: &Variables,
    name: &str,
    source: &Source,
    is_file: bool,
) -> Option<String> {
    match (source, is_file) {
        (_, true) => {
            let file = variables.get(&format!("{name}_FILE"))?;
            is_shared(Path::new(&file)).then(|| format!("chmod 600 \"${name}_FILE\""))
        }
        (Source::Dotenv(file), false) => {
            is_shared(file).then(|| format!("chmod 600 {}", file.display()))
        }
        _ => None,
    }
}

/// The rule that a setting breaks by itself: as the client checks it.
fn rule(variables: &Variables, name: &str) -> Result<(), konaplate::Error> {
    let (of_keys, file) = (
        name.contains("_KEY_ID") || name.contains("_PUBLIC_KEY"),
        format!("{name}_FILE"),
    );
    // Those of a crypto key belong together, and `keys` looks at them. The rest is checked together.
    if of_keys || name.contains("_PRIVATE_KEY") || name.contains("FORMER") {
        return Ok(());
    }
    let only = |asked: &str| {
        let is_it = asked == name || asked == file;
        is_it.then(|| variables.get(asked)).flatten()
    };
    Credentials::from_vars(only).map(drop)
}

/// Whether others than the owner can read a file.
#[cfg(unix)]
fn is_shared(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Not known here.
#[cfg(not(unix))]
fn is_shared(_: &Path) -> bool {
    false
}

/// The bytes of a setting, or of the file that it names. None where it is not set.
///
/// # Errors
/// The file cannot be read.
pub(super) fn bytes_of(variables: &Variables, name: &str) -> Result<Option<Vec<u8>>, Bilingual> {
    match place(variables, name) {
        None => Ok(None),
        Some((_, false)) => Ok(variables.get(name).map(String::into_bytes)),
        Some((_, true)) => {
            let file = variables.get(&format!("{name}_FILE")).unwrap_or_default();
            let bytes = std::fs::read(file).map_err(|error| {
                Bilingual::new(
                    format!("the file that it names cannot be read: {error}"),
                    format!("지정한 파일을 읽을 수 없습니다: {error}"),
                )
            })?;
            Ok(Some(bytes))
        }
    }
}

/// The text of a setting, as the client reads it.
pub(super) fn text_of(variables: &Variables, name: &str) -> Option<String> {
    let bytes = bytes_of(variables, name).ok()??;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}
