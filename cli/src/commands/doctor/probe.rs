//! One call of an operation that only reads, made in a way that the client may not have.

use std::time::{Duration, SystemTime};

use konaplate::CorrelationId;
use konaplate::protocol::envelope::{self, Document};
use konaplate::protocol::{
    ContentEncryption, KeyWrapping, OaepHash, RequestSigner, SigningKey, Timestamp, headers,
    jose_header,
};
use konaplate_spec::{Effect, Encrypted, Operation};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::{Map, Value};

use super::observation::{Came, Encryption, Observation, Response, ResponseId};
use super::project::Project;
use super::redact;
use super::variant::Variant;
use crate::catalogue;
use crate::failure::Failure;

/// What is read of a response; none that is probed is longer.
const MOST_BYTES: usize = 4 << 20;
/// Signs as nobody's key does.
const FOREIGN_SECRET: &str = "konaplate doctor: no key of anybody";
/// The field that nobody described.
const UNKNOWN_FIELD: &str = "konaplateDoctor";

/// An operation that only reads, and what it is asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) operation: &'static Operation,
    fields: Map<String, Value>,
}

impl Question {
    /// Asks an operation.
    ///
    /// # Errors
    /// The description says that it does more than to read: it is not called then.
    pub(super) fn new(
        operation: &str,
        fields: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Result<Self, Failure> {
        let operation = catalogue::operation(operation)?;
        if operation.effect != Effect::Reads {
            let id = &operation.id;
            let cause = format!("doctor: {id} does more than to read, and is not called");
            return Err(Failure::bad_input(cause));
        }
        let fields = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Ok(Self {
            operation,
            fields: fields.collect(),
        })
    }

    /// Whether its request is encrypted; plain where the description does not know, as the client
    /// has it.
    pub(super) fn is_encrypted(&self) -> bool {
        self.operation.encryption.request == Encrypted::Yes
    }
}

/// Makes calls, one at a time.
#[derive(Debug)]
pub(super) struct Prober {
    pub(super) project: Project,
    pub(super) http: reqwest::Client,
    /// How many seconds the platform's clock is ahead of this machine's.
    pub(super) ahead: i64,
}

impl Prober {
    /// Makes a call.
    pub(super) async fn call(&self, question: &Question, variant: Variant) -> Observation {
        let (body, headers, id) = match self.request(question, variant) {
            Ok(request) => request,
            Err(why) => return Observation::not_sent(question.operation, variant, why),
        };
        let url = format!(
            "{}{}",
            self.project.url.as_str().trim_end_matches('/'),
            question.operation.path
        );
        let request_headers = redact::headers(&headers);
        let sent = self.http.post(url).headers(headers).body(body).send();
        let came = match sent.await {
            Ok(response) => self.read(response, id).await,
            Err(error) => Err(konaplate::error::root_cause(&error)),
        };
        Observation {
            operation: question.operation,
            variant,
            is_encrypted: question.is_encrypted(),
            request_headers,
            came: match came {
                Ok(response) => Came::Response(Box::new(response)),
                Err(why) => Came::Nothing(why),
            },
        }
    }

    /// Body and headers of a call, and its id.
    fn request(
        &self,
        question: &Question,
        variant: Variant,
    ) -> Result<(Vec<u8>, HeaderMap, CorrelationId), String> {
        let mut fields = question.fields.clone();
        if variant.has_unknown_field {
            fields.insert(UNKNOWN_FIELD.to_owned(), "1".into());
        }
        let mut body = Value::Object(fields).to_string().into_bytes();
        let crypto = self.project.crypto.as_ref();
        if question.is_encrypted() {
            let crypto = crypto.ok_or("there is no crypto key")?;
            let jwe = crypto
                .server
                .encrypt_with(variant.hash, variant.content, &body)
                .map_err(|error| error.to_string())?;
            body = envelope::encrypted(&jwe);
        }
        let foreign_key = HeaderValue::from_static("0000000-00000000000000000000000000000000");
        let foreign = SigningKey::new(FOREIGN_SECRET).map_err(|rule| rule.to_string())?;
        let signer = RequestSigner {
            asp_id: &self.project.asp_id,
            access_key: Some(if variant.is_foreign_key {
                &foreign_key
            } else {
                &self.project.access_key
            }),
            crypto_key_id: crypto.map(|crypto| &crypto.id),
            zone: variant.zone,
            key: if variant.is_foreign_token {
                &foreign
            } else {
                &self.project.signing
            },
            form: variant.form,
        };
        let shift = self.ahead + variant.shift;
        let apart = Duration::from_secs(shift.unsigned_abs());
        let now = SystemTime::now();
        let time = if shift < 0 { now - apart } else { now + apart };
        let id = CorrelationId::fresh(variant.zone);
        let headers = signer.sign(Timestamp::new(time, variant.zone), id, &body);
        Ok((body, headers, id))
    }

    async fn read(
        &self,
        mut response: reqwest::Response,
        id: CorrelationId,
    ) -> Result<Response, String> {
        let status = response.status().as_u16();
        let received = response.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| konaplate::error::root_cause(&error))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_BYTES {
                return Err("the response is too long".to_owned());
            }
        }
        let document = Document::read(&body).map(|(document, _)| document);
        let jwe = document.as_ref().and_then(Document::enc_data);
        let (encryption, document) = match jwe {
            None => (None, document),
            Some(jwe) => {
                let (encryption, decrypted) = self.decrypt(jwe);
                (Some(encryption), decrypted)
            }
        };
        let code = document.as_ref().and_then(Document::status);
        let code = code.map(|status| redact::code(status.code));
        Ok(Response {
            status,
            id: match received.get(headers::CORRELATION_ID) {
                None => ResponseId::Missing,
                Some(value) if value.as_bytes() == id.as_str().as_bytes() => ResponseId::OfRequest,
                Some(_) => ResponseId::Other,
            },
            has_retry_after: received.contains_key(RETRY_AFTER),
            headers: redact::headers(&received),
            encryption,
            code,
            types: document.map(|document| redact::types(&document.into_value())),
            length: body.len(),
        })
    }

    /// What a response says of its encryption, and what it holds.
    fn decrypt(&self, jwe: &str) -> (Encryption, Option<Document>) {
        let header = jose_header(jwe).unwrap_or_default();
        let said = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        let hash = [OaepHash::Sha256, OaepHash::Sha1]
            .into_iter()
            .find(|hash| hash.algorithm() == said("alg"));
        let content = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm]
            .into_iter()
            .find(|content| content.name() == said("enc"));
        let plaintext = self.project.crypto.as_ref().and_then(|crypto| {
            let plaintext = crypto.client.decrypt(jwe, KeyWrapping::RsaOaep256OrSha1);
            plaintext.ok()
        });
        let encryption = Encryption {
            hash,
            content,
            is_decrypted: plaintext.is_some(),
        };
        let document = plaintext.and_then(|plaintext| Document::read(&plaintext));
        (encryption, document.map(|(document, _)| document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_more_than_to_read_is_not_asked() {
        for operation in catalogue::spec().operations() {
            let question = Question::new(&operation.id, []);
            assert_eq!(question.is_ok(), operation.effect == Effect::Reads);
        }
    }
}
