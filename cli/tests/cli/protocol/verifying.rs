use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD as BASE64, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD,
};

use super::{ACCESS_KEY, Ran, SECRET, key, run, run_with};

const TIME: &str = "20250315104512345";
const BODY: &str = "{\"name\":\"김코나\",\"amount\":[1, 2.50],\"url\":\"a/b<c>\"}";

fn mac(algorithm: hmac::Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(algorithm, key);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// The signature of the project's key.
fn signature(message: impl AsRef<[u8]>) -> Vec<u8> {
    mac(hmac::HMAC_SHA256, SECRET.as_bytes(), message.as_ref())
}

fn token_of(signature: &[u8]) -> String {
    format!("KMV1:{TIME}:{}", BASE64.encode(signature))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn finds(token: &str, body: &[u8], id: &str) -> Ran {
    let ran = run(&["verify", token], body);
    assert_eq!(ran.findings(), [id], "{token}");
    assert_eq!(ran.code, 2);
    let right = BASE64.encode(signature(body));
    assert!(!ran.text().contains(&right), "the right token is printed");
    ran
}

#[test]
fn another_form_of_the_token_is_named() {
    // Its signature has characters of which the alphabets have different ones, in both forms.
    let body = (0..).map(|n| format!("{{\"n\":{n}}}"));
    let body = body
        .map(String::into_bytes)
        .find(|body| {
            let text = BASE64.encode(signature(body));
            text.contains('+') && text.contains('/')
        })
        .unwrap();
    let bytes = signature(&body);
    let good = token_of(&bytes);
    let with = |signature: &str| format!("KMV1:{TIME}:{signature}");
    // The last character before the padding has two bits that are none of the signature.
    let mut unused = BASE64.encode(&bytes).into_bytes();
    unused[42] += 1;
    let unused = String::from_utf8(unused).unwrap();
    let at = |time: &str| format!("KMV1:{time}:{}", BASE64.encode(&bytes));
    for (token, id) in [
        (with(&URL_SAFE.encode(&bytes)), "signature-url-safe"),
        (with(&STANDARD_NO_PAD.encode(&bytes)), "signature-padding"),
        (with(&hex(&bytes)), "signature-hex"),
        (with(&hex(&bytes).to_uppercase()), "signature-hex"),
        (with(&BASE64.encode(hex(&bytes))), "signature-hex-in-base64"),
        (with("!"), "signature-unreadable"),
        (with(&unused), "signature-unused-bits"),
        ("KMV1:x".to_owned(), "token-structure"),
        (with(&BASE64.encode(&bytes[..20])), "signature-cut-off"),
        (with(&BASE64.encode([1; 20])), "signature-length"),
        (format!("{good} "), "token-blanks"),
        (format!("{good}\n"), "token-blanks"),
        (format!("\"{good}\""), "token-quotes"),
        (format!("{good}."), "token-full-stop"),
        (format!("X-KM-Tran-Token: {good}"), "token-header-name"),
        (good.replace("KMV1", "kmv1"), "token-prefix"),
        (good.replace("KMV1", "KMV2"), "token-prefix"),
        (good.replace("KMV1:", ""), "token-prefix"),
        (at("2025-03-15T10:45:12.345+09:00"), "timestamp-iso"),
        (at("2025-03-15 10:45:12"), "timestamp-iso"),
        (at("20250315104512"), "timestamp-seconds"),
        (at("2025031510451234"), "timestamp-fraction"),
        (at("20250315104512345678"), "timestamp-fraction"),
        (at("250315104512"), "timestamp-short-year"),
        (at("1742003112"), "timestamp-unix"),
        (at("1742003112345"), "timestamp-unix"),
        (at("1742003112345678"), "timestamp-unix"),
        (at("1742003112345678901"), "timestamp-unix"),
        (at("20251315104512345"), "timestamp-not-a-time"),
        (at("02025031510451234"), "timestamp-not-a-time"),
        (at("2025"), "timestamp-form"),
        (at("99990315104512345"), "timestamp-clock"),
    ] {
        finds(&token, &body, id);
    }
    let both = with(&URL_SAFE_NO_PAD.encode(&bytes));
    let ran = run(&["verify", &both], &body);
    assert_eq!(ran.findings(), ["signature-url-safe", "signature-padding"]);
    assert_eq!(run(&["verify", "KMV1"], &body).findings().len(), 2);
}

#[test]
fn another_hash_is_named() {
    let (key, body) = (SECRET.as_bytes(), BODY.as_bytes());
    for (signature, id) in [
        (
            mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key, body),
            "hash-sha1",
        ),
        (mac(hmac::HMAC_SHA224, key, body), "hash-sha224"),
        (mac(hmac::HMAC_SHA384, key, body), "hash-sha384"),
        (mac(hmac::HMAC_SHA512, key, body), "hash-sha512"),
        (
            mac(hmac::HMAC_SHA512, key, body)[..32].to_vec(),
            "hash-sha512",
        ),
        (mac(hmac::HMAC_SHA256, body, key), "hash-swapped"),
    ] {
        finds(&token_of(&signature), body, id);
    }
    for parts in [&[key, body][..], &[body, key], &[body]] {
        let signature = digest(&SHA256, &parts.concat());
        finds(&token_of(signature.as_ref()), body, "hash-plain");
    }
}

#[test]
fn another_key_is_named() {
    let sign = |key: &[u8]| token_of(&mac(hmac::HMAC_SHA256, key, BODY.as_bytes()));
    let check = |secret: &str, key: &[u8], id: &str| {
        let variables = [
            ("KONAPLATE_SECRET_KEY", secret),
            ("KONAPLATE_FORMER_SECRET_KEY", "former-invented-secret"),
        ];
        let ran = run_with(&variables, &["verify", &sign(key)], BODY.as_bytes());
        assert_eq!(ran.findings(), [id], "{secret}");
    };
    check(SECRET, format!("{SECRET}\n").as_bytes(), "key-line-break");
    check(SECRET, format!("{SECRET}\r\n").as_bytes(), "key-line-break");
    check(SECRET, format!("\"{SECRET}\"").as_bytes(), "key-quotes");
    check(SECRET, BASE64.encode(SECRET).as_bytes(), "key-encoded");
    check(SECRET, hex(SECRET.as_bytes()).as_bytes(), "key-encoded");
    check(SECRET, SECRET.to_uppercase().as_bytes(), "key-case");
    check(SECRET, b"former-invented-secret", "key-former");
    check(SECRET, ACCESS_KEY.as_bytes(), "key-access-key");
    check("001122ff", &[0, 0x11, 0x22, 0xff], "key-hex");
    check(
        "aW52ZW50ZWQtc2VjcmV0LTE=",
        b"invented-secret-1",
        "key-base64",
    );
    check("_-8", &[0xff, 0xef], "key-base64");
    check(SECRET, b"quite another", "other-key-or-body");
}

#[test]
fn another_message_is_named() {
    let body = BODY.as_bytes();
    let lines: Vec<u8> = vec![b'x'; 100];
    let mime = BASE64.encode(&lines);
    let mime = format!("{}\r\n{}", &mime[..76], &mime[76..]);
    for (body, message, id) in [
        (body, BASE64.encode(body), "message-base64"),
        (b"\xff\xff", "__8".to_owned(), "message-base64-other"),
        (b"\xff\xff", "//8".to_owned(), "message-base64-other"),
        (b"\xff\xff", "__8=".to_owned(), "message-base64-other"),
        (&lines, mime, "message-base64-lines"),
        (body, hex(body), "message-hex"),
        (body, hex(digest(&SHA256, body).as_ref()), "message-digest"),
        (body, format!("{TIME}{BODY}"), "message-time"),
        (body, format!("{BODY}{TIME}"), "message-time"),
        (body, format!("KMV1:{TIME}:{BODY}"), "message-time"),
        (body, format!("{ACCESS_KEY}{TIME}"), "message-access-key"),
    ] {
        finds(&token_of(&signature(message)), body, id);
    }
    let raw = token_of(&signature(BODY));
    let ran = run(&["verify", &raw, "--message-form", "base64"], body);
    assert_eq!(ran.findings(), ["message-raw"]);
}

#[test]
fn another_body_is_named() {
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { BODY.encode_utf16().flat_map(bytes).collect() };
    let korean = encoding_rs::EUC_KR.encode(BODY).0.into_owned();
    let twice: String = BODY.bytes().map(char::from).collect();
    let marks: String = BODY
        .chars()
        .map(|c| if c.is_ascii() { c } else { '?' })
        .collect();
    let own = BODY.as_bytes().to_vec();
    let text = |text: &str| text.as_bytes().to_vec();
    let compact = BODY.replace(", ", ",");
    let two = "{\n  \"name\": \"김코나\",\n  \"amount\": [\n    1,\n    2.50\n  ],\n  \"url\": \"a/b<c>\"\n}";
    let jackson =
        "{\n  \"name\" : \"김코나\",\n  \"amount\" : [ 1, 2.50 ],\n  \"url\" : \"a/b<c>\"\n}";
    let python = "{\"name\": \"김코나\", \"amount\": [1, 2.50], \"url\": \"a/b<c>\"}";
    let escaped = BODY.replace("김코나", "\\uae40\\ucf54\\ub098");
    let sorted = "{\"a\":{\"c\":2,\"d\":1},\"b\":[]}";
    let lines = "{\n\"a\": 1\n}";
    for (given, signed, id) in [
        (own.clone(), text(&format!("{BODY}\n")), "body-line-break"),
        (own.clone(), text(&format!("{BODY}\r\n")), "body-line-break"),
        (text("{}\n"), text("{}"), "body-no-line-break"),
        (text("{}\r\n"), text("{}"), "body-no-line-break"),
        (text(lines), text(&lines.replace('\n', "\r\n")), "body-crlf"),
        (text(&lines.replace('\n', "\r\n")), text(lines), "body-lf"),
        (own.clone(), text(&compact), "body-compact"),
        (text(two), text(&compact), "body-compact"),
        (own.clone(), text(two), "body-spaced"),
        (own.clone(), text(&two.replace("  ", "    ")), "body-spaced"),
        (own.clone(), text(&two.replace("  ", "\t")), "body-spaced"),
        (own.clone(), text(jackson), "body-spaced"),
        (own.clone(), text(python), "body-spaced"),
        (own.clone(), text(&escaped), "body-escaped"),
        (own.clone(), text(&BODY.replace('/', "\\/")), "body-escaped"),
        (
            own.clone(),
            text(&escaped.replace('/', "\\/")),
            "body-escaped",
        ),
        (
            own.clone(),
            text(&BODY.replace('<', "\\u003c").replace('>', "\\u003e")),
            "body-escaped",
        ),
        (text(&escaped), own.clone(), "body-unescaped"),
        (
            text("{\"b\":[],\"a\":{\"d\":1,\"c\":2}}"),
            text(sorted),
            "body-sorted",
        ),
        (
            own.clone(),
            serde_json::to_vec(BODY).unwrap(),
            "body-as-string",
        ),
        (
            own.clone(),
            text(&format!("\u{feff}{BODY}")),
            "body-byte-order-mark",
        ),
        (
            text(&format!("\u{feff}{BODY}")),
            own.clone(),
            "body-no-byte-order-mark",
        ),
        (own.clone(), korean.clone(), "body-encoding"),
        (korean, own.clone(), "body-encoding"),
        (own.clone(), utf16(u16::to_le_bytes), "body-encoding"),
        (own.clone(), utf16(u16::to_be_bytes), "body-encoding"),
        (own.clone(), twice.into_bytes(), "body-encoding"),
        (own.clone(), marks.into_bytes(), "body-encoding"),
        (
            text("{\"a\":\"é\"}"),
            b"{\"a\":\"\xe9\"}".to_vec(),
            "body-encoding",
        ),
        (text(" {} "), text("{}"), "body-compact"),
        (text(" x "), text("x"), "body-trimmed"),
        (own.clone(), Vec::new(), "body-empty"),
        (own, text("{}"), "other-key-or-body"),
    ] {
        finds(&token_of(&signature(&signed)), &given, id);
    }
}

#[test]
fn the_plaintext_of_an_envelope_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let plaintext = folder.path().join("body.json");
    std::fs::write(&plaintext, BODY).unwrap();
    let plaintext = plaintext.to_str().unwrap();
    let sent = run(&["encrypt", plaintext], b"").out;
    let of_plaintext = token_of(&signature(BODY));
    finds(&of_plaintext, &sent, "other-key-or-body");
    let ran = run(&["verify", "--plaintext", plaintext, &of_plaintext], &sent);
    assert_eq!(ran.findings(), ["body-plaintext"]);
    // A response is decrypted with this side's key.
    let client = key("client.spki.pem");
    let response = run(
        &["encrypt", "--key-file", client.to_str().unwrap(), plaintext],
        b"",
    )
    .out;
    finds(&of_plaintext, &response, "body-plaintext");
    let jwe = serde_json::from_slice::<serde_json::Value>(&sent).unwrap();
    let of_jwe = token_of(&signature(jwe["encData"].as_str().unwrap()));
    finds(&of_jwe, &sent, "body-jwe");
}

