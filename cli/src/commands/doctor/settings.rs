//! The variables: which are set, where they are from, and whether they have the form that they need.

use std::path::Path;

use konaplate::ClientBuilder;
use konaplate::credentials::Credentials;

use super::check::{About, Check, Verdict};
use crate::variables::{Source, Variables};

/// A variable.
struct Setting {
    name: &'static str,
    what: &'static str,
    need: Need,
    /// Whether nobody else may read it.
    is_secret: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing goes without.
    Always,
    /// Nothing encrypted goes without.
    Encryption,
    /// It may be missing.
    Never,
}

const fn setting(name: &'static str, what: &'static str, need: Need, is_secret: bool) -> Setting {
    Setting {
        name,
        what,
        need,
        is_secret,
    }
}

const SETTINGS: [Setting; 13] = [
    setting(
        "KONAPLATE_BASE_URL",
        "URL of the platform",
        Need::Always,
        false,
    ),
    setting("KONAPLATE_ASP_ID", "ASP ID", Need::Always, false),
    setting("KONAPLATE_ACCESS_KEY", "access key", Need::Always, true),
    setting("KONAPLATE_SECRET_KEY", "secret key", Need::Always, true),
    setting(
        "KONAPLATE_CRYPTO_KEY_ID",
        "id of the crypto key",
        Need::Encryption,
        false,
    ),
    setting(
        "KONAPLATE_SERVER_PUBLIC_KEY",
        "the platform's public key or certificate",
        Need::Encryption,
        false,
    ),
    setting(
        "KONAPLATE_CLIENT_PRIVATE_KEY",
        "your own private key",
        Need::Encryption,
        true,
    ),
    setting(
        "KONAPLATE_CRYPTO_KEY_ID_2",
        "id of the second crypto key",
        Need::Never,
        false,
    ),
    setting(
        "KONAPLATE_SERVER_PUBLIC_KEY_2",
        "the platform's second public key",
        Need::Never,
        false,
    ),
    setting(
        "KONAPLATE_CLIENT_PRIVATE_KEY_2",
        "your second private key",
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_FORMER_ACCESS_KEY",
        "access key before a rotation",
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_FORMER_SECRET_KEY",
        "secret key before a rotation",
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_ALLOW_PLAIN_HTTP",
        "whether http is allowed",
        Need::Never,
        false,
    ),
];

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
            checks.push(
                wrong("settings", error.to_string())
                    .next("correct the setting that is named; the others are good"),
            );
        }
    }
    checks
}

fn wrong(subject: &str, finding: impl Into<String>) -> Check {
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
        let is_missed = match setting.need {
            Need::Always => true,
            Need::Encryption if has_encryption => true,
            Need::Encryption => {
                let finding = format!("is not set ({})", setting.what);
                let check = Check::new(About::Configuration, name, Verdict::Warning, finding);
                return Some(check.next("without it no encrypted operation can be called"));
            }
            Need::Never => return None,
        };
        return is_missed.then(|| {
            wrong(name, format!("is not set ({})", setting.what)).next(format!(
                "set it, or {name}_FILE to the name of a file: in the environment, a .env file or a profile"
            ))
        });
    };
    let from = if is_file {
        format!("from {source}, which names a file")
    } else {
        format!("from {source}")
    };
    if let Err(error) = rule(variables, name) {
        let rule = error.to_string();
        // The name stands before it, in its line.
        let rule = rule
            .split_once(name)
            .map_or(&*rule, |(_, rule)| rule)
            .trim();
        return Some(wrong(name, format!("{from}; {rule}")).next(format!(
            "copy it again from the project's page: {}",
            setting.what
        )));
    }
    let check = Check::new(About::Configuration, name, Verdict::Good, from.clone());
    if !setting.is_secret {
        return Some(check);
    }
    let shared = match (&source, is_file) {
        (_, true) => {
            let file = variables.get(&format!("{name}_FILE"))?;
            is_shared(Path::new(&file)).then(|| format!("chmod 600 \"${name}_FILE\""))
        }
        (Source::Dotenv(file), false) => {
            is_shared(file).then(|| format!("chmod 600 {}", file.display()))
        }
        _ => None,
    };
    Some(match shared {
        Some(cure) => Check {
            verdict: Verdict::Warning,
            ..check
        }
        .next(format!("run: {cure}"))
        .finding(format!(
            "{from}; other users of this machine can read the file"
        )),
        None => check,
    })
}

impl Check {
    fn finding(mut self, finding: String) -> Self {
        self.finding = finding;
        self
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
pub(super) fn bytes_of(variables: &Variables, name: &str) -> Result<Option<Vec<u8>>, String> {
    match place(variables, name) {
        None => Ok(None),
        Some((_, false)) => Ok(variables.get(name).map(String::into_bytes)),
        Some((_, true)) => {
            let file = variables.get(&format!("{name}_FILE")).unwrap_or_default();
            let bytes = std::fs::read(file)
                .map_err(|error| format!("the file that it names cannot be read: {error}"))?;
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
