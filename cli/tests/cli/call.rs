//! Promise: `konaplate call` checks before it sends, sends once, shows nothing that is sensitive, and ends
//! with a code that scripts can rely on.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use konaplate_sandbox::{Fault, HtmlStatus, Sandbox, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, USER};

const RECHARGE: &str = "recharge_from_bank_account";

/// A sandbox, and the program with its variables in a folder of its own.
struct Desk {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

/// How the program ended.
#[derive(Debug)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Ended {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    #[track_caller]
    fn is(&self, code: i32, parts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part}: {self:?}");
        }
        self
    }
}

impl Desk {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        // However long a program takes to start, no token expires.
        sandbox.stop_clock_at(SystemTime::now());
        Self {
            sandbox,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konaplate"));
        command
            .arg("call")
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.sandbox.variables())
            .env("LC_ALL", "C")
            .env_remove("KONAPLATE_JOURNAL")
            .env_remove("RUST_LOG");
        command
    }

    fn call(&self, arguments: &[&str]) -> impl Future<Output = Ended> + use<> {
        ended(self.command(arguments))
    }

    fn call_with(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> impl Future<Output = Ended> + use<> {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        ended(command)
    }

    async fn piped(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = input.to_owned();
        let output = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(input.as_bytes()).unwrap();
            drop(stdin);
            child.wait_with_output().unwrap()
        });
        read(output.await.unwrap())
    }

    /// The arguments of a recharge, with a fresh token.
    async fn recharge(&self, sequence_id: &str) -> Vec<String> {
        self.recharge_of(sequence_id, USER, CARD).await
    }

    async fn recharge_of(&self, sequence_id: &str, user: u64, card: &str) -> Vec<String> {
        let client = self.sandbox.client();
        let token = client.issue_one_time_token().card_no(card).send();
        let token = token.await.unwrap();
        vec![
            RECHARGE.to_owned(),
            format!("sequenceId={sequence_id}"),
            format!("userId={user}"),
            "amount=20000".to_owned(),
            format!("oneTimeToken={}", token.one_time_token.expose()),
            format!("dcvv={}", token.dcvv.expose()),
            format!("merchantId={}", fixtures::MERCHANTS[0]),
        ]
    }
}

async fn ended(mut command: Command) -> Ended {
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    read(output.await.unwrap())
}

