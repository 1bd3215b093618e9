//! `konaplate verify`.

mod headers;
mod report;
mod signature;
mod timestamp;
mod token;
mod variant;

use std::path::{Path, PathBuf};

use clap::Args;
use konaplate::protocol::envelope::Document;
use konaplate::protocol::headers::{ACCESS_KEY, CORRELATION_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN};
use konaplate::protocol::{KeyWrapping, SigningKey, TranToken};
use zeroize::Zeroizing;

use self::headers::Headers;
use self::variant::Variant;
use super::protocol::body::{Reading, read_file};
use super::protocol::finding::Finding;
use super::protocol::form::Form;
use super::protocol::instant::Instant;
use super::protocol::keys;
use crate::bilingual::Texts;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Says whether a token is right, and what is wrong with it.
///
/// Where it is wrong, other ways of making a token are tried, up to two at a time, and the one that
/// makes this token is named: another key, another hash, another message, another body. The secret key
/// is KONAPLATE_SECRET_KEY. Ends with 0 where the token is right, and with 2 where it is not. The right
/// token is printed with --expose only.
#[derive(Debug, Args)]
#[command(
    override_usage = "konaplate verify [OPTIONS] <TOKEN> [FILE]\n       \
                      konaplate verify [OPTIONS] --headers <HEADERS> [FILE]",
    after_help = "\
Examples:
  konaplate verify KMV1:20260315104512345:… body.json
  printf '{}' | konaplate verify KMV1:20260315104512345:… --tran-time 20260315104512
  konaplate verify --headers request.txt body.json       # a dump of a request's headers
  konaplate sign body.json > headers.json && konaplate verify --headers headers.json body.json
  konaplate verify --headers sent.txt --plaintext body.json sent.json      # of an encrypted call

FILE is the body as it was sent, of an encrypted call the envelope. With - or none it is read from
standard input. The bytes are taken as they are: a line break at the end is part of the body."
)]
pub struct Arguments {
    /// The token, unless --headers has it, and the file with the body.
    #[arg(value_names = ["TOKEN", "FILE"], num_args = 0..=2)]
    given: Vec<String>,

    #[command(flatten)]
    reading: Reading,

    /// File with the headers of the call: lines of Name: value, or a JSON object.
    #[arg(long, value_name = "HEADERS")]
    headers: Option<PathBuf>,

    /// X-KM-Tran-Time of the call.
    #[arg(long, value_name = "DIGITS")]
    tran_time: Option<String>,

    /// X-KM-Time-Zone of the call; by default KST.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,

    /// X-KM-Correlation-Id of the call.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<String>,

    /// When the call was made, if that is known: RFC 3339 or seconds since 1970. Finds a clock in
    /// another zone.
    #[arg(long, value_name = "INSTANT")]
    time: Option<Instant>,

    /// What of the body has to be signed.
    #[arg(long, value_name = "FORM", value_enum, default_value = "raw")]
    message_form: Form,

    /// File with the body before it was encrypted: says whether that was signed.
    #[arg(long, value_name = "FILE")]
    plaintext: Option<PathBuf>,

    /// File with the secret key, in the place of KONAPLATE_SECRET_KEY.
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,

    /// Prints the right token, too.
    #[arg(long)]
    expose: bool,
}

/// What a token is checked with.
struct Check<'a> {
    context: &'a Context,
    secret: &'a str,
    body: &'a [u8],
    findings: Vec<Finding>,
}

