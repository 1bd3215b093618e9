//! The first call in each language, and how a typed client is made.

use maud::{Markup, html};

use super::{Said, said};
use crate::frame::Frame;
use crate::operation::{code, copy, literal};
use crate::snippets::{self, Snippet};

/// The operation of the first call, and its request.
const OPERATION: &str = "issue_one_time_token";
const REQUEST: &str = "{\"cardNo\": \"9491339401250765\"}";

/// What a program prints, the token and its companions left out.
const PRINTED: &str = "200 {\"response\":{\"code\":\"000_000\",\"description\":\"Success\"},\"oneTimeToken\":\"…\",\"dcvv\":\"…\",\
                       \"expiryTime\":…}";
const PRINTED_BY_CURL: &str = "HTTP/1.1 200 OK\ncontent-type: application/json\nx-km-correlation-id: …\n\n\
                               {\"response\":{\"code\":\"000_000\",\"description\":\"Success\"},\"oneTimeToken\":\"…\",\"dcvv\":\"…\",\
                               \"expiryTime\":…}";
const PRINTED_BY_RUST: &str = "{\"dcvv\":\"…\",\"expiryTime\":…,\"oneTimeToken\":\"…\",\
                               \"response\":{\"code\":\"000_000\",\"description\":\"Success\"}}";

/// How a typed client is made.
struct Typed {
    language: &'static str,
    generator: &'static str,
    http: &'static str,
    needs: &'static str,
}

const TYPED: [Typed; 5] = [
    Typed {
        language: "typescript",
        generator: "openapi-typescript, openapi-fetch",
        http: "fetch",
        needs: "Node 20.12",
    },
    Typed {
        language: "python",
        generator: "openapi-python-client",
        http: "httpx",
        needs: "Python 3.11",
    },
    Typed {
        language: "java",
        generator: "openapi-generator java",
        http: "OkHttp",
        needs: "Java 17, Maven",
    },
    Typed {
        language: "kotlin",
        generator: "openapi-generator kotlin",
        http: "OkHttp",
        needs: "Java 17, Maven",
    },
    Typed {
        language: "go",
        generator: "oapi-codegen",
        http: "net/http",
        needs: "Go 1.26",
    },
];

const RUST_MANIFEST: &str = "[dependencies]\nkonaplate = { path = \"../konaplate\" }\nserde_json = \"1\"\n\
                             tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n";
const RUST_RUN: &str = "set -a; . ./sandbox.env; set +a\ncargo run\n";
const RUST_TYPED: &str = "let token = client\n    .issue_one_time_token()\n    .card_no(\"9491339401250765\")\n    .send()\n    .await?;\n";
const CURL_TYPED: &str =
    "konaplate call issue_one_time_token cardNo=9491339401250765 --dotenv sandbox.env\n";

/// What a language's client is otherwise.
const OF_CURL: Said = said(
    "In a terminal the program itself is simpler: it checks the request, and explains what comes back.",
    "터미널에서는 프로그램 konaplate를 쓰는 것이 더 간단합니다. 요청을 검사하고 응답을 설명합니다.",
);
const OF_RUST: Said = said(
    "The crate is the typed client: it checks the request, signs, encrypts, and says what became of a call that moves money. \
     It needs no gateway.",
    "크레이트 자체가 타입이 있는 클라이언트입니다. 요청을 검사하고, 서명·암호화하며, 금액이 이동하는 호출의 처리 결과를 알려 줍니다. \
     게이트웨이는 필요하지 않습니다.",
);

/// A section for each language.
pub(crate) fn section(frame: &Frame<'_>) -> Markup {
    let operation = frame.spec.operation(OPERATION);
    let snippets = operation.map(|operation| snippets::all(operation, REQUEST));
    html! {
        section #languages aria-labelledby="languages-title" {
            h2 #languages-title { (frame.say("The first call", "첫 호출")) }
            p {
                (frame.say("Each program calls ", "각 예제는 샌드박스의 카드로 "))
                a href=(frame.operation(OPERATION)) { (OPERATION) }
                (frame.say(
                    " with a card of the sandbox, through the gateway, by the HTTP client that its language brings. curl runs in a \
                     shell; the first line of each other program says how it is run.",
                    "을 호출합니다. 언어에 기본으로 포함된 HTTP 클라이언트로 게이트웨이를 거쳐 호출합니다. curl은 셸에서 실행하고, 나머지는 \
                     첫 줄에 적힌 방법으로 실행하십시오.",
                ))
            }
            @for snippet in snippets.iter().flatten() { (language(frame, snippet)) }
        }
    }
}

fn language(frame: &Frame<'_>, snippet: &Snippet) -> Markup {
    let printed = match snippet.id {
        "curl" => PRINTED_BY_CURL,
        "rust" => PRINTED_BY_RUST,
        _ => PRINTED,
    };
    let prints = frame.say("It prints:", "출력:");
    html! {
        section #(snippet.id) aria-labelledby={ (snippet.id) "-title" } {
            h3 id={ (snippet.id) "-title" } { (snippet.language) }
            @if snippet.id == "rust" {
                p { (frame.say("Cargo.toml, in a project beside a clone of this one:", "이 저장소를 복제한 폴더 옆에 만든 프로젝트의 Cargo.toml:")) }
                (literal(RUST_MANIFEST, "Cargo.toml"))
            }
            (copy(frame, &snippet.text(), snippet.language))
            (code::program(snippet))
            @if snippet.id == "rust" {
                p { (frame.say("With the variables of a sandbox:", "샌드박스의 변수를 읽어 실행합니다.")) }
                (literal(RUST_RUN, frame.say("Commands", "명령")))
            }
            p { (prints) }
            (literal(printed, &format!("{}: {prints}", snippet.language)))
            @match snippet.id {
                "curl" => {
                    p { (OF_CURL.in_language(frame.language)) }
                    (literal(CURL_TYPED, frame.say("The program's command", "프로그램의 명령")))
                }
                "rust" => {
                    p { (OF_RUST.in_language(frame.language)) }
                    (literal(RUST_TYPED, frame.say("A typed call", "타입이 있는 호출")))
                }
                id => { @for typed in TYPED.iter().filter(|typed| typed.language == id) { (recipe(frame, typed)) } }
            }
        }
    }
}

fn recipe(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let steps = format!("bash interop/{}/steps generate\n", typed.language);
    html! {
        h4 { (frame.say("A typed client", "타입이 있는 클라이언트")) }
        dl.facts {
            div { dt { (frame.say("Generator", "생성기")) } dd { (typed.generator) } }
            div { dt { (frame.say("Made from", "원본")) } dd { code { "openapi/konaplate-gateway.yaml" } } }
            div { dt { (frame.say("Needs", "필요한 것")) } dd { (typed.needs) } }
            div {
                dt { (frame.say("Without a gateway", "게이트웨이 없이")) }
                dd {
                    (frame.say("a package that signs and encrypts in your program, for ", "프로그램 안에서 서명·암호화하는 패키지, HTTP 클라이언트: "))
                    (typed.http)
                }
            }
        }
        (literal(&steps, frame.say("The recipe", "생성 방법")))
        p {
            (frame.say(
                "The recipe with its exact flags, what the generator spoils, and what cures it: ",
                "정확한 옵션과, 생성기가 잘못 만드는 부분 및 해결 방법: ",
            ))
            code { "interop/" (typed.language) "/README.md" }
        }
    }
}
