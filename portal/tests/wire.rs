//! What a page shows of the wire is true: the signature is that of the bytes, and what is encrypted decrypts.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use konaplate::protocol::{DecryptionKey, KeyWrapping};
use konaplate_portal::Site;
use konaplate_spec::{Encrypted, Operation, Spec};

const SECRET_KEY: &str = "sandbox-secret-key";

fn key(name: &str) -> DecryptionKey {
    let path = format!("{}/keys/{name}.pkcs8.pem", env!("CARGO_MANIFEST_DIR"));
    DecryptionKey::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

/// The text of the element that is marked so.
fn part(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("data-part=\"{name}\">"))?;
    let rest = rest.strip_prefix("<code>").unwrap_or(rest);
    let text = rest.split("</code>").next()?;
    let unescaped = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(unescaped)
}

fn every(check: impl Fn(&Operation, &str)) {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    let site = Site::of_files(&spec);
    for operation in spec.operations() {
        let file = site.file(&format!("ko/operations/{}/", operation.id));
        check(operation, &String::from_utf8(file.unwrap().body).unwrap());
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(own, _)| *own == name).map(|(_, value)| value)
}

#[test]
fn the_token_that_is_shown_signs_the_body_that_is_shown() {
    every(|operation, html| {
        let head = part(html, "request-head").unwrap();
        let token = header(&head, "X-KM-Tran-Token").unwrap();
        assert_eq!(part(html, "token").unwrap(), token);
        let rest = token.strip_prefix("KMV1:").unwrap();
        let (time, signature) = rest.split_once(':').unwrap();
        assert_eq!(time, "20260315104512345");
        assert_eq!(header(&head, "X-KM-Tran-Time"), Some("20260315104512"));
        assert_eq!(
            header(&head, "X-KM-Correlation-Id"),
            Some("260315104512-0a1b2c3")
        );
        assert_eq!(part(html, "hmac").unwrap(), signature);

        let body = part(html, "request-body").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET_KEY.as_bytes());
        let tag = hmac::sign(&key, body.as_bytes());
        assert_eq!(BASE64.encode(tag.as_ref()), signature, "{}", operation.id);
        assert!(html.contains(&format!("<strong>{} 바이트</strong>", body.len())));
    });
}

#[test]
fn the_headers_are_those_of_the_pages_in_their_order() {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    assert_eq!(spec.headers().len(), 7);
    every(|operation, html| {
        let head = part(html, "request-head").unwrap();
        let names: Vec<_> = head
            .lines()
            .skip(1)
            .filter_map(|line| Some(line.split_once(": ")?.0))
            .collect();
        let has_key = operation.encryption.request == Encrypted::Yes
            || operation.encryption.response != Encrypted::No;
        let of_pages = spec.headers().iter().map(|header| header.name.as_str());
        let expected: Vec<_> = of_pages
            .filter(|name| has_key || *name != "X-KM-Crypto-Key-Id")
            .chain(["Accept", "Content-Type"])
            .collect();
        assert_eq!(names, expected, "{}", operation.id);
        let line = format!("POST {} HTTP/1.1", operation.path);
        assert_eq!(head.lines().next(), Some(line.as_str()));
    });
}

#[test]
fn what_is_encrypted_decrypts_to_the_plaintext_that_is_shown() {
    let (server, client) = (key("server"), key("client"));
    every(|operation, html| {
        for (side, encrypted, example, key) in [
            (
                "request",
                operation.encryption.request,
                operation.request.examples.first(),
                &server,
            ),
            (
                "success",
                operation.encryption.response,
                operation.response.examples.first(),
                &client,
            ),
        ] {
            let body = part(html, &format!("{side}-body")).unwrap();
            let plaintext = part(html, &format!("{side}-plaintext"));
            let value: serde_json::Value = serde_json::from_str(&body).unwrap();
            let plaintext = if encrypted == Encrypted::Yes {
                let plaintext = plaintext.unwrap();
                let jwe = value["encData"].as_str().unwrap();
                let decrypted = key.decrypt(jwe, KeyWrapping::RsaOaep256).unwrap();
                assert_eq!(decrypted, plaintext.as_bytes(), "{}", operation.id);
                let jose = part(html, &format!("{side}-jose")).unwrap();
                let protected = jwe.split('.').next().unwrap();
                assert_eq!(BASE64URL.decode(protected).unwrap(), jose.as_bytes());
                plaintext
            } else {
                assert_eq!(plaintext, None, "{}", operation.id);
                body
            };
            let expected = example.map_or(serde_json::json!({}), |example| example.value.clone());
            let shown: serde_json::Value = serde_json::from_str(&plaintext).unwrap();
            assert_eq!(shown, expected, "{}", operation.id);
        }
    });
}

#[test]
fn what_is_not_known_is_said() {
    every(|operation, html| {
        let is_unknown = operation.encryption.request == Encrypted::Unknown;
        assert_eq!(
            html.contains("이 요청의 암호화 여부는 확인되지 않았습니다"),
            is_unknown
        );
        let is_unknown = operation.encryption.response == Encrypted::Unknown;
        assert_eq!(
            html.contains("이 응답의 암호화 여부는 확인되지 않아"),
            is_unknown
        );
    });
}

#[test]
fn the_keys_are_those_of_the_sandbox() {
    for name in ["server.spki", "server.pkcs8", "client.spki", "client.pkcs8"] {
        let read = |folder: &str| {
            let path = format!("{}/{folder}/{name}.pem", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(path).unwrap()
        };
        assert_eq!(read("keys"), read("../sandbox/keys"), "{name}");
    }
}
