//! Faults: which are set, and which there are.

use maud::{Markup, html};

use crate::frame::Frame;
use crate::wide::wide;

/// A fault that there is.
struct Fault {
    /// As it is written, with an argument that it can have.
    name: &'static str,
    carried_out: bool,
    english: &'static str,
    korean: &'static str,
}

const fn fault(
    name: &'static str,
    carried_out: bool,
    english: &'static str,
    korean: &'static str,
) -> Fault {
    Fault {
        name,
        carried_out,
        english,
        korean,
    }
}

const FAULTS: [Fault; 26] = [
    fault(
        "refuse-connection",
        false,
        "The next new connection is closed before anything is read.",
        "다음 새 연결을 아무것도 읽지 않고 닫습니다.",
    ),
    fault(
        "close-before",
        false,
        "The request is read, and the connection closed.",
        "요청을 읽은 뒤 연결을 닫습니다.",
    ),
    fault(
        "close-after",
        true,
        "The connection is closed without a response.",
        "처리한 뒤 응답 없이 연결을 닫습니다.",
    ),
    fault(
        "delay:2000",
        true,
        "The response comes later, by so many milliseconds: at most 60,000.",
        "지정한 시간(밀리초, 최대 60,000)만큼 늦게 응답합니다. 처리는 즉시 합니다.",
    ),
    fault(
        "delay:25000",
        true,
        "Later than a call's default time limit of 20 s.",
        "호출의 기본 제한 시간인 20초가 지나서 응답합니다.",
    ),
    fault(
        "cut-response:40",
        true,
        "The connection is closed after so many bytes, from the status line on.",
        "상태 줄부터 지정한 바이트만 보내고 연결을 닫습니다.",
    ),
    fault(
        "length-too-large",
        true,
        "Content-Length promises more than comes.",
        "Content-Length가 실제 본문보다 큽니다.",
    ),
    fault(
        "length-too-small",
        true,
        "Content-Length says half of what comes.",
        "Content-Length가 실제 본문의 절반입니다.",
    ),
    fault(
        "html:502",
        false,
        "A page of a gateway, with status 500, 502, 503 or 504.",
        "게이트웨이의 HTML 페이지로 응답합니다. 상태는 500, 502, 503, 504 중 하나입니다.",
    ),
    fault(
        "html-after:502",
        true,
        "The same, after the call was carried out.",
        "처리한 뒤 같은 페이지로 응답합니다.",
    ),
    fault(
        "retry-after:3",
        false,
        "Status 503 with Retry-After, in seconds.",
        "상태 503과 Retry-After(초)로 응답합니다.",
    ),
    fault(
        "gateway:401",
        false,
        "JSON of a gateway without the platform's envelope, with status 401, 403 or 429.",
        "플랫폼의 형식이 아닌 게이트웨이의 JSON으로 응답합니다. 상태는 401, 403, 429 중 하나입니다.",
    ),
    fault(
        "gateway-after:429",
        true,
        "The same, after the call was carried out.",
        "처리한 뒤 같은 JSON으로 응답합니다.",
    ),
    fault(
        "failure-after:7004",
        true,
        "Status 400 and that code, here 007_004, though the call was carried out.",
        "처리하였으나 상태 400과 지정한 코드(예: 007_004)로 응답합니다.",
    ),
    fault(
        "duplicated-request",
        true,
        "A gateway delivers the request twice; the response to the second delivery comes back.",
        "게이트웨이가 요청을 두 번 전달하며, 두 번째 전달의 응답이 옵니다.",
    ),
    fault(
        "duplicated-request-new-id",
        true,
        "The same, and the second delivery has a correlation id of its own.",
        "요청을 두 번 전달하며, 두 번째 전달의 상관관계 ID가 다릅니다.",
    ),
    fault(
        "hold-request",
        false,
        "The request is held until it is delivered below, and the connection closed.",
        "아래에서 전달할 때까지 요청을 보류하고 연결을 닫습니다.",
    ),
    fault(
        "wrong-tag",
        true,
        "An encrypted response with a wrong authentication tag.",
        "인증 태그가 잘못된 암호화 응답을 보냅니다.",
    ),
    fault(
        "unknown-key-id",
        true,
        "An encrypted response that names a key that nobody has.",
        "아무도 갖고 있지 않은 키로 암호화했다는 응답을 보냅니다.",
    ),
    fault(
        "plain-response",
        true,
        "A plain response where an encrypted one is due.",
        "암호화해야 하는 응답을 평문으로 보냅니다.",
    ),
    fault(
        "unknown-enum-value",
        true,
        "Values that should be one of a list are SANDBOX_UNKNOWN.",
        "정해진 목록의 값이어야 하는 필드가 SANDBOX_UNKNOWN으로 옵니다.",
    ),
    fault(
        "unknown-code",
        true,
        "Status 400 and the code 999_999.",
        "상태 400과 코드 999_999로 응답합니다.",
    ),
    fault(
        "extra-fields",
        true,
        "Fields that nobody documents.",
        "문서에 없는 필드가 함께 옵니다.",
    ),
    fault(
        "missing-fields",
        true,
        "Nothing but the code.",
        "코드 외의 필드가 없습니다.",
    ),
    fault(
        "duplicated-response",
        true,
        "The response, twice.",
        "같은 응답이 두 번 옵니다.",
    ),
    fault(
        "stale-response",
        true,
        "The response, and once more in front of the next one on the connection.",
        "응답이 오고, 같은 연결의 다음 응답 앞에 한 번 더 옵니다.",
    ),
];

