//! Makes callbacks as the platform presumably does, for tests of an endpoint.

use std::fmt;
use std::time::SystemTime;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::error::{Delivery, Error, ErrorKind};
use crate::exchange::Clock;
use crate::headers::{
    ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, CorrelationId, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
    TimeZone, Timestamp,
};
use crate::jwe::{ContentEncryption, SealingKey};
use crate::keys::{KeyError, header_id};
use crate::scalar::Violation;
use crate::signing::{MessageForm, SigningKey, TranToken};

/// Signs callbacks in the platform's stead, to test an endpoint with.
///
/// What it makes is what a [`CallbackReceiver`](super::CallbackReceiver) expects. That the platform's
/// own look like this is inferred: see the [module](super).
///
/// ```
/// use konaplate::callback::{CallbackReceiver, CallbackSigner};
///
/// let signer = CallbackSigner::new("the secret key", "000170000000000")?;
/// let mut request = signer.sign(r#"{"userId":"10000000001"}"#)?;
/// let receiver = CallbackReceiver::builder().secret_key("the secret key").build()?;
/// assert!(receiver.receive(&request.headers, &request.body).is_ok());
///
/// request.body.push(b' ');
/// assert!(receiver.receive(&request.headers, &request.body).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CallbackSigner {
    signing: SigningKey,
    asp_id: HeaderValue,
    crypto: Option<(HeaderValue, SealingKey)>,
    zone: TimeZone,
    form: MessageForm,
    clock: Clock,
}

/// A callback to send: the headers and the body of a POST.
///
/// The fields are open, for tests to tamper with. `Debug` shows neither.
#[derive(Clone)]
#[non_exhaustive]
pub struct SignedCallback {
    /// All headers but those of the connection.
    pub headers: HeaderMap,
    /// The bytes that are signed.
    pub body: Vec<u8>,
}

impl fmt::Debug for SignedCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[signed callback of {} bytes]", self.body.len())
    }
}

impl fmt::Debug for CallbackSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackSigner")
            .field("signing", &self.signing)
            .field("asp_id", &self.asp_id)
            .field("crypto", &self.crypto)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// A setting that breaks its rule.
fn wrong(setting: &'static str) -> impl Fn(Violation) -> Error {
    let of = KeyError::of(setting);
    move |rule| super::configuration(of(rule))
}

impl CallbackSigner {
    /// A signer of plain callbacks, with a secret key and the ASP id (15 characters) of the receiver.
    ///
    /// # Errors
    /// The secret is empty, or the ASP id has another form. [`Error::field`] names it.
    pub fn new(secret_key: &str, asp_id: &str) -> Result<Self, Error> {
        Ok(Self {
            signing: SigningKey::new(secret_key).map_err(wrong("secret_key"))?,
            asp_id: header_id(asp_id, 15).map_err(wrong("asp_id"))?,
            crypto: None,
            zone: TimeZone::default(),
            form: MessageForm::default(),
            clock: Box::new(SystemTime::now),
        })
    }

    /// Encrypts the callbacks: the id of a crypto key (32 characters) and the client's certificate or
    /// public key, in any form that [`SealingKey::from_bytes`] takes.
    ///
    /// # Errors
    /// One of them has another form. [`Error::field`] names it.
    pub fn encrypt_for(
        mut self,
        crypto_key_id: &str,
        client_public_key: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        let id = header_id(crypto_key_id, 32).map_err(wrong("crypto_key_id"))?;
        let key = SealingKey::from_bytes(client_public_key.as_ref())
            .map_err(wrong("client_public_key"))?;
        self.crypto = Some((id, key));
        Ok(self)
    }

    /// The zone of the timestamps; KST without this.
    #[must_use]
    pub fn time_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// What of a body is signed; its bytes without this.
    #[must_use]
    pub fn message_form(mut self, form: MessageForm) -> Self {
        self.form = form;
        self
    }

    /// Where the time comes from; the system's clock without this.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes a callback that says this, normally a JSON object, with a fresh correlation id.
    ///
    /// # Errors
    /// It has to be encrypted and is empty, or the random source failed.
    pub fn sign(&self, plaintext: impl AsRef<[u8]>) -> Result<SignedCallback, Error> {
        let plaintext = plaintext.as_ref();
        let body = match &self.crypto {
            None => plaintext.to_vec(),
            Some((_, key)) => key
                .seal(ContentEncryption::A128Gcm, plaintext)
                .map(|jwe| json!({"encData": jwe}).to_string().into_bytes())
                .map_err(|error| {
                    Error::new(
                        ErrorKind::InvalidRequest,
                        Delivery::NotSent,
                        error.to_string(),
                    )
                })?,
        };
        let timestamp = Timestamp::new((self.clock)(), self.zone);
        let token = TranToken::sign(&self.signing, timestamp, &body, self.form);
        let id = CorrelationId::at(&timestamp);

        let mut headers = HeaderMap::with_capacity(8);
        let mut insert = |name: HeaderName, value: &str| match HeaderValue::from_str(value) {
            Ok(mut value) => {
                value.set_sensitive(name == TRAN_TOKEN);
                headers.insert(name, value);
                Ok(())
            }
            Err(_) => Err(Error::rule(
                ErrorKind::InvalidRequest,
                "header",
                "is not ASCII",
            )),
        };
        insert(CORRELATION_ID, id.as_str())?;
        insert(TRAN_TOKEN, token.as_str())?;
        insert(TRAN_TIME, timestamp.tran_time())?;
        insert(TIME_ZONE, self.zone.as_str())?;
        insert(ACCEPT, "application/json")?;
        insert(CONTENT_TYPE, "application/json")?;
        headers.insert(ASP_ID, self.asp_id.clone());
        if let Some((id, _)) = &self.crypto {
            headers.insert(CRYPTO_KEY_ID, id.clone());
        }
        Ok(SignedCallback { headers, body })
    }
}
