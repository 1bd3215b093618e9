//! Settings by the names of environment variables: from the environment, a `.env` file, and a profile.
//!
//! The environment wins over the file, and the file over the profile. A profile is a table of
//! `config.toml` in the folder of this program's configuration (`$XDG_CONFIG_HOME/konaplate`,
//! `~/.config/konaplate`, or what the system has for it):
//!
//! ```toml
//! [profile.staging]
//! KONAPLATE_BASE_URL = "https://…"
//! KONAPLATE_SECRET_KEY_FILE = "/etc/konaplate/secret"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use etcetera::BaseStrategy as _;
use serde::Deserialize;

use crate::failure::Failure;

/// Where settings come from, beside the environment.
#[derive(Debug, Clone, Default, Args)]
pub struct Sources {
    /// File of variables, NAME=value a line; by default .env in this folder, if there is one.
    #[arg(long, global = true, value_name = "FILE", env = "KONAPLATE_DOTENV")]
    pub dotenv: Option<PathBuf>,

    /// Profile in the configuration file, such as staging.
    #[arg(long, global = true, value_name = "NAME", env = "KONAPLATE_PROFILE")]
    pub profile: Option<String>,
}

/// Settings by the names of environment variables. Shows no value.
#[derive(Clone, Default)]
pub struct Variables {
    /// Those of the file and the profile, each with where it is from.
    given: BTreeMap<String, (String, Source)>,
}

/// Where a setting is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The environment of the process.
    Environment,
    /// A file of variables.
    Dotenv(PathBuf),
    /// A profile of the configuration file.
    Profile(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("the environment"),
            Self::Dotenv(file) => write!(f, "{}", file.display()),
            Self::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

/// The configuration file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    #[serde(default)]
    profile: BTreeMap<String, BTreeMap<String, String>>,
}

impl Variables {
    /// Reads the sources.
    ///
    /// # Errors
    /// A file that was named cannot be read or is not what it should be, or the profile is not there.
    pub fn read(sources: &Sources) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        if let Some(name) = &sources.profile {
            let file = configuration_file();
            for (variable, value) in profile(file.as_deref(), name)? {
                given.insert(variable, (value, Source::Profile(name.clone())));
            }
        }
        let default = Path::new(".env");
        let file = match &sources.dotenv {
            Some(file) => Some(file.as_path()),
            None => default.exists().then_some(default),
        };
        if let Some(file) = file {
            for (variable, value) in dotenv(file)? {
                given.insert(variable, (value, Source::Dotenv(file.to_owned())));
            }
        }
        Ok(Self { given })
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.find(name).map(|(value, _)| value)
    }

    /// Where a variable is from, if it is set.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<Source> {
        self.find(name).map(|(_, source)| source)
    }

    fn find(&self, name: &str) -> Option<(String, Source)> {
        // `X` and `X_FILE` are one setting: what a stronger source says of one hides both of a weaker.
        let other = name
            .strip_suffix("_FILE")
            .map_or_else(|| format!("{name}_FILE"), str::to_owned);
        if let Ok(value) = std::env::var(name) {
            return Some((value, Source::Environment));
        }
        let (value, source) = self.given.get(name)?;
        let is_hidden = std::env::var_os(&other).is_some()
            || self.given.get(&other).is_some_and(|(_, by)| {
                matches!(source, Source::Profile(_)) && matches!(by, Source::Dotenv(_))
            });
        (!is_hidden).then(|| (value.clone(), source.clone()))
    }
}

/// Shows names and sources only.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.given.iter().map(|(name, (_, source))| (name, source));
        f.debug_map().entries(sources).finish()
    }
}

/// Where the configuration file is looked for.
#[must_use]
pub fn configuration_file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("konaplate").join("config.toml"))
}

