//! The other direction of the vectors: what is encrypted here is decrypted by others.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::{ContentEncryption, EncryptionKey};
use serde_json::{Value, json};

use crate::at_root;

const KEPT: &str = "openapi/conformance/jwe_konaplate.json";

/// Without `check`: encrypts messages anew and keeps them. With it: lets jose and jwcrypto decrypt
/// both the kept and fresh ones, and OpenSSL make the signatures again.
pub(crate) fn run(check: bool) -> Result<()> {
    if !check {
        let text = serde_json::to_string_pretty(&encrypted()?)? + "\n";
        std::fs::write(at_root(KEPT), text)?;
        println!("{KEPT} written");
        return Ok(());
    }
    let tools = Tools::install(&at_root("target/vectors"))?;
    let fresh = at_root("target/vectors/fresh.json");
    std::fs::write(&fresh, serde_json::to_string(&encrypted()?)?)?;
    for file in [at_root(KEPT), fresh] {
        tools.decrypt_with_jose(&file)?;
        tools.decrypt_with_jwcrypto(&file)?;
        println!("{}: decrypted by jose and by jwcrypto", file.display());
    }
    done(Command::new("bash").arg(script("signing.sh")))?;
    println!("signing.json: made again by OpenSSL");
    done(tools.python().arg("-B").arg(script("check_negative.py")))?;
    println!("jwe_negative.json: each message breaks the rule that it says");
    Ok(())
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
        let public = std::fs::read(at_root(&format!("openapi/conformance/keys/{key}.spki.pem")))?;
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

/// The other implementations, in a folder that is no part of the project.
struct Tools {
    folder: PathBuf,
}

impl Tools {
    fn install(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let tools = Self {
            folder: folder.to_owned(),
        };
        if !folder.join("node_modules/jose").exists() {
            std::fs::copy(script("package.json"), folder.join("package.json"))?;
            done(
                Command::new("npm")
                    .args(["install", "--no-audit", "--no-fund", "--silent"])
                    .current_dir(folder),
            )?;
        }
        let venv = folder.join("venv");
        if !venv.join("installed").exists() {
            done(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
            done(
                tools
                    .python()
                    .args(["-m", "pip", "install", "--quiet", "-r"])
                    .arg(script("requirements.txt")),
            )?;
            std::fs::write(venv.join("installed"), "")?;
        }
        Ok(tools)
    }

    fn python(&self) -> Command {
        Command::new(self.folder.join("venv/bin/python"))
    }

    fn decrypt_with_jose(&self, file: &Path) -> Result<()> {
        done(
            Command::new("node")
                .env("NODE_PATH", self.folder.join("node_modules"))
                .arg(script("open.mjs"))
                .arg(file),
        )
    }

    fn decrypt_with_jwcrypto(&self, file: &Path) -> Result<()> {
        done(self.python().arg("-B").arg(script("open.py")).arg(file))
    }
}

fn script(name: &str) -> PathBuf {
    at_root("openapi/conformance/make").join(name)
}

/// Runs a command quietly; what it printed is shown if it fails.
fn done(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} cannot be run"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
