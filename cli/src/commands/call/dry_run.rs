//! What a call would send, without sending it.
//!
//! It is made of the parts that the client makes its requests of, and opens no connection.

use std::time::SystemTime;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use konaplate::credentials::CryptoKey;
use konaplate::protocol::{MessageForm, RequestSigner, SigningKey, TimeZone, Timestamp};
use konaplate::{CorrelationId, Encrypted};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::{Target, mask};
use crate::commands::protocol::keys;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{FAINT, STRONG, styled};

/// What of a call is said by its arguments.
pub(super) struct Draft<'a> {
    pub(super) target: &'a Target,
    pub(super) base_url: &'a str,
    pub(super) body: &'a Value,
    pub(super) correlation_id: Option<CorrelationId>,
    pub(super) encrypt: Option<bool>,
    pub(super) headers: &'a [(HeaderName, HeaderValue)],
}

/// A request that is ready to be sent.
struct Request {
    headers: HeaderMap,
    plaintext: Vec<u8>,
    encrypted: Option<Vec<u8>>,
}

impl Draft<'_> {
    /// Prints the request.
    ///
    /// # Errors
    /// A crypto key is needed and not there.
    pub(super) fn print(&self, context: &Context, expose: bool) -> Result<Exit, Failure> {
        let request = self.request(context)?;
        let url = format!("{}{}", self.base_url, self.target.path());
        let plaintext = match expose {
            true => self.body.clone(),
            false => mask::masked(self.target.request_schema(), self.body),
        };
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), shown(value, expose)))
            .collect();
        // Only what is encrypted can be shown as it goes out without being exposed.
        let sent = match &request.encrypted {
            Some(body) => Some(body),
            None => expose.then_some(&request.plaintext),
        };
        let sent = sent.map(|body| String::from_utf8_lossy(body).into_owned());
        if context.output.is_text() {
            let width = headers.iter().map(|(name, _)| name.len()).max();
            let width = width.unwrap_or_default();
            let mut text = styled(STRONG, &format!("POST {url}"));
            for (name, value) in &headers {
                text.push_str(&format!("\n{name:width$}  {value}"));
            }
            text.push_str(&format!(
                "\n\n{}\n{plaintext:#}\n\n",
                styled(FAINT, "plaintext")
            ));
            match (&request.encrypted, sent) {
                (Some(_), Some(sent)) => {
                    text.push_str(&format!("{}\n{sent}", styled(FAINT, "body, encrypted")));
                }
                (_, Some(sent)) => {
                    text.push_str(&format!("{}\n{sent}", styled(FAINT, "body, not encrypted")));
                }
                _ => {
                    let bytes = request.plaintext.len();
                    let line = format!("body, not encrypted: the plaintext, {bytes} bytes");
                    text.push_str(&styled(FAINT, &line));
                }
            }
            context.output.text(&text)?;
        } else {
            let headers: Map<_, _> = headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect();
            context.output.json(&json!({
                "operation": self.target.operation.map(konaplate::Operation::id),
                "method": "POST",
                "url": url,
                "headers": headers,
                "plaintext": plaintext,
                "encrypted": request.encrypted.is_some(),
                "body": sent,
            }))?;
        }
        anstream::eprintln!("{}", styled(FAINT, "dry run: nothing was sent"));
        Ok(Exit::Done)
    }

    /// Encrypts where that is to be, and signs what goes out, as the client does.
    fn request(&self, context: &Context) -> Result<Request, Failure> {
        let operation = self.target.operation;
        let encrypts = self.encrypt.unwrap_or_else(|| {
            operation.is_some_and(|operation| operation.request_encrypted() == Encrypted::Yes)
        });
        let response = operation.map_or(Encrypted::Unknown, |it| it.response_encrypted());
        let key = crypto_key(context)?;
        if key.is_none() && (encrypts || response == Encrypted::Yes) {
            let cause = "KONAPLATE_CRYPTO_KEY_ID: is not set, and the operation is encrypted";
            return Err(Failure::bad_input(cause).next("konaplate doctor checks the settings"));
        }
        let key = key.filter(|_| encrypts || response != Encrypted::No);
        let plaintext = self.body.to_string().into_bytes();
        let encrypted = match key.as_ref().filter(|_| encrypts) {
            Some(key) => Some(key.encrypt(&plaintext).map_err(wrong("body"))?),
            None => None,
        };
        let secret = text(context, keys::SECRET_KEY)?;
        let signer = RequestSigner {
            asp_id: &header(&text(context, "KONAPLATE_ASP_ID")?)?,
            access_key: Some(&header(&text(context, keys::ACCESS_KEY)?)?),
            crypto_key_id: key.as_ref().map(CryptoKey::id),
            zone: TimeZone::default(),
            key: &SigningKey::new(&secret).map_err(wrong("KONAPLATE_SECRET_KEY"))?,
            form: MessageForm::default(),
        };
        let timestamp = Timestamp::new(SystemTime::now(), signer.zone);
        let id = self
            .correlation_id
            .unwrap_or_else(|| CorrelationId::fresh(signer.zone));
        let body = encrypted.as_ref().unwrap_or(&plaintext);
        let mut headers = signer.sign(timestamp, id, body);
        for (name, value) in self.headers {
            // Of what somebody adds nothing is known.
            let mut value = value.clone();
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        Ok(Request {
            headers,
            plaintext,
            encrypted,
        })
    }
}

/// The value of a header, or what can be said of a secret one.
fn shown(value: &HeaderValue, expose: bool) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if value.is_sensitive() && !expose {
        return format!("[{} characters]", text.chars().count());
    }
    text.into_owned()
}

/// The key that requests are encrypted with, if there is one. The client has checked the settings.
fn crypto_key(context: &Context) -> Result<Option<CryptoKey>, Failure> {
    let id = text(context, "KONAPLATE_CRYPTO_KEY_ID")?;
    if id.is_empty() {
        return Ok(None);
    }
    let key = CryptoKey::new(&id).map_err(wrong("KONAPLATE_CRYPTO_KEY_ID"))?;
    let public = keys::public_key(&context.variables, None)?;
    Ok(Some(key.encrypt_with(public)))
}

/// A setting of text; empty where it is not set.
fn text(context: &Context, name: &str) -> Result<Zeroizing<String>, Failure> {
    Ok(keys::setting_text(&context.variables, name)?.unwrap_or_default())
}

fn header(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text).map_err(wrong("project_keys"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn wrong<E: std::fmt::Display>(setting: &str) -> impl Fn(E) -> Failure {
    move |error| Failure::bad_input(format!("{setting}: {error}"))
}
