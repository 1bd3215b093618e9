//! Makes callbacks as the platform presumably does, for tests of an endpoint.

use std::fmt;

use http::HeaderMap;

use crate::credentials::{Credentials, CryptoKey, Settings, shared_setters};
use crate::error::{Delivery, Error, ErrorKind};
use crate::protocol::{CorrelationId, RequestSigner, Timestamp};

/// Signs callbacks in the platform's stead, to test an endpoint with.
///
/// What it makes is what a [`CallbackReceiver`](super::CallbackReceiver) expects. That the
/// platform's own look like this is inferred: see the [module](super).
///
/// ```
/// use konaplate::callback::{CallbackReceiver, CallbackSigner};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let signer = CallbackSigner::new("the secret key", "000170000000000")?;
/// let mut request = signer.sign(r#"{"userId":"10000000001"}"#)?;
/// let receiver = CallbackReceiver::builder().secret_key("the secret key").build()?;
/// assert!(receiver.receive(&request.headers, &request.body).await.is_ok());
///
/// request.body.push(b' ');
/// assert!(receiver.receive(&request.headers, &request.body).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a signer does nothing until it signs"]
pub struct CallbackSigner {
    settings: Settings,
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

impl CallbackSigner {
    /// A signer of plain callbacks, with a secret key and the ASP id (15 characters) of the
    /// receiver.
    ///
    /// # Errors
    /// The secret is empty, or the ASP id has another form. [`Error::field`] names it.
    pub fn new(secret_key: &str, asp_id: &str) -> Result<Self, Error> {
        let mut settings = Settings::default();
        settings.credentials.set_secret_key(secret_key);
        settings.credentials.set_asp_id(asp_id);
        settings.credentials.check()?;
        Ok(Self { settings })
    }

    /// Encrypts the callbacks: the id of a crypto key (32 characters) and the client's certificate
    /// or public key, in any form that
    /// [`EncryptionKey::from_bytes`](crate::protocol::EncryptionKey::from_bytes) takes.
    ///
    /// # Errors
    /// One of them has another form. [`Error::field`] names it.
    pub fn encrypt_for(
        mut self,
        crypto_key_id: &str,
        client_public_key: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        let public = Some(("client_public_key", client_public_key.as_ref()));
        let credentials = &mut self.settings.credentials;
        credentials.add_crypto_key(crypto_key_id, public, None);
        credentials.check()?;
        Ok(self)
    }

    shared_setters!(time_zone message_form clock);

    /// Makes a callback that says this, normally a JSON object, with a fresh correlation id.
    ///
    /// # Errors
    /// It has to be encrypted and is empty, or the random source failed.
    pub fn sign(&self, plaintext: impl AsRef<[u8]>) -> Result<SignedCallback, Error> {
        let Credentials {
            asp_id: Some(asp_id),
            signing: Some(signing),
            keyring,
            ..
        } = &self.settings.credentials
        else {
            return Err(Error::rule(
                ErrorKind::Configuration,
                "secret_key",
                "is missing",
            ));
        };
        let key = keyring.first();
        let body = match key {
            None => plaintext.as_ref().to_vec(),
            Some(key) => key.encrypt(plaintext.as_ref()).map_err(|error| {
                Error::new(
                    ErrorKind::InvalidRequest,
                    Delivery::NotSent,
                    error.to_string(),
                )
            })?,
        };
        let timestamp = Timestamp::new((self.settings.clock)(), self.settings.zone);
        let id = CorrelationId::at(&timestamp);
        let signer = RequestSigner {
            asp_id,
            access_key: None,
            crypto_key_id: key.map(CryptoKey::id),
            zone: self.settings.zone,
            key: signing,
            form: self.settings.form,
        };
        Ok(SignedCallback {
            headers: signer.sign(timestamp, id, &body),
            body,
        })
    }
}
