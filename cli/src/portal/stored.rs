//! A file as it is sent: as it is or as gzip, with a tag for either.

use std::io::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use konaplate_portal::File;

use super::conditions::{has, takes_gzip};

/// How much smaller a file has to become to be sent as gzip, in bytes.
const WORTH: usize = 128;

/// A file, with what is sent of it.
#[derive(Debug)]
pub(super) struct Stored {
    content_type: &'static str,
    policy: &'static str,
    plain: Form,
    /// None where it would not be much smaller.
    gzip: Option<Form>,
}

/// The bytes of a file in one encoding, and their strong tag.
#[derive(Debug)]
struct Form {
    body: Bytes,
    tag: String,
}

impl Form {
    fn new(body: Vec<u8>) -> Self {
        let hash = digest(&SHA256, &body);
        let hex = |byte: &u8| format!("{byte:02x}");
        let tag: String = hash.as_ref()[..16].iter().map(hex).collect();
        Self {
            body: body.into(),
            tag: format!("\"{tag}\""),
        }
    }
}

impl Stored {
    pub(super) fn new(file: File) -> Self {
        let gzip = gzip(&file.body).filter(|gzip| gzip.len() + WORTH <= file.body.len());
        Self {
            content_type: file.content_type,
            policy: file.policy,
            plain: Form::new(file.body),
            gzip: gzip.map(Form::new),
        }
    }

    pub(super) fn policy(&self) -> &'static str {
        self.policy
    }

    /// The file for a request with these headers, or that it has it.
    pub(super) fn respond(&self, request: &HeaderMap) -> Response {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(request));
        let form = gzip.unwrap_or(&self.plain);
        let mut response = Response::new(Body::empty());
        let has_it = has(request, &form.tag);
        if has_it {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            *response.body_mut() = form.body.clone().into();
        }
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&form.tag) {
            headers.insert(header::ETAG, tag);
        }
        let varies = HeaderValue::from_static("accept-encoding");
        headers.insert(header::VARY, varies);
        if !has_it {
            let content_type = HeaderValue::from_static(self.content_type);
            headers.insert(header::CONTENT_TYPE, content_type);
            if gzip.is_some() {
                let encoding = HeaderValue::from_static("gzip");
                headers.insert(header::CONTENT_ENCODING, encoding);
            }
        }
        response
    }
}

/// None cannot be: what is written is in memory.
fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
