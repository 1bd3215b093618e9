//! What changed since an older bundle, and whom it breaks.
//!
//! Both bundles are compared as typed values: operations and codes in [`operations`], schemas and
//! headers in [`schemas`]. What the values do not hold and other generators read is in [`rest`].
//! Breaking is what can break a caller's code or refuse what was accepted: the types that
//! generators make count, not only the wire. Each change says whom it breaks.

mod change;
mod older;
mod operations;
mod rest;
mod schemas;

use anyhow::{Context, Result, bail};
use konaplate_spec::{Code, Spec};

use self::change::{Changes, Class};
use self::older::Older;
use crate::bundle::BUNDLE;
use crate::{at_root, files};

/// Compares the bundle with an older one: that of a file or a revision, or of the newest release.
pub(crate) fn run(old: Option<&str>, check: bool) -> Result<()> {
    let Some(older) = Older::find(&at_root("."), old)? else {
        println!(
            "there is no tag v*, so nothing was released and there is nothing to compare with; \
             `cargo xtask diff REVISION` compares with any commit"
        );
        return Ok(());
    };
    let (name, old) = (&older.name, older.spec()?);
    let new = Spec::from_yaml(&files::read(&at_root(BUNDLE))?)?;
    let changes = changes(&old, &new);
    println!("since {name}");
    print!("{}", changes.report());
    let (was, is) = (version(&old)?, version(&new)?);
    if check && changes.is_breaking() && !raised(was, is) {
        bail!(
            "breaking changes since version {}: raise info.version in openapi/src/root.yaml to {}",
            dotted(was),
            dotted(next(was))
        );
    }
    Ok(())
}

/// The newest tag `v*`.
///
/// # Errors
/// Git cannot say it.
pub(crate) fn newest_release() -> Result<Option<String>> {
    older::newest_tag(&at_root("."))
}

/// A change that breaks somebody.
#[derive(Debug)]
pub(crate) struct Breaking {
    /// An operation's id, `schema Name`, `header NAME` or `code 007_001`.
    pub(crate) place: String,
    /// As the report has it.
    pub(crate) line: String,
}

/// The newest release, and what breaks since; nothing where nothing was released.
///
/// # Errors
/// Its bundle is none, or has another form.
pub(crate) fn breaking() -> Result<Option<(String, Vec<Breaking>)>> {
    let Some(older) = Older::find(&at_root("."), None)? else {
        return Ok(None);
    };
    let new = Spec::from_yaml(&files::read(&at_root(BUNDLE))?)?;
    let changes = changes(&older.spec()?, &new);
    let breaking = changes.breaking().map(|change| Breaking {
        place: change.place.clone(),
        line: change.to_string(),
    });
    Ok(Some((older.name.clone(), breaking.collect())))
}

fn changes(old: &Spec, new: &Spec) -> Changes {
    let mut changes = Changes::default();
    operations::compare(&mut changes, old, new);
    schemas::compare(&mut changes, old, new);
    rest::compare(&mut changes, old, new);
    unnamed(&mut changes, old, new);
    changes
}

/// Values that differ, and of which no rule said anything. Nobody has judged them.
fn unnamed(changes: &mut Changes, old: &Spec, new: &Spec) {
    let mut places = Vec::new();
    for (was, is) in operations::pairs(old, new) {
        if was != is {
            places.push(is.id.clone());
        }
    }
    for schema in old.schemas() {
        let other = new.find_schema(&schema.name);
        if other.is_some_and(|other| other != schema) {
            places.push(format!("schema {}", schema.name));
        }
    }
    for code in old.codes() {
        // Which operations list it is said of these.
        let own = |code: &Code| (code.name.clone(), code.class, code.examples.clone());
        if new
            .code(&code.code)
            .is_some_and(|other| own(other) != own(code))
        {
            places.push(format!("code {}", code.code));
        }
    }
    for header in old.headers() {
        let mut others = new.headers().iter();
        if others.any(|other| other.name == header.name && other != header) {
            places.push(format!("header {}", header.name));
        }
    }
    for place in places {
        if !changes.has(&place) {
            let text = "differs; taken as breaking, since no rule of ours says in what";
            changes.add(Class::RUST, place, text);
        }
    }
}

type Version = (u64, u64, u64);

fn version(spec: &Spec) -> Result<Version> {
    let text = spec.version();
    let numbers: Vec<u64> = text
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| format!("info.version {text} is not three numbers"))?;
    match numbers[..] {
        [major, minor, patch] => Ok((major, minor, patch)),
        _ => bail!("info.version {text} is not three numbers"),
    }
}

fn dotted((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// The least version that may break callers of this one.
fn next((major, minor, _): Version) -> Version {
    if major == 0 {
        (0, minor + 1, 0)
    } else {
        (major + 1, 0, 0)
    }
}

fn raised(old: Version, new: Version) -> bool {
    new >= next(old)
}

#[cfg(test)]
mod diff_sees_everything;
#[cfg(test)]
mod tests;
