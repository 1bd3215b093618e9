//! The cases of `openapi/conformance`: made by scripts in Python, and by this client where it encrypts.
//!
//! What no chance is in is made again by the check and compared byte for byte. What is encrypted is decrypted
//! by others.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::envelope::Document;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use serde_json::{Value, json};

use self::tools::{Tools, done};
use crate::{at_root, files};

const FOLDER: &str = "openapi/conformance";

/// The messages of this client.
const ENCRYPTED: &str = "jwe_konaplate.json";

/// The files that are the same on every run, each made by the script of its name. One of them has
/// messages in it, which are kept where they are good.
const MADE: [&str; 5] = [
    "signing",
    "correlation_ids",
    "envelopes",
    "verdicts",
    "responses",
];

/// Without `check`: makes the files that are the same on every run, and encrypts messages where the kept
/// ones are not what they should be. With it, nothing of the project is written.
pub(crate) fn run(check: bool) -> Result<()> {
    let work = at_root("target/vectors");
    let tools = Tools::install(&work)?;
    if check {
        remake(&tools, &work)?;
        decrypt(&tools, &work)
    } else {
        make(&tools)
    }
}

fn make(tools: &Tools) -> Result<()> {
    for name in MADE {
        tools.run(&format!("{name}.py"), &[])?;
        println!("{FOLDER}/{name}.json written");
    }
    let kept = at_root(FOLDER).join(ENCRYPTED);
    if is_kept(&kept, &encrypted()?)? {
        println!("{FOLDER}/{ENCRYPTED} is good");
        return Ok(());
    }
    let text = serde_json::to_string_pretty(&encrypted()?)? + "\n";
    std::fs::write(&kept, text)?;
    println!("{FOLDER}/{ENCRYPTED} written");
    Ok(())
}

/// Makes the files again, elsewhere, and compares them.
fn remake(tools: &Tools, work: &Path) -> Result<()> {
    let made = work.join("made");
    std::fs::create_dir_all(&made)?;
    for name in MADE {
        tools.run(&format!("{name}.py"), &[&made])?;
        let file = format!("{name}.json");
        let (kept, fresh) = (at_root(FOLDER).join(&file), made.join(&file));
        ensure!(
            std::fs::read(&kept)? == std::fs::read(&fresh)?,
            "{} is stale, see {}: run `cargo xtask vectors`",
            kept.display(),
            fresh.display()
        );
        println!("{file}: the same when it is made again");
    }
    Ok(())
}

/// Lets the others decrypt, sign again, and say of each bad message what is bad about it.
fn decrypt(tools: &Tools, work: &Path) -> Result<()> {
    let fresh = work.join("fresh.json");
    std::fs::write(&fresh, serde_json::to_string(&encrypted()?)?)?;
    let responses = work.join("responses.json");
    std::fs::write(&responses, serde_json::to_string(&encrypted_responses()?)?)?;
    for file in [at_root(FOLDER).join(ENCRYPTED), fresh, responses] {
        tools.decrypt_with_jose(&file)?;
        tools.decrypt_with_jwcrypto(&file)?;
        println!("{}: decrypted by jose and by jwcrypto", file.display());
    }
    done(Command::new("bash").arg(script("signing.sh")))?;
    println!("signing.json: signed again by OpenSSL");
    tools.run("check_negative.py", &[])?;
    println!("jwe_negative.json: each message breaks the rule that it says");
    Ok(())
}

/// Whether the messages of a file are of these cases and decrypt.
fn is_kept(file: &Path, wanted: &Value) -> Result<bool> {
    if !file.exists() {
        return Ok(false);
    }
    let kept: Value = serde_json::from_str(&files::read(file)?)?;
    let cases = |document: &Value| document["cases"].as_array().cloned().unwrap_or_default();
    let without_message = |mut case: Value| {
        case["jwe"].take();
        case
    };
    let same = cases(&kept)
        .into_iter()
        .map(without_message)
        .eq(cases(wanted).into_iter().map(without_message));
    if !same {
        return Ok(false);
    }
    for case in cases(&kept) {
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let key = DecryptionKey::from_bytes(&key(text("private_key"))?)?;
        let plaintext = key.decrypt(text("jwe"), KeyWrapping::RsaOaep256);
        if plaintext != Ok(BASE64.decode(text("plaintext_base64"))?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The messages in `responses.json` that are successes, in the form that the decryption scripts read.
fn encrypted_responses() -> Result<Value> {
    let file = at_root(FOLDER).join("responses.json");
    let responses: Value = serde_json::from_str(&files::read(&file)?)?;
    let mut cases = Vec::new();
    for case in responses["cases"].as_array().context("cases")? {
        let body = BASE64.decode(case["body_base64"].as_str().unwrap_or_default())?;
        let plaintext = &case["expect"]["plaintext_base64"];
        let document = Document::parse(&body);
        if let (Some(jwe), true) = (
            document.as_ref().and_then(Document::enc_data),
            plaintext.is_string(),
        ) {
            cases.push(json!({
                "name": case["name"],
                "private_key": case["private_key"],
                "plaintext_base64": plaintext,
                "jwe": jwe,
            }));
        }
    }
    Ok(json!({ "cases": cases }))
}

/// Messages of this client, in the form that the decryption scripts read.
fn encrypted() -> Result<Value> {
    let plaintexts = [
        ("object", "{}".to_owned()),
        (
            "ordinary",
            r#"{"cardNo":"9491339401250765","type":"CREDIT"}"#.to_owned(),
        ),
        (
            "korean_and_emoji",
            r#"{"receiverName":"김코코 🎁"}"#.to_owned(),
        ),
        ("one_byte", "x".to_owned()),
        ("16_kib", format!(r#"{{"text":"{}"}}"#, "가".repeat(5_457))),
    ];
    let mut cases = Vec::new();
    for key in ["server", "client"] {
        let public = self::key(&format!("{key}.spki.pem"))?;
        let encryption = EncryptionKey::from_bytes(&public)?;
        for (enc, enc_name) in [
            (ContentEncryption::A128Gcm, "a128gcm"),
            (ContentEncryption::A256Gcm, "a256gcm"),
        ] {
            for (name, plaintext) in &plaintexts {
                cases.push(json!({
                    "name": format!("{key}_{enc_name}_{name}"),
                    "private_key": format!("{key}.pkcs8.pem"),
                    "plaintext_base64": BASE64.encode(plaintext),
                    "jwe": encryption.encrypt(enc, plaintext.as_bytes())?,
                    "needs_rsa_oaep_sha1": false,
                }));
            }
        }
    }
    Ok(json!({"made_by": "konaplate, `cargo xtask vectors`", "cases": cases}))
}

fn key(file: &str) -> Result<Vec<u8>> {
    let path = at_root(FOLDER).join("keys").join(file);
    std::fs::read(&path).with_context(|| path.display().to_string())
}

fn script(name: &str) -> PathBuf {
    at_root(FOLDER).join("make").join(name)
}
