//! The words of `Konaplate-Delivery`: what each proves, and what to do.

use konaplate_spec::Language;
use maud::{Markup, html};
use serde_json::Value;

use super::{Said, said};
use crate::frame::Frame;
use crate::operation::literal;
use crate::wide::wide;

struct Word {
    word: &'static str,
    proves: Said,
    then: Said,
}

const WORDS: [Word; 6] = [
    Word {
        word: "not-sent",
        proves: said(
            "Nothing was sent to the platform.",
            "플랫폼으로 아무것도 전송되지 않았습니다.",
        ),
        then: said(
            "A new call is safe, once what is wrong is put right.",
            "원인을 해결한 뒤 새로 호출해도 안전합니다.",
        ),
    },
    Word {
        word: "not-carried-out",
        proves: said(
            "Proof: neither this request nor an earlier one of the same bytes was carried out.",
            "미처리 확정: 이번 요청과, 먼저 전송된 같은 내용의 요청 모두 처리되지 않았습니다.",
        ),
        then: said("A new call is safe.", "새로 호출해도 안전합니다."),
    },
    Word {
        word: "declined",
        proves: said(
            "This request was declined. That proves nothing about an earlier one of the same bytes.",
            "이번 요청은 거절되었으나, 같은 내용의 요청이 먼저 처리되지 않았다는 증거는 아닙니다.",
        ),
        then: said(
            "Where money moves, look for the outcome before a new call.",
            "금액이 이동하는 호출이면, 새로 호출하기 전에 처리 결과를 확인하십시오.",
        ),
    },
    Word {
        word: "earlier-call",
        proves: said(
            "The same request may have been carried out before.",
            "같은 요청이 먼저 처리되었을 수 있습니다.",
        ),
        then: said(
            "Ask for the outcome of the earlier call. Do not send this one again.",
            "먼저 보낸 호출의 처리 결과를 조회하십시오. 이 요청을 다시 보내지 마십시오.",
        ),
    },
    Word {
        word: "maybe-processed",
        proves: said("It may have been carried out.", "처리되었을 수 있습니다."),
        then: said(
            "Where money moves, ask for the outcome before anything is sent again. A call that only reads can be made again.",
            "금액이 이동하는 호출이면, 다시 보내기 전에 처리 결과를 조회하십시오. 조회만 하는 호출은 다시 해도 됩니다.",
        ),
    },
    Word {
        word: "processed-unreadable",
        proves: said(
            "It was carried out, and not all that came can be read.",
            "처리되었으나 응답 일부를 읽을 수 없습니다.",
        ),
        then: said(
            "Do not send it again. Read what there is in the problem document's response.",
            "다시 보내지 마십시오. 문제 문서(problem document)의 response에서 읽을 수 있는 내용을 확인하십시오.",
        ),
    },
];

/// What each word means, and what to do: for the script of Try It.
pub(crate) fn meanings(language: Language) -> Value {
    let meaning = |word: &Word| {
        let [proves, then] = [word.proves, word.then].map(|said| said.in_language(language));
        (word.word.to_owned(), format!("{proves} {then}").into())
    };
    Value::Object(WORDS.iter().map(meaning).collect())
}

/// The table, and what a failure looks like.
pub(crate) fn section(frame: &Frame<'_>) -> Markup {
    let title = frame.say("When a call fails", "호출이 실패하면");
    html! {
        section #delivery aria-labelledby="delivery-title" {
            h2 #delivery-title { (title) }
            p {
                (frame.say(
                    "Every failure of the gateway has the header Konaplate-Delivery: whether the platform may have carried the call \
                     out. Decide by it, and by response.code. A word that is not listed here, and no response at all, mean \
                     maybe-processed.",
                    "게이트웨이의 모든 실패 응답에는 Konaplate-Delivery 헤더가 있으며, 플랫폼이 호출을 처리했을 수 있는지 알려 줍니다. 이 \
                     헤더와 response.code로 판단하십시오. 아래에 없는 값이거나 응답을 받지 못한 경우는 maybe-processed와 같습니다.",
                ))
            }
            (wide(title, &html! {
                table {
                    thead {
                        tr {
                            th scope="col" { "Konaplate-Delivery" }
                            th scope="col" { (frame.say("What it proves", "의미")) }
                            th scope="col" { (frame.say("What to do", "조치")) }
                        }
                    }
                    tbody {
                        @for word in &WORDS {
                            tr {
                                th scope="row" { code { (word.word) } }
                                td data-label=(frame.say("What it proves", "의미")) { (word.proves.in_language(frame.language)) }
                                td data-label=(frame.say("What to do", "조치")) { (word.then.in_language(frame.language)) }
                            }
                        }
                    }
                }
            }))
            p {
                (frame.say(
                    "A card number that is too short is refused before anything is sent, with a problem document (RFC 9457):",
                    "카드 번호가 너무 짧으면 전송하기 전에 거부되며, 문제 문서(problem document, RFC 9457)를 받습니다.",
                ))
            }
            (literal(
                "422 {\"type\":\"urn:konaplate:problem:invalid-request\",\"title\":\"Unprocessable Entity\",\"status\":422,\
                 \"detail\":\"cardNo: at least 16 characters\",\"delivery\":\"not-sent\"}\nKonaplate-Delivery: not-sent",
                frame.say("A failure", "실패 응답"),
            ))
        }
    }
}