impl Arguments {
    /// Prints whether the token is right, and what is wrong.
    ///
    /// # Errors
    /// Token, body or key cannot be read.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut findings = Vec::new();
        let headers = self.headers_given(&mut findings)?;
        let (token, file) = self.token_and_file(headers.get(&TRAN_TOKEN))?;
        let secret = keys::secret_key(&context.variables, self.secret_key_file.as_deref())?;
        let body = self.reading.read(file.map(Path::new), context.language)?;
        let mut check = Check {
            context,
            secret: &secret,
            body: &body,
            findings,
        };
        let parts = token::parts(token, &mut check.findings);
        headers.check(&context.variables, &mut check.findings)?;
        let zone = headers.zone(&mut check.findings);
        let time = parts
            .timestamp
            .and_then(|text| timestamp::of_token(text, &mut check.findings));
        if let Some(time) = time {
            if let Some(header) = headers.get(&TRAN_TIME) {
                timestamp::against_header(time, header, &mut check.findings);
            }
            let zone = zone.unwrap_or_default();
            timestamp::against_clock(time, zone, self.time, &mut check.findings);
        }
        if let Some(signature) = parts.signature {
            let access_key = headers.get(&ACCESS_KEY);
            self.check_signature(&signature, parts.timestamp, access_key, &mut check)?;
        }
        let right = self.expose.then(|| {
            let key = SigningKey::new(&secret).ok()?;
            let token = TranToken::sign(&key, time?, &body, self.message_form.into());
            Some(token.as_str().to_owned())
        });
        report::print(context, &check.findings, zone, right.flatten())
    }

    fn headers_given(&self, findings: &mut Vec<Finding>) -> Result<Headers, Failure> {
        let mut headers = match &self.headers {
            Some(file) => {
                let dump = read_file("headers", file)?;
                let dump = String::from_utf8_lossy(&dump);
                Headers::read(&dump, findings)
            }
            None => Headers::default(),
        };
        headers.set(&TRAN_TIME, self.tran_time.clone());
        headers.set(&TIME_ZONE, self.zone.clone());
        headers.set(&CORRELATION_ID, self.correlation_id.clone());
        Ok(headers)
    }

    /// The token, and the file with the body, if there is one.
    fn token_and_file<'a>(
        &'a self,
        of_headers: Option<&'a str>,
    ) -> Result<(&'a str, Option<&'a str>), Failure> {
        match (&self.given[..], of_headers) {
            ([], Some(token)) => Ok((token, None)),
            ([file], Some(token)) => Ok((token, Some(file))),
            ([token], None) => Ok((token, None)),
            ([token, file], _) => Ok((token, Some(file))),
            _ => Err(Failure::bad_input("token: there is none").next(
                "konaplate verify TOKEN FILE, or --headers with a file that has X-KM-Tran-Token",
            )),
        }
    }

    fn check_signature(
        &self,
        signature: &[u8],
        timestamp: Option<&str>,
        access_key: Option<&str>,
        check: &mut Check<'_>,
    ) -> Result<(), Failure> {
        let variables = &check.context.variables;
        let own = keys::setting_text(variables, keys::ACCESS_KEY)?;
        let access_key = access_key.or_else(|| own.as_ref().map(|key| key.as_str()));
        let former = keys::setting_text(variables, keys::FORMER_SECRET_KEY)?;
        let former = former.as_ref().map(|key| key.as_str());
        let keys = variant::keys(check.secret, former, access_key);
        let is_base64 = self.message_form == Form::Base64;
        let messages = variant::messages(is_base64, timestamp, access_key);
        let bodies = variant::bodies(check.body, self.inside(check)?);
        let has = signature.len();
        let found = signature::search(signature, &keys, &messages, &bodies);
        check.findings.extend(match found {
            Some(findings) => findings,
            None if signature::is_cut_off(signature, &keys, &messages, &bodies) => {
                vec![Finding::new(
                    "signature-cut-off",
                    (
                        format!("the signature is right, but only its first {has} bytes are there"),
                        format!("서명은 올바르지만 앞 {has}바이트만 있습니다."),
                    ),
                    (
                        "send all 32 bytes: the token has 67 characters",
                        "32바이트를 모두 보내십시오. 토큰은 67자입니다.",
                    ),
                )]
            }
            None if has != 32 => vec![Finding::new(
                "signature-length",
                (
                    format!("the signature has {has} bytes, and an HMAC-SHA256 has 32"),
                    format!("서명이 {has}바이트입니다. HMAC-SHA256은 32바이트입니다."),
                ),
                (
                    "sign with HMAC-SHA256, and write all of it as base64",
                    "HMAC-SHA256으로 서명하고, 그 전체를 base64로 쓰십시오.",
                ),
            )],
            None => vec![other_key_or_body(check.body)],
        });
        Ok(())
    }

    /// What belongs to an envelope, and could have been signed in its place: the JWE without its
    /// envelope, and the plaintext, where it is given or can be decrypted.
    fn inside(&self, check: &Check<'_>) -> Result<Vec<Variant>, Failure> {
        const CURE: Texts = (
            "encrypt first, then sign the envelope {\"encData\": …} as it is sent",
            "먼저 암호화하고, 전송할 봉투(envelope) {\"encData\": …}에 그대로 서명하십시오.",
        );
        let variant = |bytes: Vec<u8>, id, says: Texts| Variant {
            bytes: Zeroizing::new(bytes),
            finding: Some(Finding::new(id, says, CURE)),
        };
        let plaintext = |bytes| {
            variant(
                bytes,
                "body-plaintext",
                (
                    "the token signs the body before it was encrypted",
                    "토큰의 서명 대상이 암호화하기 전의 본문입니다.",
                ),
            )
        };
        let mut inside = Vec::new();
        if let Some(file) = &self.plaintext {
            inside.push(plaintext(read_file("plaintext", file)?));
        }
        let document = Document::parse(check.body);
        let Some(jwe) = document.as_ref().and_then(Document::enc_data) else {
            return Ok(inside);
        };
        inside.push(variant(
            jwe.as_bytes().to_vec(),
            "body-jwe",
            (
                "the token signs the JWE without its envelope",
                "토큰의 서명 대상이 봉투(envelope)를 제외한 JWE입니다.",
            ),
        ));
        // A request is encrypted for the platform; a response and a callback for these keys.
        for key in keys::private_keys(&check.context.variables, None).unwrap_or_default() {
            if let Ok(bytes) = key.key.decrypt(jwe, KeyWrapping::RsaOaep256OrSha1) {
                inside.push(plaintext(bytes));
            }
        }
        Ok(inside)
    }
}