pub(super) fn main(frame: &Frame<'_>) -> Markup {
    html! {
        section aria-labelledby="set-title" {
            h2 #set-title { (frame.say("What is set", "설정된 장애")) }
            dl #set.facts {}
            p {
                button #clear type="button" { (frame.say("Clear all faults", "모든 장애 해제")) } " "
                button #refresh type="button" { (frame.say("Read again", "새로 읽기")) }
            }
        }
        section aria-labelledby="next-title" {
            h2 #next-title { (frame.say("The next call", "다음 호출")) }
            p {
                (frame.say(
                    "One fault for each of the next calls: several wait in a line.",
                    "다음 호출마다 장애 하나를 주입합니다. 여러 개를 지정하면 차례로 적용됩니다.",
                ))
            }
            form #next { p { (fault_input(frame, "next-fault")) " " button { (frame.say("Set", "설정")) } } }
        }
        section aria-labelledby="operation-title" {
            h2 #operation-title { (frame.say("Every call of an operation", "한 API의 모든 호출")) }
            form #operation {
                p {
                    label for="operation-id" { (frame.say("Operation", "API")) } " "
                    select #operation-id {
                        @for operation in frame.spec.operations() {
                            option value=(operation.id) {
                                (operation.id) ": " (frame.language.pick(&operation.summary, &operation.summary_ko))
                            }
                        }
                    }
                }
                p { (fault_input(frame, "operation-fault")) " " button { (frame.say("Set", "설정")) } }
            }
        }
        section aria-labelledby="rate-title" {
            h2 #rate-title { (frame.say("At random", "무작위")) }
            form #rate {
                p {
                    label for="rate-share" { (frame.say("Share of the calls, 0 to 1", "장애를 주입할 호출의 비율 (0~1)")) } " "
                    input #rate-share type="number" min="0" max="1" step="any" value="0.1" required;
                }
                p {
                    label for="rate-seed" { (frame.say("Seed: the same one gives the same faults", "시드 (같은 값이면 같은 장애가 주입됩니다)")) } " "
                    input #rate-seed type="number" min="0" step="1" value="7" required;
                }
                p {
                    label for="rate-faults" { (frame.say("Faults, with commas between them", "장애 (쉼표로 구분)")) } " "
                    input #rate-faults type="text" autocomplete="off" spellcheck="false" value="close-after, html-after:502" required;
                }
                p { button { (frame.say("Set", "설정")) } }
            }
        }
        section aria-labelledby="held-title" {
            h2 #held-title { (frame.say("Requests that are held", "보류된 요청")) }
            p {
                (frame.say(
                    "The fault hold-request holds a request. It is delivered here, late: its response goes nowhere.",
                    "hold-request 장애로 보류된 요청을 뒤늦게 전달합니다. 그 응답은 아무에게도 가지 않습니다.",
                ))
            }
            p { button #deliver type="button" { (frame.say("Deliver them", "전달하기")) } }
        }
        datalist #faults { @for fault in FAULTS { option value=(fault.name) { (frame.say(fault.english, fault.korean)) } } }
        section aria-labelledby="all-title" {
            h2 #all-title { (frame.say("All faults", "전체 장애")) }
            (reference(frame))
        }
    }
}

/// A field with a fault, and those that there are to choose from.
fn fault_input(frame: &Frame<'_>, id: &str) -> Markup {
    html! {
        label for=(id) { (frame.say("Fault", "장애")) } " "
        input id=(id) type="text" list="faults" autocomplete="off" spellcheck="false" required
            placeholder="close-after";
    }
}

fn reference(frame: &Frame<'_>) -> Markup {
    let caption = frame.say(
        "Faults, and whether the call is carried out",
        "장애와 호출의 처리 여부",
    );
    html! {
        (wide(caption, &html! {
            table {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { (frame.say("Fault", "장애")) }
                        th scope="col" { (frame.say("Carried out", "처리 여부")) }
                        th scope="col" { (frame.say("What the caller sees", "호출한 쪽이 보는 것")) }
                    }
                }
                tbody {
                    @for fault in FAULTS {
                        tr {
                            th scope="row" { code { (fault.name) } }
                            td {
                                @if fault.name == "hold-request" { (frame.say("later", "나중에")) }
                                @else if fault.carried_out { (frame.say("yes", "예")) }
                                @else { (frame.say("no", "아니요")) }
                            }
                            td { (frame.say(fault.english, fault.korean)) }
                        }
                    }
                }
            }
        }))
    }
}
