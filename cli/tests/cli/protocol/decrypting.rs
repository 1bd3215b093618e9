use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey,
    Pkcs1PublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE, URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

use super::{Ran, cases, key, run};

const PLAINTEXT: &[u8] = b"{\"cardNo\":\"9491339401250765\"}";
const HEADER: &str = r#"{"enc":"A128GCM","alg":"RSA-OAEP-256"}"#;

fn path(name: &str) -> String {
    key(name).to_str().unwrap().to_owned()
}

/// What findings standard error names.
fn named(ran: &Ran) -> Vec<&str> {
    let lines = ran.err.lines().filter(|line| !line.starts_with("  "));
    let ids = lines.filter_map(|line| line.split_once(": "));
    ids.map(|(id, _)| id).filter(|id| *id != "error").collect()
}

/// How a message is made that breaks a rule.
struct Sender<'a> {
    header: &'a str,
    /// None is PKCS #1 v1.5.
    oaep: Option<&'static OaepAlgorithm>,
    key: &'a [u8],
    /// None is the header's text.
    additional: Option<&'a [u8]>,
    receiver: &'a str,
}

impl Default for Sender<'_> {
    fn default() -> Self {
        Self {
            header: HEADER,
            oaep: Some(&OAEP_SHA256_MGF1SHA256),
            key: &[7; 16],
            additional: None,
            receiver: "client.spki.der",
        }
    }
}

impl Sender<'_> {
    fn parts(&self) -> [Vec<u8>; 5] {
        let spki = std::fs::read(key(self.receiver)).unwrap();
        let public = PublicEncryptingKey::from_der(&spki).unwrap();
        let mut wrapped = vec![0; 256];
        match self.oaep {
            Some(oaep) => {
                let public = OaepPublicEncryptingKey::new(public).unwrap();
                public.encrypt(oaep, self.key, &mut wrapped, None).unwrap();
            }
            None => {
                let public = Pkcs1PublicEncryptingKey::new(public).unwrap();
                public.encrypt(self.key, &mut wrapped).unwrap();
            }
        }
        let cipher = if self.key.len() == 32 {
            &AES_256_GCM
        } else {
            &AES_128_GCM
        };
        let text = BASE64URL.encode(self.header);
        let additional = self.additional.unwrap_or(text.as_bytes());
        let mut content = PLAINTEXT.to_vec();
        let content_key = &self.key[..cipher.key_len().min(self.key.len())];
        let tag = LessSafeKey::new(UnboundKey::new(cipher, content_key).unwrap())
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key([9; 12]),
                Aad::from(additional),
                &mut content,
            )
            .unwrap();
        let header = self.header.as_bytes().to_vec();
        [header, wrapped, vec![9; 12], content, tag.as_ref().to_vec()]
    }

    fn jwe(&self) -> String {
        written(&self.parts())
    }
}

fn written(parts: &[Vec<u8>; 5]) -> String {
    parts
        .each_ref()
        .map(|part| BASE64URL.encode(part))
        .join(".")
}

#[test]
fn what_is_encrypted_decrypts() {
    let (public, private) = (path("client.cert.pem"), path("client.pkcs1.pem"));
    for algorithm in ["A128GCM", "A256GCM"] {
        for form in [&[][..], &["--jwe"]] {
            let encrypt = [
                "encrypt",
                "--key-file",
                &public,
                "--content-encryption",
                algorithm,
            ];
            let sent = run(&[&encrypt[..], form].concat(), PLAINTEXT);
            assert_eq!(sent.code, 0, "{}", sent.err);
            let jwe = if form.is_empty() {
                sent.json()["encData"].as_str().unwrap().to_owned()
            } else {
                sent.text()
            };
            let header = BASE64URL.decode(jwe.split('.').next().unwrap()).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            assert_eq!(header, json!({"enc": algorithm, "alg": "RSA-OAEP-256"}));
            let decrypted = run(&["decrypt", "--key-file", &private], &sent.out);
            assert_eq!(decrypted.out, PLAINTEXT, "{}", decrypted.err);
        }
    }
    let empty = run(&["encrypt"], b"");
    assert_eq!(empty.code, 2);
    assert!(
        empty.err.contains("body: must not be empty"),
        "{}",
        empty.err
    );
}

