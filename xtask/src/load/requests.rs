//! The requests, with test data of the sandbox, and what is expected of the responses. Each request
//! is signed afresh.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use konaplate::protocol::Timestamp;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};
use konaplate::protocol::{MessageForm, SigningKey, TranToken};
use konaplate::{CorrelationId, Operation, SUCCESS, TimeZone};
use serde_json::{Value, json};

use crate::program::Variables;

/// What a row of the table calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A recharge, for the others to ask about. Not measured.
    Prepare,
    /// Operations whose request and response are plain, in turn, none of which moves money.
    Plain,
    /// Plain, and moves money: a recharge out of the partner's deposit, which needs no token.
    SystemRecharge,
    /// Two calls: a token, encrypted both ways, and the recharge that uses it up.
    BankRecharge,
    /// Reads, encrypted both ways.
    EncryptedRead,
}

impl Work {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Prepare => "one recharge",
            Self::Plain => "plain operations",
            Self::SystemRecharge => "`recharge_by_system`, moves money",
            Self::BankRecharge => "`issue_one_time_token` + `recharge_from_bank_account`",
            Self::EncryptedRead => "`get_member`, encrypted",
        }
    }

    pub(super) fn moves_money(self) -> bool {
        matches!(self, Self::SystemRecharge | Self::BankRecharge)
    }
}

/// How a program wants its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Signed, and encrypted where they are.
    Protocol,
    /// Plain JSON: a gateway signs and encrypts.
    Plain,
}

/// The recharge whose result is inquired.
const RECHARGED: &str = "LOAD-RESULT";

/// Every so many encrypted responses, one is decrypted where nothing in it is needed: a failure
/// would not have status 200, and decryption costs the generator as much as the sandbox.
const DECRYPTED: u64 = 64;

/// A request without its signature.
pub(super) struct Request {
    operation: &'static str,
    body: String,
    /// Whether it goes out, and the response comes back, encrypted.
    encrypted: bool,
}

/// The seven variables of the sandbox, ready to sign with, and the parts of requests that are
/// always the same.
pub(super) struct Project {
    head: String,
    signing: SigningKey,
    encryption: EncryptionKey,
    decryption: DecryptionKey,
    plain: Vec<(&'static str, String)>,
}

impl Project {
    pub(super) fn new(variables: &Variables) -> Result<Self> {
        let variable = |name: &str| {
            let mut pairs = variables.pairs();
            pairs
                .find_map(|(other, value)| (other == name).then_some(value))
                .with_context(|| format!("the sandbox wrote no {name}"))
        };
        let head = format!(
            "host: 127.0.0.1\r\ncontent-type: application/json\r\nx-km-time-zone: {}\r\n\
             x-km-user-aspid: {}\r\nx-km-access-key: {}\r\nx-km-crypto-key-id: {}\r\n",
            TimeZone::Kst,
            variable("KONAPLATE_ASP_ID")?,
            variable("KONAPLATE_ACCESS_KEY")?,
            variable("KONAPLATE_CRYPTO_KEY_ID")?,
        );
        let transactions = json!({
            "par": "Q1000000000000000000000002A", "startDate": "20260101", "endDate": "20261231",
            "trType": "00", "pageRequest": {"page": 0, "pageSize": 10},
        });
        let login = json!({
            "loginId": "10000000002@sandbox.example", "loginPassword": "246813",
        });
        let plain = [
            ("get_bank_recharge_result", json!({"sequenceId": RECHARGED})),
            ("list_card_transactions", transactions),
            ("verify_password", login),
            (
                "list_card_products",
                json!({"serviceIdList": ["000170000002000"]}),
            ),
        ];
        Ok(Self {
            head,
            signing: SigningKey::new(variable("KONAPLATE_SECRET_KEY")?)?,
            encryption: EncryptionKey::from_bytes(
                variable("KONAPLATE_SERVER_PUBLIC_KEY")?.as_bytes(),
            )?,
            decryption: DecryptionKey::from_bytes(
                variable("KONAPLATE_CLIENT_PRIVATE_KEY")?.as_bytes(),
            )?,
            plain: plain.map(|(id, body)| (id, body.to_string())).into(),
        })
    }