#[test]
fn two_things_that_are_wrong_are_both_named() {
    let mut key = SECRET.as_bytes().to_vec();
    key.push(b'\n');
    let message = BASE64.encode(BODY);
    let token = token_of(&mac(hmac::HMAC_SHA256, &key, message.as_bytes()));
    let ran = run(&["verify", &token], BODY.as_bytes());
    assert_eq!(ran.findings(), ["key-line-break", "message-base64"]);
    let hex = format!(
        "KMV1:20250315104512:{}",
        hex(&signature(format!("{BODY}\n")))
    );
    let ran = run(&["verify", &hex], BODY.as_bytes());
    let all = ["signature-hex", "timestamp-seconds", "body-line-break"];
    assert_eq!(ran.findings(), all);
}

#[test]
fn headers_that_do_not_belong_to_the_token_are_named() {
    let token = token_of(&signature(BODY));
    for (options, id) in [
        (&["--tran-time", "20250315104513"][..], None),
        (
            &["--tran-time", "20250315104514"],
            Some("tran-time-differs"),
        ),
        (&["--tran-time", "20250315014512"], Some("tran-time-zone")),
        (&["--tran-time", "20250315194512"], Some("tran-time-zone")),
        (
            &["--tran-time", "20250315224512"],
            Some("tran-time-half-day"),
        ),
        (&["--tran-time", TIME], Some("tran-time-form")),
        (&["--tran-time", "2025-03-15"], Some("tran-time-form")),
        (&["--zone", "Asia/Seoul"], Some("time-zone")),
        (&["--zone", "UTC"], None),
        (
            &["--correlation-id", "250315104512-0A1B2C3"],
            Some("correlation-id"),
        ),
        (&["--time", "2025-03-15T10:45:20+09:00"], None),
        (
            &["--time", "2025-03-15T19:45:20+09:00"],
            Some("timestamp-zone"),
        ),
        (
            &["--time", "2025-03-15T22:45:20+09:00"],
            Some("timestamp-half-day"),
        ),
        (
            &["--time", "2025-03-15T11:45:20+09:00"],
            Some("timestamp-clock"),
        ),
        (&["--time", "2025-03-15T10:45:20Z", "--zone", "UTC"], None),
    ] {
        let ran = run(&[&["verify", &token], options].concat(), BODY.as_bytes());
        let expected: Vec<_> = id.into_iter().collect();
        assert_eq!(ran.findings(), expected, "{options:?}");
    }
}