#[test]
fn what_others_encrypt_decrypts_to_its_bytes() {
    for file in ["jwe_jose.json", "jwe_jwcrypto.json", "jwe_konaplate.json"] {
        for case in cases(file) {
            let text = |name: &str| case[name].as_str().unwrap();
            let private = path(text("private_key"));
            let decrypt = ["decrypt", "--key-file", &private];
            let strict = run(&decrypt, text("jwe").as_bytes());
            let lenient = [&decrypt[..], &["--key-wrapping", "RSA-OAEP"]].concat();
            let lenient = run(&lenient, text("jwe").as_bytes());
            let plaintext = BASE64.decode(text("plaintext_base64")).unwrap();
            assert_eq!(lenient.out, plaintext, "{}", text("name"));
            if case["needs_rsa_oaep_sha1"] == true {
                assert_eq!(strict.code, 2);
                assert_eq!(named(&strict), ["alg-sha1"], "{}", text("name"));
            } else {
                assert_eq!(strict.out, plaintext, "{}", text("name"));
            }
        }
    }
}

#[test]
fn what_breaks_a_rule_is_refused_and_the_rule_is_named() {
    let cases = cases("jwe_negative.json");
    assert!(cases.len() >= 100);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let private = path(text("private_key"));
        let decrypt = ["decrypt", "--key-file", &private];
        let lenient = [&decrypt[..], &["--key-wrapping", "RSA-OAEP"]].concat();
        let body = json!({ "encData": text("jwe") }).to_string();
        // What is refused with more allowed is refused with less.
        let is_taken = case["accepts_with_rsa_oaep_sha1"] == true;
        let refused = if is_taken { &decrypt[..] } else { &lenient };
        let ran = run(refused, body.as_bytes());
        let why = format!("{}: {} {}", text("name"), text("why"), ran.err);
        assert_eq!(ran.code, 2, "{why}");
        assert!(ran.out.is_empty(), "{why}");
        assert!(!named(&ran).is_empty(), "{why}");
        if is_taken {
            assert_eq!(run(&lenient, body.as_bytes()).code, 0, "{why}");
        }
    }
}

