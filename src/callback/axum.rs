//! An extractor for axum.

use std::sync::Arc;

use axum_core::body::Body;
use axum_core::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum_core::extract::{DefaultBodyLimit, FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderMap;

use super::acknowledgement::Acknowledgement;
use super::error::{CallbackError, CallbackErrorKind};
use super::received::Callback;
use super::receiver::{CallbackReceiver, MAX_BODY};

/// Extracts a callback that passed every check of the receiver in the state.
///
/// The state is an `Arc<CallbackReceiver>`, or holds one that [`FromRef`] finds. Bodies above
/// [`MAX_BODY`] are rejected while they are read. The response to what is rejected is
/// [`CallbackError::acknowledgement`].
///
/// The handler has to [acknowledge](Callback::acknowledge): a callback that was only responded to
/// is handed out again when it is delivered again.
///
/// ```
/// use std::sync::Arc;
///
/// use axum::Router;
/// use axum::routing::post;
/// use konaplate::callback::{Acknowledgement, CallbackReceiver, ReceivedCallback};
///
/// async fn transaction(ReceivedCallback(callback): ReceivedCallback) -> Acknowledgement {
///     // Store the effect, under callback.fingerprint().
///     callback.acknowledge().await
/// }
///
/// let receiver = CallbackReceiver::builder().secret_key("the secret key").build()?;
/// let app: Router = Router::new()
///     .route("/kona/transaction", post(transaction))
///     .with_state(Arc::new(receiver));
/// # Ok::<(), konaplate::Error>(())
/// ```
#[derive(Debug)]
pub struct ReceivedCallback(
    /// The callback.
    pub Callback,
);

impl<S> FromRequest<S> for ReceivedCallback
where
    Arc<CallbackReceiver>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = CallbackError;

    async fn from_request(request: Request, state: &S) -> Result<Self, CallbackError> {
        let receiver = Arc::<CallbackReceiver>::from_ref(state);
        let (headers, body) = read(request, state).await?;
        receiver.receive(&headers, &body).await.map(Self)
    }
}

/// The headers, and the body up to the limit.
async fn read<S: Send + Sync>(
    mut request: Request,
    state: &S,
) -> Result<(HeaderMap, Bytes), CallbackError> {
    let headers = request.headers().clone();
    DefaultBodyLimit::max(MAX_BODY).apply(&mut request);
    let body = Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            CallbackError::new(match rejection {
                BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                    CallbackErrorKind::TooLarge
                }
                _ => CallbackErrorKind::Unreadable,
            })
        })?;
    Ok((headers, body))
}

impl IntoResponse for Acknowledgement {
    fn into_response(self) -> Response {
        Acknowledgement::into_response(self).map(Body::from)
    }
}

impl IntoResponse for CallbackError {
    fn into_response(self) -> Response {
        IntoResponse::into_response(self.acknowledgement())
    }
}