fn profile(file: Option<&Path>, name: &str) -> Result<BTreeMap<String, String>, Failure> {
    let file = file.ok_or_else(|| Failure::bad_input("profile: there is no home directory"))?;
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::bad_input(format!("profile: cannot read {shown}: {error}")).next(format!(
            "write [profile.{name}] into it, with the variables of the README"
        ))
    })?;
    // The message alone: the error shows the line, and a key may be in it.
    let mut configuration: Configuration = toml::from_str(&text)
        .map_err(|error| Failure::bad_input(format!("{shown}: {}", error.message())))?;
    configuration.profile.remove(name).ok_or_else(|| {
        let names: Vec<_> = configuration.profile.keys().map(String::as_str).collect();
        Failure::bad_input(format!("profile: {shown} has no [profile.{name}]"))
            .next(format!("it has: {}", names.join(", ")))
    })
}

fn dotenv(file: &Path) -> Result<Vec<(String, String)>, Failure> {
    let shown = file.display();
    let wrong = |why: String| Failure::bad_input(format!("dotenv: {shown}: {why}"));
    let lines = dotenvy::from_path_iter(file).map_err(|error| wrong(error.to_string()))?;
    lines
        .enumerate()
        .map(|(place, line)| {
            line.map_err(|error| match error {
                // Its own words repeat the line, and a key may be in it.
                dotenvy::Error::LineParse(..) => {
                    wrong(format!("setting {} is not NAME=value", place + 1))
                }
                other => wrong(other.to_string()),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[test]
    fn a_file_of_variables_is_read_as_shells_write_it() {
        let (_folder, file) = file("a.env", "# keys\nKONAPLATE_A='x y'\nexport KONAPLATE_B=z\n");
        let sources = Sources {
            dotenv: Some(file.clone()),
            profile: None,
        };
        let variables = Variables::read(&sources).unwrap();
        assert_eq!(variables.get("KONAPLATE_A").as_deref(), Some("x y"));
        assert_eq!(variables.get("KONAPLATE_B").as_deref(), Some("z"));
        assert_eq!(variables.source("KONAPLATE_B"), Some(Source::Dotenv(file)));
        assert!(!format!("{variables:?}").contains("x y"));
    }

    #[test]
    fn a_line_that_is_none_is_not_repeated() {
        let (_folder, file) = file("a.env", "KONAPLATE_A=ok\nsecret secret\n");
        let sources = Sources {
            dotenv: Some(file),
            profile: None,
        };
        let why = Variables::read(&sources).unwrap_err().to_string();
        assert!(why.ends_with("setting 2 is not NAME=value"), "{why}");
    }

    #[test]
    fn a_profile_is_a_table_of_the_configuration() {
        let (_folder, file) = file(
            "config.toml",
            "[profile.staging]\nKONAPLATE_ASP_ID = \"000170000000000\"\n[profile.other]\n",
        );
        let found = profile(Some(&file), "staging").unwrap();
        assert_eq!(found["KONAPLATE_ASP_ID"], "000170000000000");
        let why = profile(Some(&file), "live").unwrap_err().to_string();
        assert!(why.contains("has no [profile.live]"), "{why}");
        assert!(why.ends_with("it has: other, staging"), "{why}");
    }

    #[test]
    fn what_is_no_configuration_is_not_repeated() {
        let (_folder, file) = file(
            "config.toml",
            "[profile.a]\nKONAPLATE_SECRET_KEY = s3cr3t\n",
        );
        let why = profile(Some(&file), "a").unwrap_err().to_string();
        assert!(!why.contains("s3cr3t"), "{why}");
    }

    #[test]
    fn a_file_of_a_stronger_source_hides_the_value_of_a_weaker_one() {
        let of = |pairs: &[(&str, Source)]| {
            let given = pairs
                .iter()
                .map(|(name, source)| ((*name).to_owned(), ("v".to_owned(), source.clone())));
            Variables {
                given: given.collect(),
            }
        };
        let weaker = Source::Profile("p".to_owned());
        let stronger = Source::Dotenv(".env".into());
        let both = of(&[
            ("KONAPLATE_K", weaker.clone()),
            ("KONAPLATE_K_FILE", stronger.clone()),
        ]);
        assert_eq!(both.get("KONAPLATE_K"), None);
        assert!(both.get("KONAPLATE_K_FILE").is_some());
        let both = of(&[("KONAPLATE_K", stronger), ("KONAPLATE_K_FILE", weaker)]);
        assert!(both.get("KONAPLATE_K").is_some());
        assert_eq!(both.get("KONAPLATE_K_FILE"), None);
    }
}