#[test]
fn each_way_to_differ_is_named_and_nothing_else() {
    let header = |text| Sender {
        header: text,
        ..Sender::default()
    };
    let good = Sender::default().parts();
    let changed = |place: usize, change: fn(&mut Vec<u8>)| {
        let mut parts = good.clone();
        change(&mut parts[place]);
        written(&parts)
    };
    // Bytes whose text differs between the alphabets.
    let nonce = |text: &str| {
        let parts = written(&good);
        let mut parts: Vec<_> = parts.split('.').collect();
        parts[4] = text;
        parts.join(".")
    };
    let standard = (0..)
        .map(|_| written(&Sender::default().parts()))
        .find(|jwe| jwe.contains('-') || jwe.contains('_'))
        .unwrap();
    let tag = &good[4];
    let text = BASE64URL.encode(tag);
    let blanks = format!("{}\n{}", &text[..7], &text[7..]);
    // The last character has four bits that are none of the tag.
    let mut unused = text.into_bytes();
    unused[21] += 1;
    let unused = String::from_utf8(unused).unwrap();
    for (jwe, id) in [
        (
            Sender {
                oaep: Some(&OAEP_SHA1_MGF1SHA1),
                ..Sender::default()
            }
            .jwe(),
            "key-padding",
        ),
        (
            Sender {
                oaep: None,
                ..Sender::default()
            }
            .jwe(),
            "key-padding",
        ),
        (
            Sender {
                receiver: "server.spki.der",
                ..Sender::default()
            }
            .jwe(),
            "key-does-not-unwrap",
        ),
        (
            Sender {
                key: &[7; 24],
                ..Sender::default()
            }
            .jwe(),
            "content-key-length",
        ),
        (
            Sender {
                key: &[7; 32],
                ..Sender::default()
            }
            .jwe(),
            "content-key-length",
        ),
        (
            Sender {
                additional: Some(b""),
                ..Sender::default()
            }
            .jwe(),
            "additional-data",
        ),
        (
            Sender {
                additional: Some(HEADER.as_bytes()),
                ..Sender::default()
            }
            .jwe(),
            "additional-data",
        ),
        (
            header(r#"{"enc":"A128GCM","alg":"RSA-OAEP-256","zip":"DEF"}"#).jwe(),
            "header-zip",
        ),
        (
            header(r#"{"enc":"A128GCM","alg":"RSA-OAEP-256","crit":["exp"]}"#).jwe(),
            "header-crit",
        ),
        (
            header(r#"{"enc":"A128GCM","enc":"A128GCM","alg":"RSA-OAEP-256"}"#).jwe(),
            "header-twice",
        ),
        (header(r#"{"enc":"A128GCM"}"#).jwe(), "header-alg"),
        (header(r#"{"alg":"RSA-OAEP-256"}"#).jwe(), "header-enc"),
        (
            header(r#"{"enc":"A128CBC-HS256","alg":"RSA-OAEP-256"}"#).jwe(),
            "enc",
        ),
        (header(r#"{"enc":"A128GCM","alg":"dir"}"#).jwe(), "alg"),
        (header("no JSON").jwe(), "header-json"),
        (changed(0, |part| part[0] = 0xff), "header-utf8"),
        (changed(1, |part| part.truncate(255)), "wrapped-key-length"),
        (changed(2, |part| part.push(0)), "nonce-length"),
        (changed(3, |part| part[0] ^= 1), "tag"),
        (changed(3, Vec::clear), "part-empty"),
        (changed(4, |part| part.truncate(12)), "tag-length"),
        (changed(4, |part| part[0] ^= 1), "tag"),
        (nonce(&URL_SAFE.encode(tag)), "part-padding"),
        (
            nonce(&format!("{}\n ", BASE64URL.encode(tag))),
            "tag-is-trimmed",
        ),
        (nonce("!"), "part-base64"),
        (nonce(&blanks), "part-blanks"),
        (nonce(&unused), "part-unused-bits"),
        (
            standard.replace('-', "+").replace('_', "/"),
            "part-alphabet",
        ),
        (format!("{}.x", written(&good)), "parts"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.AA".to_owned(), "parts"),
        ("x".to_owned(), "parts"),
    ] {
        let ran = run(&["decrypt"], jwe.as_bytes());
        if id == "tag-is-trimmed" {
            // Blanks around a message are none of it.
            assert_eq!(ran.out, PLAINTEXT, "{}", ran.err);
            continue;
        }
        let mut ids = named(&ran);
        ids.dedup();
        assert_eq!(ids, [id], "{}", ran.err);
        assert_eq!(ran.code, 2);
        assert!(ran.out.is_empty());
    }
}

#[test]
fn what_is_no_envelope_says_what_it_is() {
    for (body, cause) in [
        ("", "body: is empty"),
        ("{", "is no JSON object"),
        ("[]", "is no JSON object"),
        ("{\"encData\":\"a\",\"encData\":\"b\"}", "encData twice"),
        ("{\"encData\":1}", "has no encData that is text"),
        (
            "{\"response\":{\"code\":\"000_000\"}}",
            "a response that is not encrypted",
        ),
        ("{\"ciphertext\":\"x\"}", "is a JWE as JSON"),
    ] {
        let ran = run(&["decrypt"], body.as_bytes());
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(cause), "{body}: {}", ran.err);
    }
}

#[test]
fn on_a_terminal_values_are_masked_unless_they_are_exposed() {
    let body = json!({ "encData": Sender::default().jwe() }).to_string();
    let masked = run(&["decrypt", "--output", "text"], body.as_bytes());
    assert_eq!(masked.text(), "{\n  \"cardNo\": \"[text of 16]\"\n}\n");
    let of = ["decrypt", "--output", "text", "--request", "--operation"];
    let operation = run(
        &[&of[..], &["issue_one_time_token"]].concat(),
        body.as_bytes(),
    );
    assert_eq!(operation.code, 0, "{}", operation.err);
    assert!(!operation.text().contains("9491339401250765"));
    let exposed = run(
        &["decrypt", "--output", "text", "--expose"],
        body.as_bytes(),
    );
    assert!(exposed.text().contains("9491339401250765"));
}

#[test]
fn no_byte_of_a_key_is_printed() {
    let pem = std::fs::read_to_string(key("client.pkcs8.pem")).unwrap();
    let line = pem.lines().nth(3).unwrap();
    let body = Sender::default().jwe();
    for (arguments, body) in [
        (&["decrypt", "--output", "text"][..], body.as_str()),
        (&["decrypt"], "x.x.x.x.x"),
        (&["encrypt"], "{}"),
        (&["encrypt", "--key-file", "keys/client.pkcs8.pem"], "{}"),
        (
            &["decrypt", "--key-file", "keys/truncated.pkcs8.pem"],
            &body,
        ),
        (&["decrypt", "--key-file", "keys/client.spki.pem"], &body),
        (
            &["sign", "--secret-key-file", "keys/client.pkcs8.pem"],
            "{}",
        ),
        (
            &["sign", "--secret-key-file", "keys/client.pkcs8.der"],
            "{}",
        ),
    ] {
        let ran = run(arguments, body.as_bytes());
        let all = format!("{}{}", ran.text(), ran.err);
        assert!(
            !all.contains(line) && !all.contains(super::SECRET),
            "{arguments:?}"
        );
        if arguments.len() == 3 && arguments[1].ends_with("-file") {
            assert_eq!(ran.code, 2, "{arguments:?}");
            assert!(ran.err.lines().count() >= 2, "no next step: {}", ran.err);
        }
    }
}