fn read(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn strs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn sessions() {
    let sandbox = Sandbox::start().await.unwrap();
    let variables = sandbox.variables();
    let run = tokio::task::spawn_blocking(move || {
        let cases = trycmd::TestCases::new();
        cases
            .default_bin_name("konaplate")
            .env("LC_ALL", "C")
            .case("tests/sessions/call/*.trycmd");
        for (name, value) in variables {
            cases.env(name, value);
        }
        cases.run();
    });
    run.await.unwrap();
}

#[tokio::test]
async fn a_response_is_masked_unless_it_is_exposed() {
    let desk = Desk::new().await;
    let secrets = ["김코나", "01000000001", "10000000001@sandbox.example"];
    for output in ["json", "text"] {
        let call = ["get_member", "userId=10000000001", "--output", output];
        let masked = desk.call(&call).await;
        masked.is(0, &["HTTP 200", "correlation id", " ms"]);
        assert!(masked.out.contains("000_000"), "{masked:?}");
        for secret in secrets {
            let seen = masked.out.contains(secret) || masked.err.contains(secret);
            assert!(!seen, "{secret}: {masked:?}");
        }
        let exposed = desk.call(&[&call[..], &["--expose"]].concat()).await;
        assert_eq!(exposed.code, 0);
        assert!(exposed.out.contains(secrets[0]), "{exposed:?}");
    }
    // What nobody described is masked, too.
    let fault = "X-Sandbox-Fault: extra-fields";
    let more = desk.call(&["get_member", "userId=10000000001", "--header", fault]);
    let (more, plain) = (
        more.await.json(),
        desk.call(&["get_member", "userId=10000000001"]),
    );
    let plain = plain.await.json();
    let known = plain.as_object().unwrap();
    let added: Vec<_> = more.as_object().unwrap().iter().collect();
    let added = added.iter().filter(|(name, _)| !known.contains_key(*name));
    let mut count = 0;
    for (name, value) in added {
        let is_masked = value.as_str().is_some_and(|text| text.starts_with('['));
        assert!(is_masked || value.is_null(), "{name}");
        count += 1;
    }
    assert!(count > 0);
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once_and_nothing_is_sent() {
    let desk = Desk::new().await;
    let ended = desk.call(&[
        RECHARGE,
        "userId=abc",
        "amount=0",
        "dcvv=1",
        "oneTimeTokn=9491339401250765",
    ]);
    let ended = ended.await;
    ended.is(
        2,
        &[
            "userId: must be a whole number",
            "oneTimeTokn: is not in the description: did you mean oneTimeToken?",
            "sequenceId: is required",
            "amount: at least 1",
            "dcvv: at least 3 characters",
            "merchantId: is required",
            "konaplate show recharge_from_bank_account",
        ],
    );
    assert!(!ended.err.contains("userId: is required"), "{ended:?}");
    assert!(!ended.err.contains("9491"), "{ended:?}");
    for (arguments, part) in [
        (&["get_membr"][..], "did you mean get_member"),
        (&["/api/v9/none"], "--raw sends JSON to it"),
        (&["get_member", "--raw", "userId=1"], "raw: is for a path"),
        (
            &["get_member", "--json", "{\"userId\":1,\"userId\":2}"],
            "userId is there twice",
        ),
        (&["get_member", "--json", "{}", "-"], "must be given once"),
        (&["get_member", "@none.json"], "cannot read none.json"),
        (
            &["get_member", "userId=1", "--header", "X-KM-Access-Key: x"],
            "header: must not be",
        ),
        (&["get_member", "userId=1", "--timeout", "0"], "above 0"),
    ] {
        desk.call(arguments).await.is(2, &[part]);
    }
    assert_eq!(desk.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn the_platform_checks_where_it_is_asked_to() {
    let desk = Desk::new().await;
    let ended = desk.call(&["get_member", "--json", "{\"userId\": 0}", "--no-validation"]);
    ended.await.is(4, &["sandbox:schema userId: at least 1"]);
    assert_eq!(desk.sandbox.requests().len(), 1);
}

#[tokio::test]
async fn numbers_lists_and_objects_arrive_as_they_were_meant() {
    let desk = Desk::new().await;
    let sent = async |arguments: &[&str]| {
        let all = [arguments, &["--dry-run", "--expose"]].concat();
        let ended = desk.call(&all).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.json()["plaintext"].clone()
    };
    assert_eq!(
        sent(&["get_member", "userId=9999999999999999999"]).await,
        json!({"userId": 9_999_999_999_999_999_999_u64})
    );
    assert_eq!(
        sent(&[
            "list_card_products",
            "serviceIdList=000170000002000",
            "serviceIdList=000170000003000"
        ])
        .await,
        json!({"serviceIdList": ["000170000002000", "000170000003000"]})
    );
    assert_eq!(
        sent(&[
            "update_terms_agreement",
            "userId=1",
            "tcList[0].tcId=29184",
            "tcList[0].acceptedByUser=true",
            "tcList[1].tcId=29185",
        ])
        .await,
        json!({"userId": 1, "tcList": [{"tcId": 29184, "acceptedByUser": true}, {"tcId": 29185}]})
    );
    // The largest member, with a real response.
    let largest = desk.call(&["get_member", "userId=9999999999999999999", "--expose"]);
    assert!(largest.await.out.contains("9999999999999999999"));
}

#[tokio::test]
async fn a_body_comes_from_a_pipe_a_file_or_an_argument_and_fields_go_over_it() {
    let desk = Desk::new().await;
    let body = "{\"userId\": 10000000001}";
    std::fs::write(desk.folder.path().join("body.json"), body).unwrap();
    desk.piped(&["get_member"], body).await.is(0, &[]);
    desk.piped(&["get_member", "-"], body).await.is(0, &[]);
    desk.call(&["get_member", "@body.json"]).await.is(0, &[]);
    let over = desk.call(&[
        "get_member",
        "--json",
        "{\"userId\": 5}",
        "userId=10000000001",
        "--expose",
    ]);
    let over = over.await;
    over.is(0, &[]);
    assert!(over.out.contains("김코나"), "{over:?}");
    // Fields without `-` leave the pipe alone.
    desk.piped(&["get_member", "userId=10000000001"], "no JSON")
        .await
        .is(0, &[]);
    desk.piped(&["get_member"], "no JSON")
        .await
        .is(2, &["body: must be a JSON object"]);
    desk.piped(&["get_member"], "")
        .await
        .is(2, &["userId: is required"]);
}

#[tokio::test]
async fn the_exit_code_says_what_is_known_of_the_money() {
    let desk = Desk::new().await;
    let done = desk.recharge("BANK-1").await;
    let done = desk.call(&strs(&done)).await;
    done.is(0, &["HTTP 200"]);
    assert_eq!(done.json()["isPending"], false);

    // Said to be a failure by a code that nobody knows, though it was carried out.
    let ask = |id: &str| format!("konaplate call get_bank_recharge_result sequenceId={id}");
    let faults = [
        (Fault::UnknownCode, 2),
        (
            Fault::Html {
                status: HtmlStatus::BadGateway,
                carried_out: true,
            },
            3,
        ),
        (
            Fault::Html {
                status: HtmlStatus::BadGateway,
                carried_out: false,
            },
            3,
        ),
        (Fault::CloseBefore, 3),
        (Fault::CloseAfter, 4),
        (Fault::MissingFields, 5),
    ];
    for (place, (fault, postings)) in faults.into_iter().enumerate() {
        let id = format!("FAULT-{place}");
        let call = desk.recharge(&id).await;
        desk.sandbox.fault_next(fault).unwrap();
        let ended = desk.call(&strs(&call)).await;
        ended.is(4, &[&ask(&id)]);
        assert_eq!(desk.sandbox.postings(), postings, "{fault}");
        assert!(!ended.err.contains("proven"), "{ended:?}");
    }
    // The line that was printed is ready to be run.
    let asked = desk
        .call(&["get_bank_recharge_result", "sequenceId=FAULT-4"])
        .await;
    asked.is(0, &[]);
    assert_eq!(asked.json()["result"], "COMPLETED");
    let unknown = desk
        .call(&["get_bank_recharge_result", "sequenceId=NONE"])
        .await;
    unknown.is(3, &["007_009", "moves no money"]);
    assert_eq!(unknown.json()["response"]["code"], "007_009");

    // The same sequence id once more.
    let again = desk.recharge("BANK-1").await;
    let again = desk.call(&strs(&again)).await;
    again.is(4, &["carried out before", &ask("BANK-1")]);
}

#[tokio::test]
async fn a_decline_is_no_proof_and_a_proof_says_why() {
    let desk = Desk::new().await;
    let response = |code: &str| json!({"response": {"code": code, "description": "No"}});
    let script = |operation: &str, code: &str| {
        desk.sandbox
            .script_response(operation, 400, response(code))
            .unwrap();
    };
    script(RECHARGE, "007_001");
    let call = desk.recharge("BANK-1").await;
    let declined = desk.call(&strs(&call)).await;
    declined.is(3, &["007_001", "no proof", "get_bank_recharge_result"]);
    assert!(!declined.err.contains("safe"), "{declined:?}");
    assert_eq!(declined.json()["response"]["description"], "[message]");

    let window = [
        "create_credit_card_recharge",
        "sequenceId=CARD-1",
        "userId=10000000001",
        "amount=20000",
        "oneTimeToken=5297000000000013",
        "dcvv=471",
        "affiliateId=000170000001000",
    ];
    script(window[0], "000_003");
    let proven = desk.call(&window).await;
    proven.is(
        3,
        &[
            "000_003",
            "proven: nothing was carried out",
            "A required field is missing",
        ],
    );
    script(window[0], "000_003");
    let korean = desk.call(&[&window[..], &["--lang", "ko"]].concat()).await;
    korean.is(
        3,
        &["처리되지 않았음이 확정되었습니다", "필수 항목이 누락된"],
    );
    // The same code with another status is a word of somebody else.
    desk.sandbox
        .script_response(window[0], 403, response("000_003"))
        .unwrap();
    let other = desk.call(&window).await;
    other.is(4, &["may have been carried out"]);
    assert!(!other.err.contains("proven"), "{other:?}");
}

#[tokio::test]
async fn a_success_that_leaves_the_outcome_open_is_not_done() {
    let desk = Desk::new().await;
    let call = desk
        .recharge_of("LATE-1", 10_000_000_006, "9491330000000065")
        .await;
    let open = desk.call(&strs(&call)).await;
    open.is(4, &["sequenceId=LATE-1", "Do not send it again"]);
    assert_eq!(open.json()["isPending"], true);
    let card = format!("cardNo={CARD}");
    let token = desk.call(&["issue_one_time_token", &card, "type=CREDIT", "--expose"]);
    let token = token.await.json();
    let of = |name: &str| format!("{name}={}", token[name].as_str().unwrap());
    let (one_time, dcvv) = (of("oneTimeToken"), of("dcvv"));
    let member = desk.call(&[
        "create_credit_card_recharge",
        "sequenceId=CARD-1",
        "userId=10000000001",
        "amount=20000",
        &one_time,
        &dcvv,
        "affiliateId=000170000001000",
    ]);
    member
        .await
        .is(0, &["this call alone moves no money", "redirectUrl"]);
}

#[tokio::test]
async fn an_operation_that_only_reads_ends_alike_and_says_that_it_is_safe() {
    let desk = Desk::new().await;
    let fault = "X-Sandbox-Fault: close-after";
    let lost = desk.call(&["get_member", "userId=10000000001", "--header", fault]);
    lost.await
        .is(4, &["only reads: the same call again is safe"]);
    desk.sandbox.fault_next(Fault::UnknownCode).unwrap();
    let code = desk.call(&["get_member", "userId=10000000001"]).await;
    code.is(4, &["only reads"]);
}

#[tokio::test]
async fn a_response_that_nobody_takes_is_not_called_unsent() {
    let desk = Desk::new().await;
    let call = desk.recharge("BANK-1").await;
    let mut command = desk.command(&strs(&call));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let ended = read(output.await.unwrap());
    ended.is(4, &["the platform says success", "sequenceId=BANK-1"]);
    assert_eq!(desk.sandbox.postings(), 1);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let desk = Desk::new().await;
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let call = desk.recharge("BANK-1").await;
    let ended = desk
        .call_with(&strs(&call), &[("KONAPLATE_BASE_URL", &url)])
        .await;
    ended.is(5, &["nothing was sent", "konaplate doctor"]);
    let ended = desk
        .call_with(&["get_member", "userId=1"], &[("KONAPLATE_SECRET_KEY", "")])
        .await;
    ended.is(2, &["KONAPLATE_SECRET_KEY", "konaplate doctor"]);
}

#[tokio::test]
async fn money_of_another_machine_is_not_moved_without_a_yes() {
    let desk = Desk::new().await;
    // Of this machine in truth, and not by its name.
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, desk.sandbox.address().port()));
    let url = format!("http://{address}");
    let variables = [
        ("KONAPLATE_BASE_URL", url.as_str()),
        ("KONAPLATE_ALLOW_PLAIN_HTTP", "true"),
    ];
    let call = desk.recharge("BANK-1").await;
    let before = desk.sandbox.requests().len();
    let refused = desk.call_with(&strs(&call), &variables).await;
    refused.is(2, &["yes: is required", "0.0.0.0", "nothing was sent"]);
    let raw = ["/api/v9/none", "--raw", "--json", "{}"];
    desk.call_with(&raw, &variables)
        .await
        .is(2, &["yes: is required"]);
    assert_eq!(desk.sandbox.requests().len(), before);
    // What moves none is not asked about.
    desk.call_with(&["get_member", "userId=10000000001"], &variables)
        .await
        .is(0, &[]);
    let sent = desk.call_with(&[&strs(&call)[..], &["--yes"]].concat(), &variables);
    sent.await.is(0, &[]);
    assert_eq!(desk.sandbox.postings(), 1);
}

#[tokio::test]
async fn a_dry_run_connects_to_nobody_and_shows_no_secret() {
    let desk = Desk::new().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let variables = [("KONAPLATE_BASE_URL", url.as_str())];
    let card = format!("cardNo={CARD}");
    let secrets = [
        CARD,
        fixtures::ACCESS_KEY,
        fixtures::SECRET_KEY,
        fixtures::CRYPTO_KEY_ID,
        "KMV1:",
        "of-the-caller",
    ];
    for output in ["text", "json"] {
        let header = "X-Trace: of-the-caller";
        let call = [
            "issue_one_time_token",
            &card,
            "--dry-run",
            "--output",
            output,
            "--header",
            header,
        ];
        let masked = desk.call_with(&call, &variables).await;
        masked.is(0, &["nothing was sent"]);
        assert!(masked.out.contains("[card-number]"), "{masked:?}");
        assert!(masked.out.contains("encData"), "{masked:?}");
        for secret in secrets {
            assert!(!masked.out.contains(secret), "{secret}: {masked:?}");
        }
        let exposed = desk
            .call_with(&[&call[..], &["--expose"]].concat(), &variables)
            .await;
        for secret in [CARD, fixtures::ACCESS_KEY, "KMV1:", "of-the-caller"] {
            assert!(exposed.out.contains(secret), "{secret}: {exposed:?}");
        }
    }
    // An operation that moves money is not asked about, either.
    let transfer = [
        "transfer_balance",
        "userId=10000000001",
        "fromCardNo=9491339401250765",
        "toCardNo=9491330000000024",
        "amount=1",
        "--dry-run",
    ];
    let far = [("KONAPLATE_BASE_URL", "https://konaplate.example/open-api")];
    desk.call_with(&transfer, &far)
        .await
        .is(0, &["nothing was sent"]);
    let came = listener.accept().map(drop).unwrap_err();
    assert_eq!(came.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn what_a_dry_run_shows_is_what_the_platform_accepts_and_the_client_sends() {
    let desk = Desk::new().await;
    let card = format!("cardNo={CARD}");
    for (call, encrypted) in [
        (&["issue_one_time_token", &card][..], true),
        (&["get_member", "userId=10000000001"], true),
        (&["list_member_cards", "userId=10000000001"], false),
        (&["get_bank_account", "userId=10000000001"], true),
        (
            &["list_card_products", "serviceIdList=000170000002000"],
            false,
        ),
        (&["list_terms"], false),
        (&["list_merchant_groups", "--encrypt"], true),
    ] {
        let drawn = desk
            .call(&[call, &["--dry-run", "--expose"]].concat())
            .await
            .json();
        assert_eq!(drawn["encrypted"], encrypted, "{call:?}");
        let mut request = crate::support::plain()
            .post(drawn["url"].as_str().unwrap())
            .body(drawn["body"].as_str().unwrap().to_owned());
        let headers = drawn["headers"].as_object().unwrap();
        for (name, value) in headers {
            request = request.header(name, value.as_str().unwrap());
        }
        let response = request.send().await.unwrap();
        assert_eq!(
            response.status(),
            200,
            "{call:?}: {:?}",
            response.text().await
        );

        // The client's own request has the same headers.
        desk.call(call).await.is(0, &[]);
        let logged = desk.sandbox.requests();
        let [.., drawn, sent] = &logged[..] else {
            panic!("two requests");
        };
        assert_eq!(drawn.operation, sent.operation);
    }
}

#[tokio::test]
async fn a_journal_keeps_a_sequence_id_from_being_sent_twice() {
    let desk = Desk::new().await;
    let file = desk.folder.path().join("journal.db");
    let variables = [("KONAPLATE_JOURNAL", file.to_str().unwrap())];
    let call = desk.recharge("BANK-1").await;
    desk.sandbox.fault_next(Fault::CloseAfter).unwrap();
    let lost = desk.call_with(&strs(&call), &variables).await;
    lost.is(4, &["sequenceId=BANK-1"]);
    let before = desk.sandbox.requests().len();
    let again = desk.recharge("BANK-1").await;
    let tokens = desk.sandbox.requests().len() - before;
    let again = desk.call_with(&strs(&again), &variables).await;
    again.is(4, &["carried out before", "sequenceId=BANK-1"]);
    assert_eq!(desk.sandbox.requests().len(), before + tokens);
    // What cannot be recorded is not sent.
    let folder = desk.folder.path().to_str().unwrap();
    let call = desk.recharge("BANK-2").await;
    let before = desk.sandbox.requests().len();
    let unrecorded = desk
        .call_with(&strs(&call), &[("KONAPLATE_JOURNAL", folder)])
        .await;
    unrecorded.is(1, &["nothing was sent"]);
    assert_eq!(desk.sandbox.requests().len(), before);
    // What moves no money needs none.
    let read = ["get_member", "userId=10000000001"];
    desk.call_with(&read, &[("KONAPLATE_JOURNAL", folder)])
        .await
        .is(0, &[]);
}

#[tokio::test]
async fn json_goes_raw_to_a_path_that_the_description_does_not_know() {
    let desk = Desk::new().await;
    let path = "/api/v9/9491339401250765";
    let fields = desk.call(&[path, "--raw", "a=1"]).await;
    fields.is(2, &["a: is of a path that the description does not know"]);
    let ended = desk.call(&[path, "--raw", "a:=1"]).await;
    ended.is(4, &["KONA", "correlation id"]);
    assert!(!ended.err.contains("9491339401250765"), "{ended:?}");
    let drawn = desk
        .call(&[path, "--raw", "a:=[1]", "--dry-run"])
        .await
        .json();
    assert_eq!(drawn["plaintext"], json!({"a": "[list of 1]"}));
    assert_eq!(drawn["encrypted"], false);
}
