//! What goes over the wire: an exchange with its bytes, and how its token is made.

use konaplate_spec::{Encrypted, Operation};
use maud::{Markup, html};

use crate::exchange::{Exchange, Message, SECRET_KEY, Signature};
use crate::frame::Frame;

/// The exchange of the operation's first examples.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        section.wire #wire aria-labelledby="wire-title" {
            h2 #wire-title { (frame.say("On the wire", "전송 내용")) }
            p {
                (frame.say(
                    "The examples above as this project's client sends and reads them, with the demonstration keys of the sandbox, \
                     which everybody has, and a fixed time. Encryption is random: an encrypted body is another one each time.",
                    "위 예시를 이 프로젝트의 클라이언트가 실제로 보내고 읽는 형태입니다. 누구에게나 공개된 샌드박스 시연용 키와 고정된 \
                     시각을 사용했습니다. 암호화는 난수를 사용하므로 암호화된 본문은 매번 달라집니다.",
                ))
            }
            @match Exchange::of(frame.spec, operation) {
                Ok(exchange) => (shown(frame, operation, &exchange)),
                Err(error) => p.note {
                    (frame.say("It cannot be shown", "표시할 수 없습니다")) ": " (error)
                }
            }
        }
    }
}

fn shown(frame: &Frame<'_>, operation: &Operation, exchange: &Exchange<'_>) -> Markup {
    let encryption = operation.encryption;
    html! {
        h3 { (frame.say("Request", "요청")) }
        @if encryption.request == Encrypted::Unknown { p.note { (unknown_request(frame)) } }
        (message(frame, &exchange.request, "request"))
        h4 { (frame.say("The token", "토큰")) }
        (recipe(frame, &exchange.signature, exchange.request.body().len()))
        h3 { (frame.say("Response", "응답")) }
        @if encryption.response == Encrypted::Unknown { p.note { (unknown_response(frame)) } }
        (message(frame, &exchange.success, "success"))
        @if let Some((failure, failed)) = &exchange.failure {
            h3 { (frame.say("Response with a failure", "실패 응답")) ": " code { (failure.code) } }
            p.note { (unknown_failure(frame)) }
            (message(frame, failed, "failure"))
        }
    }
}

/// Its parts in the order in which they are made.
fn message(frame: &Frame<'_>, message: &Message, of: &str) -> Markup {
    let plain = frame.say(
        "Body: plain, as it is sent",
        "본문: 평문이며 그대로 전송합니다",
    );
    html! {
        @match &message.encrypted {
            None => (part(frame, of, "body", plain, &message.plaintext)),
            Some(jwe) => {
                (part(frame, of, "plaintext", frame.say("Plaintext", "평문"), &message.plaintext))
                (part(frame, of, "jose", frame.say("JOSE header of the JWE, decoded", "JWE의 JOSE 헤더(디코딩)"), &jwe.header))
                (part(frame, of, "body", frame.say("Body: encrypted, as it is sent", "본문: 암호화하여 전송합니다"), &jwe.body))
            }
        }
        (part(frame, of, "head", frame.say("First line and headers", "첫 줄과 헤더"), &message.head))
    }
}

fn part(frame: &Frame<'_>, of: &str, name: &str, title: &str, text: &str) -> Markup {
    let side = match of {
        "request" => frame.say("Request", "요청"),
        "success" => frame.say("Response", "응답"),
        _ => frame.say("Failure", "실패 응답"),
    };
    html! {
        h4 { (title) " " small { (text.len()) " " (frame.say("bytes", "바이트")) } }
        pre tabindex="0" role="group" aria-label={ (side) ": " (title) } data-part={ (of) "-" (name) } { code { (text) } }
    }
}

fn recipe(frame: &Frame<'_>, signature: &Signature, bytes: usize) -> Markup {
    html! {
        ol {
            li {
                (frame.say("The signed message is the body as it is sent, and nothing else: ", "서명 대상은 전송하는 본문뿐입니다. "))
                strong { (bytes) " " (frame.say("bytes", "바이트")) } "."
            }
            li {
                (frame.say("HMAC-SHA256 over these bytes, with the secret key as text (", "이 바이트에 시크릿 키를 텍스트 그대로 사용하여("))
                code { (SECRET_KEY) }
                (frame.say("), written in base64:", ") HMAC-SHA256을 계산하고 base64로 적습니다.")) " "
                code data-part="hmac" { (signature.hmac) }
            }
            li {
                code { "KMV1:" } ", " (frame.say("the time", "시각")) " " code { (signature.timestamp) } ", " code { ":" } ", "
                (frame.say("and that base64 are the token:", "위 base64를 이어 붙이면 토큰이 됩니다.")) " "
                code data-part="token" { (signature.token) }
            }
        }
    }
}

fn unknown_request<'a>(frame: &Frame<'a>) -> &'a str {
    frame.say(
        "Whether this request has to be encrypted was not seen. This client sends it plain, unless an option of the call says \
         otherwise.",
        "이 요청의 암호화 여부는 확인되지 않았습니다. 이 클라이언트는 호출 옵션으로 지정하지 않으면 평문으로 보냅니다.",
    )
}

fn unknown_response<'a>(frame: &Frame<'a>) -> &'a str {
    frame.say(
        "Whether this response comes encrypted was not seen: it is shown plain. This client sends the id of its crypto key, and \
         decrypts a body that has encData.",
        "이 응답의 암호화 여부는 확인되지 않아 평문으로 표시했습니다. 이 클라이언트는 암호화 키 ID를 함께 보내며, 본문에 encData가 \
         있으면 복호화합니다.",
    )
}

fn unknown_failure<'a>(frame: &Frame<'a>) -> &'a str {
    frame.say(
        "Whether failures come encrypted was not seen: it is shown plain. A body that has encData is decrypted, whatever the \
         status.",
        "실패 응답의 암호화 여부는 확인되지 않아 평문으로 표시했습니다. 상태 코드와 관계없이 본문에 encData가 있으면 복호화합니다.",
    )
}
