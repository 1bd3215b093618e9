//! Promise: what goes over the wire changes only with a reviewed snapshot.
//!
//! The quickstart's calls on the sandbox, with a clock that stands still, given correlation ids and
//! seeded tokens, read off between the two. Sensitive values are masked; signatures and encrypted
//! bodies, which are different each time, are verified and opened.

use crate::support::snapshots;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use crate::support;
use konaplate::protocol::{DecryptionKey, KeyWrapping};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{CallOptions, Client};
use konaplate_sandbox::{Sandbox, fixtures};
use konaplate_spec::Spec;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Passes bytes on and keeps them.
struct Tap {
    url: String,
    sent: Arc<Mutex<Vec<u8>>>,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    async fn before(upstream: std::net::SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tap = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            sent: Arc::default(),
            received: Arc::default(),
        };
        let (sent, received) = (Arc::clone(&tap.sent), Arc::clone(&tap.received));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(upstream).await.unwrap();
                let (client_read, client_write) = client.into_split();
                let (server_read, server_write) = server.into_split();
                tokio::spawn(pass(client_read, server_write, Arc::clone(&sent)));
                tokio::spawn(pass(server_read, client_write, Arc::clone(&received)));
            }
        });
        tap
    }

    /// What went over the wire since the last time, both ways.
    fn take(&self) -> (Message, Message) {
        let take =
            |bytes: &Mutex<Vec<u8>>| Message::parse(&std::mem::take(&mut *bytes.lock().unwrap()));
        (take(&self.sent), take(&self.received))
    }
}

async fn pass(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    seen: Arc<Mutex<Vec<u8>>>,
) {
    let mut chunk = [0; 16 * 1024];
    while let Ok(n) = from.read(&mut chunk).await {
        if n == 0 {
            break;
        }
        seen.lock().unwrap().extend_from_slice(&chunk[..n]);
        if to.write_all(&chunk[..n]).await.is_err() {
            break;
        }
    }
}

