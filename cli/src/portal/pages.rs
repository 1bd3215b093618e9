//! Every page, made when it is first asked for and kept.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use konaplate_portal::{File, Site};

use super::fixtures;
use super::stored::Stored;
use crate::catalogue;

/// What every response says, beside a Content-Security-Policy.
const GUARDS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: a form would then be sent with `Origin: null`, which the sandbox refuses.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Kept, and asked about each time: another version of the program has other pages.
    (header::CACHE_CONTROL, "no-cache"),
];

/// The pages of a sandbox.
#[derive(Debug)]
pub(super) struct Pages {
    site: Site<'static>,
    /// By path, without a slash before it.
    files: BTreeMap<String, OnceLock<Option<Stored>>>,
}

impl Pages {
    pub(super) fn of_sandbox() -> Self {
        let site = Site::of_sandbox(catalogue::spec());
        let mut paths = site.paths();
        paths.insert(fixtures::PATH.to_owned());
        Self {
            site,
            files: paths
                .into_iter()
                .map(|path| (path, OnceLock::new()))
                .collect(),
        }
    }

    /// What there is at an address.
    pub(super) fn respond(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let path = uri.path().trim_start_matches('/');
        if let Some(file) = self.file(path) {
            return guarded(file.respond(headers), file.policy());
        }
        if self.files.contains_key(&format!("{path}/")) {
            return guarded(redirect(path, uri.query()), konaplate_portal::POLICY);
        }
        missing(self.site.missing(path))
    }

    fn file(&self, path: &str) -> Option<&Stored> {
        let file = self.files.get(path)?;
        file.get_or_init(|| self.made(path).map(Stored::new))
            .as_ref()
    }

    fn made(&self, path: &str) -> Option<File> {
        match path {
            fixtures::PATH => Some(fixtures::file()),
            path => self.site.file(path),
        }
    }
}

/// What is shown where there is nothing. It differs by path, and is not kept.
fn missing(file: File) -> Response {
    let mut response = Response::new(Body::from(file.body));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let content_type = HeaderValue::from_static(file.content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    guarded(response, file.policy)
}

/// To the same path with a slash behind it.
fn redirect(path: &str, query: Option<&str>) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    // The path is one of those that there are: it does not begin with another host.
    if let Ok(to) = HeaderValue::from_str(&format!("/{path}/{query}")) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// With what keeps a page to itself.
pub(super) fn guarded(mut response: Response, policy: &'static str) -> Response {
    let headers = response.headers_mut();
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_static(policy);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