fn other_key_or_body(body: &[u8]) -> Finding {
    let has = body.len();
    let cure = if Document::parse(body).is_some_and(|body| body.enc_data().is_some()) {
        (
            "sign {} with both programs: where these tokens agree, the bodies differ, otherwise the keys do; \
             if it signs the plaintext, give that with --plaintext",
            "두 프로그램으로 {}에 서명해 보십시오. 두 토큰이 같으면 본문이 다르고, 그렇지 않으면 키가 다릅니다. \
             평문에 서명한 토큰이라면 --plaintext로 평문을 지정하십시오.",
        )
    } else {
        (
            "sign {} with both programs: where these tokens agree, the bodies differ, otherwise the keys do; \
             if the call is encrypted, the token signs the envelope {\"encData\": …}: give that as the body",
            "두 프로그램으로 {}에 서명해 보십시오. 두 토큰이 같으면 본문이 다르고, 그렇지 않으면 키가 다릅니다. \
             암호화하는 호출이라면 토큰의 서명 대상은 봉투(envelope) {\"encData\": …}입니다. 봉투를 본문으로 지정하십시오.",
        )
    };
    Finding::new(
        "other-key-or-body",
        (
            format!(
                "no way of signing that is tried here makes this signature of these {has} bytes: it is of another key or another body"
            ),
            format!(
                "여기서 시도하는 어떤 서명 방법으로도 이 {has}바이트에서 이 서명이 나오지 않습니다. 다른 키나 다른 본문의 서명입니다."
            ),
        ),
        cure,
    )
}