struct Message {
    first_line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Message {
    fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let first_line = lines.next().unwrap().to_owned();
        let mut headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        headers.sort();
        Self {
            first_line,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    fn print(&self, out: &mut String, spec: &Spec, schema: &str, decryption: &DecryptionKey) {
        writeln!(out, "{}", self.first_line).unwrap();
        for (name, value) in &self.headers {
            let value = match name.as_str() {
                "host" | "date" | "content-length" => continue,
                "x-km-access-key" => format!("[{} characters]", value.len()),
                "x-km-tran-token" => self.signature(value),
                _ => value.clone(),
            };
            writeln!(out, "{name}: {value}").unwrap();
        }
        let mut json: Value = serde_json::from_slice(&self.body).unwrap();
        if let Some(jwe) = json["encData"].as_str() {
            assert_eq!(
                json.as_object().unwrap().len(),
                1,
                "an envelope has one member"
            );
            let parts: Vec<_> = jwe.split('.').map(str::len).collect();
            let header = base64::Engine::decode(
                &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                jwe.split('.').next().unwrap(),
            )
            .unwrap();
            writeln!(
                out,
                "\nencData: {} parts {parts:?}",
                String::from_utf8(header).unwrap()
            )
            .unwrap();
            let plaintext = decryption.decrypt(jwe, KeyWrapping::RsaOaep256).unwrap();
            json = serde_json::from_slice(&plaintext).unwrap();
        }
        let json = spec.masked(schema, &json);
        writeln!(out, "\n{}", serde_json::to_string_pretty(&json).unwrap()).unwrap();
    }

    /// The token's form and time, once its signature is known to be that of the body.
    fn signature(&self, token: &str) -> String {
        let token: TranToken = token.parse().unwrap();
        let key = SigningKey::new(fixtures::SECRET_KEY).unwrap();
        assert!(token.verify(&key, &self.body, MessageForm::RawBody));
        format!("KMV1:{}:[signature of the body]", token.timestamp())
    }
}

fn sandbox_key(file: &str) -> DecryptionKey {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sandbox/keys");
    DecryptionKey::from_bytes(&std::fs::read(format!("{folder}/{file}")).unwrap()).unwrap()
}

struct Stage {
    tap: Tap,
    calls: u32,
    /// Ids of the operations that have a snapshot.
    taken: BTreeSet<String>,
    spec: Spec,
}

impl Stage {
    fn options(&mut self) -> CallOptions {
        self.calls += 1;
        let id = format!("260315104512-{:07x}", self.calls);
        CallOptions::new().correlation_id(id.parse().unwrap())
    }

    fn snapshot(&mut self, name: &str, operation: &str) {
        self.taken.insert(operation.to_owned());
        let operations = self.spec.operations();
        let operation = operations
            .iter()
            .find(|o| o.id == operation)
            .unwrap()
            .clone();
        let (request, response) = self.tap.take();
        let mut out = String::new();
        request.print(
            &mut out,
            &self.spec,
            &operation.request.schema,
            &sandbox_key("server.pkcs8.pem"),
        );
        out.push('\n');
        response.print(
            &mut out,
            &self.spec,
            &operation.response.schema,
            &sandbox_key("client.pkcs8.pem"),
        );
        // The sandbox has another port each time.
        let port = address_in(&out);
        snapshots().bind(|| {
            insta::assert_snapshot!(
                format!("golden_wire__{name}"),
                out.replace(&port, "127.0.0.1:PORT")
            );
        });
    }
}

/// The address in a link of the response, if there is one.
fn address_in(text: &str) -> String {
    text.split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap_or("127.0.0.1:PORT")
        .to_owned()
}

#[tokio::test]
async fn every_operation_with_state_goes_over_the_wire_as_reviewed() {
    let sandbox = Sandbox::builder().seed(7).start().await.unwrap();
    sandbox.stop_clock_at(support::now());
    let tap = Tap::before(sandbox.address()).await;
    let client: Client = sandbox.client_builder().base_url(&tap.url).build().unwrap();
    let mut stage = Stage {
        tap,
        calls: 0,
        taken: BTreeSet::new(),
        spec: Spec::from_yaml(konaplate::DESCRIPTION).unwrap(),
    };

    let token = client
        .issue_one_time_token()
        .card_no("9491339401250765")
        .type_("CREDIT")
        .options(stage.options())
        .send()
        .await
        .unwrap();
    stage.snapshot("issue_one_time_token", "issue_one_time_token");

    client
        .create_credit_card_recharge()
        .sequence_id("CARD-1")
        .user_id(10_000_000_001_u64)
        .amount(50_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .affiliate_id(fixtures::AFFILIATE_ID)
        .project_id("demo-project")
        .options(stage.options())
        .send()
        .await
        .unwrap();
    stage.snapshot("create_credit_card_recharge", "create_credit_card_recharge");

    let token = client
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await
        .unwrap();
    stage.tap.take();
    let recharge = |options| {
        client
            .recharge_from_bank_account()
            .sequence_id("BANK-1")
            .user_id(10_000_000_001_u64)
            .amount(20_000)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .options(options)
            .send()
    };
    recharge(stage.options()).await.unwrap();
    stage.snapshot("recharge_from_bank_account", "recharge_from_bank_account");
    recharge(stage.options()).await.unwrap_err();
    stage.snapshot(
        "recharge_from_bank_account_refused",
        "recharge_from_bank_account",
    );

    client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .options(stage.options())
        .send()
        .await
        .unwrap();
    stage.snapshot("get_bank_recharge_result", "get_bank_recharge_result");

    client
        .update_lower_limit_auto_recharge()
        .user_id(10_000_000_001_u64)
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .amount(30_000)
        .threshold_balance(10_000)
        .options(stage.options())
        .send()
        .await
        .unwrap();
    stage.snapshot(
        "update_lower_limit_auto_recharge",
        "update_lower_limit_auto_recharge",
    );

    let token = client
        .issue_one_time_token()
        .card_no("9491330000001014")
        .send()
        .await
        .unwrap();
    stage.tap.take();
    client
        .gift_prepaid_card()
        .sender_user_id("10000000001")
        .receiver_name("김코코")
        .receiver_phone("01000000002")
        .service_id(fixtures::GIFT_SERVICE_ID)
        .amount(30_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .locale("KO")
        .options(stage.options())
        .send()
        .await
        .unwrap();
    stage.snapshot("gift_prepaid_card", "gift_prepaid_card");
    for operation in [
        "create_credit_card_recharge",
        "get_bank_recharge_result",
        "gift_prepaid_card",
        "issue_one_time_token",
        "recharge_from_bank_account",
        "update_lower_limit_auto_recharge",
    ] {
        assert!(
            stage.taken.contains(operation),
            "{operation} has no golden exchange"
        );
    }
}