#[test]
fn a_dump_of_headers_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers");
    let token = token_of(&signature(BODY));
    let other = "9".repeat(40);
    for (lines, expected) in [
        (
            format!("> POST /api HTTP/1.1\n> x-km-tran-token: {token}\n>\n"),
            &[][..],
        ),
        (format!("X-KM-Trans-Token: {token}\n"), &["header-name"]),
        (
            format!("X-KM-Tran-Token: {token}\nX-KM-Time-Zone: KST\nX-KM-Time-Zone: UTC\n"),
            &["header-twice"],
        ),
        (
            format!("X-KM-Tran-Token: {token}\nX-KM-Access-Key: {other}\n"),
            &["header-other-project"],
        ),
        (
            format!("X-KM-Tran-Token: {token}\nX-KM-User-AspId: 1\n"),
            &["header-length", "header-other-project"],
        ),
        (
            format!("X-KM-Tran-Token: {token}\nX-KM-Access-Key: {ACCESS_KEY}\n"),
            &[],
        ),
    ] {
        std::fs::write(&file, &lines).unwrap();
        let ran = run(
            &["verify", "--headers", file.to_str().unwrap()],
            BODY.as_bytes(),
        );
        assert_eq!(ran.findings(), expected, "{lines}");
        assert!(!ran.text().contains(&other));
    }
    std::fs::write(&file, "no headers\n").unwrap();
    let file = file.to_str().unwrap();
    let ran = run(&["verify", "--headers", file], BODY.as_bytes());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("token: there is none"), "{}", ran.err);
    let ran = run(&["verify", "--headers", file, &token], BODY.as_bytes());
    assert_eq!(ran.code, 0);
}

#[test]
fn the_right_token_and_no_key_is_printed_where_it_is_asked_for() {
    let wrong = token_of(&[7; 32]);
    let right = token_of(&signature(BODY));
    for output in ["text", "json"] {
        let verify = ["verify", &wrong, "--output", output];
        let ran = run(&verify, BODY.as_bytes());
        assert!(!ran.text().contains(&right));
        let exposed = run(&[&verify[..], &["--expose"]].concat(), BODY.as_bytes());
        assert!(exposed.text().contains(&right), "{}", exposed.text());
        for ran in [ran, exposed] {
            for hidden in [SECRET, ACCESS_KEY, "김코나"] {
                assert!(!ran.text().contains(hidden) && !ran.err.contains(hidden));
            }
        }
    }
}
