//! The pages of the reference, beside a sandbox: on its port, for this machine.
//!
//! `konaplate-portal` makes them; here they are served, each with its Content-Security-Policy, and compressed
//! where the client takes that. Below `/gateway` is the gateway of the same sandbox, so that a call of a page
//! goes the way of any call: checked, signed, encrypted, sent to the port.

mod conditions;
mod fixtures;
mod pages;
mod stored;

use std::sync::{Arc, LazyLock, OnceLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::any;
use konaplate::Client;
use konaplate_portal::FOLDERS;
use konaplate_sandbox::{Sandbox, SandboxBuilder};

use self::pages::Pages;
use crate::gateway;

/// Where the gateway of the pages is, on the port of the sandbox.
pub const GATEWAY: &str = "/gateway";

/// The pages of a sandbox, before it has started.
#[derive(Debug, Default)]
pub struct Portal {
    client: Arc<OnceLock<Client>>,
}

impl Portal {
    /// A sandbox with pages, and with the traces that they show.
    pub fn beside(&self, sandbox: SandboxBuilder) -> SandboxBuilder {
        let gateway = gateway::of_sandbox(Arc::clone(&self.client));
        let routes = routes().nest_service(GATEWAY, gateway);
        sandbox.traces(true).beside(routes)
    }

    /// Makes calls of the pages go to the sandbox that has started with them. Before that they are refused.
    pub fn open(&self, sandbox: &Sandbox) {
        self.client.get_or_init(|| sandbox.client());
    }
}

/// The pages, read when the first one is asked for: a sandbox that serves none starts without them.
type Shared = Arc<LazyLock<Pages>>;

fn routes() -> Router {
    let mut router = Router::new().route("/", any(page));
    for folder in FOLDERS {
        router = router
            .route(&format!("/{folder}"), any(page))
            .route(&format!("/{folder}/"), any(page))
            .route(&format!("/{folder}/{{*path}}"), any(page));
    }
    let pages: Shared = Arc::new(LazyLock::new(Pages::of_sandbox));
    router.with_state(pages)
}

/// A page, or whatever else there is at a path.
async fn page(State(pages): State<Shared>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = Response::default();
        *refused.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let allowed = HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(header::ALLOW, allowed);
        return pages::guarded(refused, konaplate_portal::POLICY);
    }
    let (parts, _) = request.into_parts();
    // A page is made, and compressed, when it is first asked for. That takes a while.
    let made = tokio::task::spawn_blocking(move || pages.respond(&parts.uri, &parts.headers));
    made.await.unwrap_or_else(|_| {
        let mut failed = Response::default();
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        pages::guarded(failed, konaplate_portal::POLICY)
    })
}
