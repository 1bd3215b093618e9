//! Styles, scripts and pictures.

use crate::{File, POLICY};

struct Asset {
    path: &'static str,
    content_type: &'static str,
    body: &'static [u8],
    /// Whether it is of no use without a sandbox.
    of_sandbox: bool,
}

macro_rules! asset {
    ($name:literal, $content_type:literal) => {
        asset!($name, $content_type, false)
    };
    ($name:literal, $content_type:literal, $of_sandbox:literal) => {
        Asset {
            path: concat!("assets/", $name),
            content_type: $content_type,
            body: include_bytes!(concat!("../assets/", $name)),
            of_sandbox: $of_sandbox,
        }
    };
}

const ASSETS: &[Asset] = &[
    asset!("icon.svg", "image/svg+xml"),
    asset!("reference.css", "text/css; charset=utf-8"),
    asset!("reference.js", "text/javascript; charset=utf-8"),
    asset!(
        "vendor/redoc/redoc.standalone.js",
        "text/javascript; charset=utf-8"
    ),
    asset!("vendor/redoc/LICENSE", "text/plain; charset=utf-8"),
    asset!("site.css", "text/css; charset=utf-8"),
    asset!("site.js", "text/javascript; charset=utf-8"),
    asset!("snippets.js", "text/javascript; charset=utf-8"),
    asset!("theme.js", "text/javascript; charset=utf-8"),
    asset!("try.js", "text/javascript; charset=utf-8", true),
    asset!("fresh.js", "text/javascript; charset=utf-8", true),
    asset!("gateway.js", "text/javascript; charset=utf-8", true),
    asset!("json.js", "text/javascript; charset=utf-8", true),
    asset!("sandbox/control.js", "text/javascript; charset=utf-8", true),
    asset!("sandbox/trace.js", "text/javascript; charset=utf-8", true),
    asset!(
        "sandbox/requests.js",
        "text/javascript; charset=utf-8",
        true
    ),
    asset!("sandbox/ledger.js", "text/javascript; charset=utf-8", true),
    asset!("sandbox/faults.js", "text/javascript; charset=utf-8", true),
    asset!("sandbox/clock.js", "text/javascript; charset=utf-8", true),
    asset!(
        "sandbox/callbacks.js",
        "text/javascript; charset=utf-8",
        true
    ),
];

fn all(is_served: bool) -> impl Iterator<Item = &'static Asset> {
    ASSETS
        .iter()
        .filter(move |asset| is_served || !asset.of_sandbox)
}

/// The paths of all of them.
pub(crate) fn paths(is_served: bool) -> impl Iterator<Item = &'static str> {
    all(is_served).map(|asset| asset.path)
}

pub(crate) fn find(path: &str, is_served: bool) -> Option<File> {
    let asset = all(is_served).find(|asset| asset.path == path)?;
    Some(File {
        content_type: asset.content_type,
        body: asset.body.to_vec(),
        policy: POLICY,
    })
}
