//! An exchange as it goes over the wire, made of the examples of an operation by the parts that the client makes its calls of.
//!
//! Keys, time and correlation id are fixed: but for the randomness of its encryption an exchange is always the same.

use std::sync::LazyLock;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use konaplate::CorrelationId;
use konaplate::protocol::{
    ContentEncryption, EncryptionKey, MessageForm, RequestSigner, SigningKey, TimeZone, Timestamp,
    envelope, headers,
};
use konaplate_spec::{CodeExample, Encrypted, Operation, Spec};

/// The sandbox's service provider and keys, which keep nobody's secret.
const ASP_ID: &str = "000170000000000";
const ACCESS_KEY: &str = "5a4db0c-0123456789abcdef0123456789abcdef";
pub(crate) const SECRET_KEY: &str = "sandbox-secret-key";
const CRYPTO_KEY_ID: &str = "5a4db0c0000000000000000000000001";
/// 2026-03-15T10:45:12.345+09:00
const TIMESTAMP: &str = "20260315104512345";
const ID: &str = "260315104512-0a1b2c3";

/// What requests are encrypted for, and what responses are encrypted for.
static KEYS: LazyLock<[EncryptionKey; 2]> = LazyLock::new(|| {
    [
        include_bytes!("../keys/server.spki.pem").as_slice(),
        include_bytes!("../keys/client.spki.pem").as_slice(),
    ]
    .map(|pem| EncryptionKey::from_bytes(pem).expect("a demonstration key is one"))
});

/// A request and the responses that it may get.
#[derive(Debug)]
pub(crate) struct Exchange<'s> {
    pub(crate) request: Message,
    /// What the token is made of, and the token.
    pub(crate) signature: Signature,
    pub(crate) success: Message,
    pub(crate) failure: Option<(&'s CodeExample, Message)>,
}

/// A request or a response.
#[derive(Debug)]
pub(crate) struct Message {
    /// The first line and the headers.
    pub(crate) head: String,
    pub(crate) plaintext: String,
    /// What it is encrypted to; none of a plain one.
    pub(crate) encrypted: Option<Jwe>,
}

/// An encrypted body.
#[derive(Debug)]
pub(crate) struct Jwe {
    /// The JOSE header, decoded.
    pub(crate) header: String,
    /// The body that is sent.
    pub(crate) body: String,
}

/// The parts of `X-KM-Tran-Token`.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) timestamp: &'static str,
    /// HMAC-SHA256 of the body that is sent, as base64.
    pub(crate) hmac: String,
    pub(crate) token: String,
}

impl Message {
    /// The bytes of the body that are sent.
    pub(crate) fn body(&self) -> &str {
        self.encrypted
            .as_ref()
            .map_or(&self.plaintext, |jwe| &jwe.body)
    }
}

impl<'s> Exchange<'s> {
    /// The exchange of an operation's first examples.
    ///
    /// # Errors
    /// The random source failed, or an example of the description is none.
    pub(crate) fn of(spec: &Spec, operation: &'s Operation) -> anyhow::Result<Self> {
        let example = |examples: &[konaplate_spec::Example]| {
            let json = examples.first().map_or("{}", |example| &example.json);
            compact(json)
        };
        let [server, client] = &*KEYS;
        let encryption = operation.encryption;
        let (request, signature) = request(
            spec,
            operation,
            example(&operation.request.examples),
            server,
        )?;
        let success = response(
            "200 OK",
            example(&operation.response.examples),
            (encryption.response == Encrypted::Yes).then_some(client),
        )?;
        let failure = match operation.failures.first() {
            None => None,
            Some(failure) => {
                let body = envelope::status(&failure.code, &failure.message);
                let body = String::from_utf8(body)?;
                Some((failure, response("400 Bad Request", body, None)?))
            }
        };
        Ok(Self {
            request,
            signature,
            success,
            failure,
        })
    }
}

fn request(
    spec: &Spec,
    operation: &Operation,
    plaintext: String,
    key: &EncryptionKey,
) -> anyhow::Result<(Message, Signature)> {
    let encryption = operation.encryption;
    let encrypts = encryption.request == Encrypted::Yes;
    let encrypted = encrypts.then(|| encrypt(key, &plaintext)).transpose()?;
    let needs_key = encrypts || encryption.response != Encrypted::No;
    let key_id = CRYPTO_KEY_ID.parse()?;
    let signer = RequestSigner {
        asp_id: &ASP_ID.parse()?,
        access_key: Some(&ACCESS_KEY.parse()?),
        crypto_key_id: needs_key.then_some(&key_id),
        zone: TimeZone::Kst,
        key: &SigningKey::new(SECRET_KEY)?,
        form: MessageForm::RawBody,
    };
    let body = encrypted.as_ref().map_or(&plaintext, |jwe| &jwe.body);
    let timestamp: Timestamp = TIMESTAMP.parse()?;
    let signed = signer.sign(timestamp, ID.parse::<CorrelationId>()?, body.as_bytes());
    let token = signed
        .get(headers::TRAN_TOKEN)
        .context("a signed request has a token")?
        .to_str()?
        .to_owned();

    let mut head = format!("{} {} HTTP/1.1", operation.method, operation.path);
    let names = spec.headers().iter().map(|header| header.name.as_str());
    for name in names.chain(["Accept", "Content-Type"]) {
        if let Some(value) = signed.get(name) {
            head.push_str(&format!("\n{name}: {}", value.to_str()?));
        }
    }
    let hmac = token.rsplit(':').next().unwrap_or_default().to_owned();
    let signature = Signature {
        timestamp: TIMESTAMP,
        hmac,
        token,
    };
    let message = Message {
        head,
        plaintext,
        encrypted,
    };
    Ok((message, signature))
}

fn response(
    status: &str,
    plaintext: String,
    key: Option<&EncryptionKey>,
) -> anyhow::Result<Message> {
    let encrypted = key.map(|key| encrypt(key, &plaintext)).transpose()?;
    let mut head =
        format!("HTTP/1.1 {status}\nContent-Type: application/json\nX-KM-Correlation-Id: {ID}");
    if encrypted.is_some() {
        head.push_str(&format!("\nX-KM-Crypto-Key-Id: {CRYPTO_KEY_ID}"));
    }
    Ok(Message {
        head,
        plaintext,
        encrypted,
    })
}

fn encrypt(key: &EncryptionKey, plaintext: &str) -> anyhow::Result<Jwe> {
    let jwe = key
        .encrypt(ContentEncryption::A128Gcm, plaintext.as_bytes())
        .context("an example could not be encrypted")?;
    let header = BASE64URL.decode(jwe.split('.').next().unwrap_or_default())?;
    Ok(Jwe {
        header: String::from_utf8(header)?,
        body: String::from_utf8(envelope::encrypted(&jwe))?,
    })
}

/// JSON without the whitespace between its parts, in the order in which it is written.
pub(crate) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let mut is_in_text = false;
    let mut is_escaped = false;
    for c in json.chars() {
        if is_in_text || !c.is_ascii_whitespace() {
            compact.push(c);
        }
        if c == '"' && !is_escaped {
            is_in_text = !is_in_text;
        }
        is_escaped = is_in_text && c == '\\' && !is_escaped;
    }
    compact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_goes_but_where_it_is_text() {
        for (json, expected) in [
            ("{\n  \"b\": 1,\n  \"a\": [ ]\n}\n", r#"{"b":1,"a":[]}"#),
            (
                r#"{ "a b" : " \" \\" , "c" : "\\" }"#,
                r#"{"a b":" \" \\","c":"\\"}"#,
            ),
        ] {
            assert_eq!(compact(json), expected);
        }
    }
}