    /// The first request of the unit of work with that number.
    pub(super) fn first(&self, work: Work, number: u64) -> Request {
        let plain = |operation, body: Value| Request {
            operation,
            body: body.to_string(),
            encrypted: false,
        };
        match work {
            Work::Plain => {
                let place = usize::try_from(number).unwrap_or(0) % self.plain.len();
                let (operation, body) = &self.plain[place];
                Request {
                    operation,
                    body: body.clone(),
                    encrypted: false,
                }
            }
            Work::SystemRecharge => {
                // The cards of seven members in turn: a won each, so that none gets full.
                let member = 4 + number % 7;
                plain(
                    "recharge_by_system",
                    json!({"userId": 10_000_000_000 + member,
                        "par": format!("Q1{member:024}A"), "amount": 1}),
                )
            }
            Work::Prepare | Work::BankRecharge => Request {
                encrypted: true,
                ..plain(
                    "issue_one_time_token",
                    json!({"cardNo": "9491330000000032"}),
                )
            },
            Work::EncryptedRead => Request {
                encrypted: true,
                ..plain("get_member", json!({"userId": 10_000_000_002_u64}))
            },
        }
    }

    /// The request that follows on a response, where the work has a second one.
    pub(super) fn second(
        &self,
        work: Work,
        number: u64,
        form: Form,
        response: &[u8],
    ) -> Result<Option<Request>> {
        let sequence = match work {
            Work::Prepare => RECHARGED.to_owned(),
            Work::BankRecharge => format!("LOAD-{number}"),
            _ => return Ok(None),
        };
        let token = self.plaintext(form, response)?;
        let body = json!({
            "sequenceId": sequence, "userId": 10_000_000_003_u64, "amount": 1,
            "oneTimeToken": token["oneTimeToken"], "dcvv": token["dcvv"],
            "merchantId": "410195430033901",
        });
        Ok(Some(Request {
            operation: "recharge_from_bank_account",
            body: body.to_string(),
            encrypted: false,
        }))
    }

    /// Writes a request as it goes out, signed now where it is signed.
    pub(super) fn write(&self, request: &Request, form: Form, out: &mut Vec<u8>) -> Result<()> {
        let operation = Operation::find(request.operation).context("no such operation")?;
        if form == Form::Plain {
            out.clear();
            write!(
                out,
                "POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{}",
                operation.path(),
                request.body.len(),
                request.body,
            )?;
            return Ok(());
        }
        let envelope;
        let body = if request.encrypted {
            let jwe = self
                .encryption
                .encrypt(ContentEncryption::A128Gcm, request.body.as_bytes())?;
            envelope = format!("{{\"encData\":\"{jwe}\"}}");
            &envelope
        } else {
            &request.body
        };
        let now = Timestamp::new(std::time::SystemTime::now(), TimeZone::Kst);
        let token = TranToken::sign(&self.signing, now, body.as_bytes(), MessageForm::RawBody);
        out.clear();
        write!(
            out,
            "POST {} HTTP/1.1\r\n{}x-km-correlation-id: {}\r\nx-km-tran-time: {}\r\n\
             x-km-tran-token: {}\r\ncontent-length: {}\r\n\r\n{body}",
            operation.path(),
            self.head,
            CorrelationId::fresh(TimeZone::Kst),
            now.tran_time(),
            token.as_str(),
            body.len(),
        )?;
        Ok(())
    }

    /// Fails unless the response is the expected one.
    pub(super) fn expect(
        &self,
        request: &Request,
        form: Form,
        number: u64,
        status: u16,
        response: &[u8],
    ) -> Result<()> {
        ensure!(status == 200, "{}: status {status}", request.operation);
        let code = format!("\"code\":\"{SUCCESS}\"");
        let is_success = if !request.encrypted || form == Form::Plain {
            has(response, code.as_bytes())
        } else if number.is_multiple_of(DECRYPTED) {
            self.plaintext(form, response)?["response"]["code"] == SUCCESS
        } else {
            response.starts_with(b"{\"encData\":\"")
        };
        ensure!(is_success, "{}: no success", request.operation);
        Ok(())
    }

    fn plaintext(&self, form: Form, response: &[u8]) -> Result<Value> {
        let envelope: Value = serde_json::from_slice(response)?;
        if form == Form::Plain {
            return Ok(envelope);
        }
        let jwe = envelope["encData"].as_str().context("no encData")?;
        let plaintext = self.decryption.decrypt(jwe, KeyWrapping::RsaOaep256)?;
        Ok(serde_json::from_slice(&plaintext)?)
    }
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
