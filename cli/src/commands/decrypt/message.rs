//! The JWE in a body.

use konaplate::protocol::envelope::Document;

use crate::failure::Failure;

/// The JWE of an envelope, or the body itself.
///
/// # Errors
/// The body is neither.
pub(super) fn of_body(body: &[u8]) -> Result<String, Failure> {
    let wrong = |cause: &str, next: &str| Failure::bad_input(format!("body: {cause}")).next(next);
    let text = std::str::from_utf8(body).map_err(|_| {
        wrong(
            "is not UTF-8",
            "give the envelope {\"encData\": …} or the JWE as it came",
        )
    })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(wrong("is empty", "give the envelope {\"encData\": …}"));
    }
    if !text.starts_with(['{', '[', '"']) {
        return Ok(text.to_owned());
    }
    let document = Document::parse(text.as_bytes()).ok_or_else(|| {
        wrong(
            "is no JSON object, or has encData twice",
            "give the envelope as it came, all of it",
        )
    })?;
    if let Some(jwe) = document.enc_data() {
        return Ok(jwe.to_owned());
    }
    // The JSON serializations of RFC 7516, 7.2, which the platform does not have.
    if document.members().contains_key("ciphertext") {
        return Err(wrong(
            "is a JWE as JSON",
            "write it as five parts with full stops between them (compact serialization)",
        ));
    }
    let is_response = document.status().is_some();
    Err(wrong(
        "has no encData that is text",
        if is_response {
            "it is a response that is not encrypted: read it as it is"
        } else {
            "it is not encrypted: read it as it is"
        },
    ))
}
