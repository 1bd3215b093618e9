//! Promise: `konaplate sandbox` serves the pages of the reference to this machine, and their calls go the way
//! of any call.

use std::collections::BTreeSet;
use std::process::Command;

use konaplate_sandbox::Fault;
use reqwest::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HOST, IF_NONE_MATCH, LOCATION, ORIGIN, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};

use crate::program::Program;

/// A sandbox as a program, and a client that follows nothing and unpacks nothing.
struct Stage {
    url: String,
    printed: Vec<String>,
    http: Client,
    _program: Program,
}

impl Stage {
    fn new(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
        command.args(["sandbox", "--listen", "127.0.0.1:0"]);
        let mut program = Program::start(command.args(options));
        let printed = program.until_listening();
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none());
        Self {
            url: printed.last().unwrap()["listening on ".len()..].to_owned(),
            printed,
            http: http.build().unwrap(),
            _program: program,
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The host and port that it is called by.
    fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

#[track_caller]
fn header(response: &Response, name: impl reqwest::header::AsHeaderName) -> &str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[track_caller]
fn is_guarded(response: &Response) {
    assert_eq!(header(response, X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(response, REFERRER_POLICY), "same-origin");
    assert_eq!(
        header(response, "cross-origin-opener-policy"),
        "same-origin"
    );
    assert_eq!(header(response, CACHE_CONTROL), "no-cache");
    let policy = header(response, CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn pages_and_what_they_load_are_there_in_both_languages_and_keep_to_themselves() {
    let stage = Stage::new(&[]);
    let line = format!("portal: {}/", stage.url);
    assert!(stage.printed.contains(&line), "{:?}", stage.printed);
    for (path, content_type, part) in [
        ("/", "text/html; charset=utf-8", "href=\"ko/\""),
        ("/en/", "text/html; charset=utf-8", "lang=\"en\""),
        ("/ko/", "text/html; charset=utf-8", "lang=\"ko\""),
        (
            "/en/operations/get_member/",
            "text/html; charset=utf-8",
            "/api/v1/user/info",
        ),
        (
            "/ko/sandbox/ledger/?from=a-link",
            "text/html; charset=utf-8",
            "원장",
        ),
        ("/en/search.json", "application/json", "get_member"),
        (
            "/assets/try.js",
            "text/javascript; charset=utf-8",
            "./gateway.js",
        ),
        ("/assets/icon.svg", "image/svg+xml", "<svg"),
        (
            "/assets/fixtures.json",
            "application/json",
            "\"9999999999999999999\"",
        ),
    ] {
        let response = stage.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, CONTENT_TYPE), content_type, "{path}");
        is_guarded(&response);
        let text = response.text().await.unwrap();
        assert!(text.contains(part), "{path}: {text}");

        let head = stage.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(
            header(&head, "content-length"),
            text.len().to_string(),
            "{path}"
        );
        is_guarded(&head);
    }
}

#[tokio::test]
async fn who_has_a_page_gets_none_and_who_takes_gzip_gets_that() {
    let stage = Stage::new(&[]);
    let path = "/en/operations/get_member/";
    let get = async |encoding: &str, tag: &str| {
        let request = stage.request(Method::GET, path);
        let request = request.header(ACCEPT_ENCODING, encoding);
        let request = request.header(IF_NONE_MATCH, tag);
        request.send().await.unwrap()
    };
    let plain = get("identity", "\"other\"").await;
    assert_eq!(header(&plain, CONTENT_ENCODING), "");
    let tag = header(&plain, ETAG).to_owned();
    assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
    let text = plain.bytes().await.unwrap();

    let packed = get("br, gzip;q=0.8", "\"other\"").await;
    assert_eq!(header(&packed, CONTENT_ENCODING), "gzip");
    assert_eq!(header(&packed, VARY), "accept-encoding");
    let packed_tag = header(&packed, ETAG).to_owned();
    assert_ne!(packed_tag, tag);
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() * 3 < text.len());
    let mut unpacked = flate2::write::GzDecoder::new(Vec::new());
    std::io::Write::write_all(&mut unpacked, &packed).unwrap();
    assert_eq!(unpacked.finish().unwrap(), text);

    for (encoding, tag) in [("identity", &tag), ("gzip", &packed_tag)] {
        let had = get(encoding, &format!("\"a\", W/{tag}")).await;
        assert_eq!(had.status(), 304, "{encoding}");
        assert_eq!(header(&had, ETAG), tag);
        is_guarded(&had);
        assert_eq!(had.bytes().await.unwrap(), "");
    }
    let other = get("gzip", &tag).await;
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn a_path_without_its_slash_leads_to_the_page_and_one_of_no_page_home() {
    let stage = Stage::new(&[]);
    for (path, to) in [
        ("/en", "/en/"),
        (
            "/ko/operations/get_member?a=b",
            "/ko/operations/get_member/?a=b",
        ),
    ] {
        let response = stage.get(path).await;
        assert_eq!(response.status(), 308, "{path}");
        assert_eq!(header(&response, LOCATION), to);
        is_guarded(&response);
    }
    for (path, home) in [
        ("/en/operations/get_nobody/", "href=\"/en/\""),
        ("/ko/none", "href=\"/ko/\""),
        ("/ko//example.com", "href=\"/ko/\""),
        ("/en/%2e%2fko/", "href=\"/en/\""),
        ("/assets/none.js", "href=\"/\""),
    ] {
        let response = stage.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(header(&response, CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(header(&response, ETAG), "");
        is_guarded(&response);
        let text = response.text().await.unwrap();
        assert!(text.contains(home), "{path}: {text}");
    }
    let response = stage.request(Method::POST, "/en/").send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(header(&response, ALLOW), "GET, HEAD");
    is_guarded(&response);
    // Any other path is the API's.
    let response = stage.get("/fr/").await;
    assert_eq!(response.status(), 404);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["sandbox"]["check"], "path");
}

#[tokio::test]
async fn no_page_of_another_origin_or_name_gets_anything() {
    let stage = Stage::new(&[]);
    let own = format!("http://{}", stage.host());
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/en/"),
        (Method::GET, "/assets/try.js"),
        (Method::POST, "/gateway/api/v1/user/info"),
        (Method::GET, "/__sandbox/requests"),
        (
            Method::GET,
            "/__sandbox/trace?correlationId=260315104512-1a2b3c4",
        ),
        (Method::POST, "/__sandbox/reset"),
    ] {
        let request = || {
            let request = stage.request(method.clone(), path);
            match method {
                Method::POST => request.json(&json!({"userId": 10_000_000_001_u64})),
                _ => request,
            }
        };
        for (name, value, field) in [
            (HOST, "example.com", "Host"),
            (HOST, "localhost.example.com:8787", "Host"),
            (ORIGIN, "http://example.com", "Origin"),
            (ORIGIN, "http://localhost:1", "Origin"),
            (ORIGIN, "null", "Origin"),
        ] {
            let refused = request().header(&name, value).send().await.unwrap();
            assert_eq!(refused.status(), 403, "{path}: {name}: {value}");
            let body: Value = refused.json().await.unwrap();
            assert_eq!(body["error"]["field"], field, "{path}: {name}: {value}");
        }
        let let_in = request().header(ORIGIN, &own).send().await.unwrap();
        assert_ne!(let_in.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_call_of_a_page_is_checked_sent_and_traced() {
    let stage = Stage::new(&[]);
    let id = "260315104512-1a2b3c4";
    let call = |path: &str, id: &str, name: &str, value: &str| {
        let call = stage.request(Method::POST, &format!("/gateway{path}"));
        call.header("x-km-correlation-id", id).header(name, value)
    };
    let inquiry = "/api/v1/recharges/by-bank-account/result/inquiry";
    let refused = call(inquiry, id, "x-sandbox-response", "007_009")
        .json(&json!({"sequenceId": "BANK-1"}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(header(&refused, "x-km-correlation-id"), id);
    assert_eq!(header(&refused, "konaplate-delivery"), "declined");
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["response"]["code"], "007_009");

    let trace = async |id: &str| {
        let path = format!("/__sandbox/trace?correlationId={id}");
        stage.get(&path).await.json::<Value>().await.unwrap()
    };
    let found = trace(id).await;
    let found = &found["traces"][0];
    assert_eq!(found["operation"], "get_bank_recharge_result");
    assert_eq!(found["execute"]["code"], "007_009");
    assert_eq!(found["render"]["sent"]["status"], 400);
    let checks = found["verify"]["checks"].as_array().unwrap();
    let signature = checks.iter().find(|check| check["name"] == "signature");
    assert_eq!(signature.unwrap()["passed"], true);

    // Each of them is said in words.
    let words = stage.get("/assets/sandbox/trace.js").await;
    let words = words.text().await.unwrap();
    for check in checks {
        let name = check["name"].as_str().unwrap();
        let names = [format!("\n  {name}: ["), format!("\n  \"{name}\": [")];
        assert!(names.iter().any(|name| words.contains(name)), "{name}");
    }

    // Lost on the way back: the page can say what became of it, and the gateway what can be known.
    let id = "260315104512-1a2b3c5";
    let lost = call("/api/v1/user/info", id, "x-sandbox-fault", "close-after")
        .json(&json!({"userId": 10_000_000_001_u64}))
        .send()
        .await
        .unwrap();
    assert_eq!(lost.status(), 502);
    assert_eq!(header(&lost, "konaplate-delivery"), "maybe-processed");
    let found = trace(id).await;
    let found = &found["traces"][0];
    assert_eq!(found["execute"]["carriedOut"], true);
    assert_eq!(found["render"]["sent"], Value::Null);

    // What the gateway refuses never reaches the platform's side.
    for (path, body, kind) in [
        ("/gateway/api/v1/user/info", json!({"userId": "who"}), 422),
        ("/gateway/", json!({}), 404),
        ("/gateway", json!({}), 404),
    ] {
        let refused = stage.request(Method::POST, path).json(&body).send().await;
        let refused = refused.unwrap();
        assert_eq!(refused.status(), kind, "{path}");
        assert_eq!(header(&refused, CONTENT_TYPE), "application/problem+json");
        assert_eq!(header(&refused, "konaplate-delivery"), "not-sent");
    }
    let log: Value = stage.get("/__sandbox/requests").await.json().await.unwrap();
    assert_eq!(log["requests"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_fault_is_one_of_the_sandbox_and_none_is_missing() {
    let stage = Stage::new(&[]);
    let mut offered = BTreeSet::new();
    for path in ["/ko/sandbox/faults/", "/en/operations/get_member/"] {
        let page = stage.get(path).await.text().await.unwrap();
        let list = ["<datalist id=\"faults\"", "<select id=\"try-fault\""];
        let list = list.iter().find_map(|list| page.split_once(list));
        let (list, _) = list.unwrap().1.split_once("option></").unwrap();
        let values = list.split("value=\"").skip(1);
        for value in values.filter_map(|rest| rest.split('"').next()) {
            if !value.is_empty() {
                assert!(value.parse::<Fault>().is_ok(), "{path}: {value}");
                offered.insert(value.split(':').next().unwrap().to_owned());
            }
        }
    }
    let readme = include_str!("../../../sandbox/README.md");
    let (_, table) = readme.split_once("## Faults on demand").unwrap();
    let (table, _) = table.split_once("```").unwrap();
    let rows = table.lines().filter_map(|row| row.strip_prefix("| `"));
    let documented: BTreeSet<_> = rows
        .filter_map(|row| row.split(['`', ':']).next().map(str::to_owned))
        .collect();
    assert_eq!(offered, documented);
}

#[tokio::test]
async fn without_the_portal_there_is_the_api_alone() {
    let stage = Stage::new(&["--no-portal"]);
    let pages = |line: &String| line.starts_with("portal:");
    assert!(!stage.printed.iter().any(pages), "{:?}", stage.printed);
    for path in ["/", "/en/", "/assets/try.js"] {
        let response = stage.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["sandbox"]["check"], "path", "{path}");
    }
    let call = stage.request(Method::POST, "/gateway/api/v1/user/info");
    let body = json!({"userId": 10_000_000_001_u64});
    let response = call.json(&body).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["sandbox"]["check"], "path");
    let trace = stage
        .get("/__sandbox/trace?correlationId=260315104512-1a2b3c4")
        .await;
    assert_eq!(trace.status(), 400);
}
