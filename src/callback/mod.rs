//! Callbacks: what the platform sends to us. Verify, decrypt, read, acknowledge.
//!
//! A [`CallbackReceiver`] takes the headers and the bytes of a request, from whatever web
//! framework, and hands out a [`Callback`] or a [`CallbackError`]; either has the response. Nothing
//! here listens on a port. With the feature `axum` there is an extractor, `ReceivedCallback`.
//!
//! ```
//! use konaplate::callback::{CallbackKind, CallbackPayload, CallbackReceiver, CallbackSigner};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let receiver = CallbackReceiver::builder()
//!     .secret_key("the secret key")
//!     .asp_id("000170000000000")
//!     .build()?;
//!
//! // In a test the signer stands in for the platform.
//! let request = CallbackSigner::new("the secret key", "000170000000000")?.sign(
//!     r#"{"userId":"10000000001","par":"Q180BEA3B2F1BBD8410336D66A4",
//!         "trType":"00","authCancelType":"AUTH","trAmount":"4500"}"#,
//! )?;
//!
//! let callback = receiver.receive(&request.headers, &request.body).await?;
//! assert_eq!(callback.kind(), CallbackKind::Transaction);
//! if let CallbackPayload::Transaction(transaction) = callback.payload() {
//!     assert_eq!(transaction.tr_amount.and_then(|amount| amount.krw()), Some(4_500));
//! }
//! // Once the effect is stored:
//! let response = callback.acknowledge().await;
//! assert_eq!(response.status(), http::StatusCode::OK);
//! # Ok(())
//! # }
//! ```
//!
//! # What is known, and what is not
//!
//! No page about callbacks was found, so nothing of this was compared with a real one.
//!
//! **Documented** (the vendor's tables of headers): callbacks exist; they come without
//! `X-KM-Access-Key`; the crypto key of an encrypted one is the first that was issued. One that
//! comes with an access key is taken all the same.
//!
//! **Inferred**, since only the access key is said to be left out: the other headers come as they
//! do with requests, in the same forms; the token is signed with the project's secret key, over the
//! body as it comes (or its base64 text, [`MessageForm`](crate::protocol::MessageForm)); an
//! encrypted body is `{"encData": "<JWE>"}`. That a response repeats `X-KM-Correlation-Id`.
//!
//! **From one integration of the older direct line**, which is not PLATE: the four kinds of
//! callbacks and their fields, and that an acknowledgement is the usual envelope,
//! `{"response":{"code":"000_000","description":"…"}}`. That integration verifies nothing.
//!
//! **Assumed**: the tolerance of five minutes; the minute that a callback has to be handled where
//! machines share a store; that the acknowledgement is plain; the codes and HTTP statuses of
//! rejections; that the platform sends a callback again when it gets no acknowledgement. Whether it
//! does, how often, from which addresses and to which paths, is not known.
//!
//! # What the signature does not cover
//!
//! The body, and nothing else. The path, the time, the correlation id and the ASP id are not
//! signed.
//! - Whoever gets hold of one callback can send it again with a new time. Within twice the
//!   tolerance the receiver knows the body again: in this process, or with a journal as its
//!   [`replay_store`](CallbackReceiverBuilder::replay_store) after a restart and on other machines,
//!   too. For good only your own records can: put [`Callback::fingerprint`] under a unique index,
//!   in the same transaction as the effect.
//! - Requests to the platform are signed with the same secret in the same way, so whoever gets hold
//!   of one of *your* requests can send it to you as a callback. Act only on what you can check
//!   against your own data, or ask the platform (the history of a card) before money depends on it.
//! - Put TLS in front of the receiver, and the platform's addresses on an allow-list if KONA names
//!   them to you.
//!
//! # Delivered at least once
//!
//! A callback is remembered as handled when it is [acknowledged](Callback::acknowledge), and
//! forgotten when it is rejected or dropped: after a crash, a panic or a cancelled request the next
//! attempt comes through. Handling one must therefore be safe to repeat.
//!
//! In a store that several machines share, a crash frees the callback after a minute. A handler
//! that takes longer than that can meet another delivery of the same callback; which of the two
//! ends first does not matter to the store.

mod acknowledgement;
#[cfg(feature = "axum")]
mod axum;
mod builder;

mod error;
mod headers;
mod memory;
mod payload;
mod received;
mod receiver;
mod replay;
mod sender;
mod signer;
mod verified;

#[cfg(feature = "axum")]
pub use self::axum::ReceivedCallback;
pub use acknowledgement::Acknowledgement;
pub use builder::CallbackReceiverBuilder;
pub use error::{CallbackError, CallbackErrorKind};
pub use payload::{
    Amount, ApprovalTime, AuthOrCancel, CallbackKind, CallbackPayload, CardActivated,
    MemberWithdrawn, Transaction, TransactionType, rules,
};
pub use received::Callback;
pub use receiver::{CallbackReceiver, MAX_BODY};
pub use replay::{CallbackClaim, Claimed, ReplayFuture, ReplayStore, ReplayStoreError};
pub use signer::{CallbackSigner, SignedCallback};
