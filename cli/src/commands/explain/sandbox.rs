//! A code of the local sandbox: `sandbox:` and the check that failed.

use konaplate::error::SANDBOX_PREFIX;
use konaplate_spec::{Language, Proves};

use super::{Explanation, Unlisted};
use crate::layout::Layout;

/// A check, and what fails it, in English and in Korean.
type Check = (&'static str, &'static str, &'static str);

/// The checks of the sandbox, in their order.
const CHECKS: &[Check] = &[
    (
        "http",
        "What came is no request of HTTP/1.1.",
        "HTTP/1.1 요청이 아닙니다.",
    ),
    (
        "http-version",
        "The sandbox speaks HTTP/1.1 only.",
        "샌드박스는 HTTP/1.1만 지원합니다.",
    ),
    (
        "head-size",
        "The first line and the headers are too large.",
        "요청 줄과 헤더가 너무 큽니다.",
    ),
    (
        "timeout",
        "The request did not come in time.",
        "제한 시간 안에 요청이 도착하지 않았습니다.",
    ),
    (
        "path",
        "The description has no operation of that path.",
        "명세에 없는 경로입니다.",
    ),
    (
        "method",
        "The method is not POST.",
        "HTTP 메서드가 POST가 아닙니다.",
    ),
    (
        "body",
        "The body does not come as HTTP frames it.",
        "요청 본문의 HTTP 형식이 올바르지 않습니다.",
    ),
    (
        "body-size",
        "The body is too large.",
        "요청 본문이 너무 큽니다.",
    ),
    (
        "correlation-id",
        "X-KM-Correlation-Id has not its form, or was used before.",
        "X-KM-Correlation-Id의 형식이 올바르지 않거나 이미 사용된 값입니다.",
    ),
    (
        "asp-id",
        "X-KM-User-AspId is not that of the sandbox.",
        "X-KM-User-AspId가 샌드박스의 값이 아닙니다.",
    ),
    (
        "access-key",
        "X-KM-Access-Key is not that of the sandbox.",
        "X-KM-Access-Key가 샌드박스의 값이 아닙니다.",
    ),
    (
        "time-zone",
        "X-KM-Time-Zone is neither KST nor UTC.",
        "X-KM-Time-Zone이 KST도 UTC도 아닙니다.",
    ),
    (
        "tran-token",
        "X-KM-Tran-Token has not its form, or does not sign the body that came.",
        "X-KM-Tran-Token의 형식이 올바르지 않거나 전송된 본문의 서명이 아닙니다.",
    ),
    (
        "tran-time",
        "X-KM-Tran-Time is not the time of the token, or too far from the sandbox's.",
        "X-KM-Tran-Time이 토큰의 시각과 다르거나 샌드박스의 시각과 차이가 너무 큽니다.",
    ),
    (
        "content-type",
        "Content-Type is not JSON in UTF-8, or the body is compressed.",
        "Content-Type이 UTF-8 JSON이 아니거나 본문이 압축되어 있습니다.",
    ),
    (
        "json",
        "The body is no JSON object, or has a name twice.",
        "본문이 JSON 객체가 아니거나 같은 이름이 두 번 있습니다.",
    ),
    (
        "encryption",
        "The body is plain where it has to be encrypted, or encrypted where it must not be, or cannot be decrypted.",
        "암호화해야 하는 본문이 평문이거나, 평문이어야 하는 본문이 암호화되었거나, 복호화할 수 없습니다.",
    ),
    (
        "crypto-key-id",
        "X-KM-Crypto-Key-Id is missing, or is not that of the key.",
        "X-KM-Crypto-Key-Id가 없거나 키의 ID가 아닙니다.",
    ),
    (
        "response",
        "X-Sandbox-Response asks for a response that the operation has none of.",
        "X-Sandbox-Response에 지정한 응답이 이 API에 없습니다.",
    ),
    (
        "storage",
        "The sandbox could not write its file, so nobody can say what it keeps of the call.",
        "샌드박스가 파일에 기록하지 못했으므로, 호출이 저장되었는지 알 수 없습니다.",
    ),
    (
        "fault",
        "X-Sandbox-Fault asks for a fault that there is none of.",
        "X-Sandbox-Fault에 지정한 장애가 없습니다.",
    ),
    (
        "schema",
        "A field of the request does not follow the description, and no documented code says so.",
        "요청의 필드가 명세와 맞지 않으며, 이를 나타내는 문서화된 코드가 없습니다.",
    ),
    (
        "state",
        "The state of the sandbox does not allow the request, and no documented code says so.",
        "샌드박스의 현재 상태에서 할 수 없는 요청이며, 이를 나타내는 문서화된 코드가 없습니다.",
    ),
];

/// What the check is, and where the response says what was expected.
pub(super) fn explanation(code: &str, language: Language, layout: Layout) -> Explanation {
    let name = code.strip_prefix(SANDBOX_PREFIX).unwrap_or_default();
    let check = CHECKS.iter().find(|(check, _, _)| *check == name);
    let meaning = match check {
        Some((_, english, korean)) => language.pick(english, korean),
        None => language.pick(
            "A check of the sandbox that this program does not know.",
            "이 프로그램이 알지 못하는 샌드박스 검사입니다.",
        ),
    };
    let from = language.pick(
        "The local sandbox alone. The platform never sends it: konaplate's sandbox marks what no documented code says.",
        "로컬 샌드박스에서만 옵니다. 문서화된 코드가 없는 경우를 샌드박스가 나타내는 것이며, 플랫폼은 이 코드를 보내지 않습니다.",
    );
    let advice = language.pick(
        "The response says what was expected: response.description, and sandbox.expected beside it. konaplate doctor checks keys, clock and configuration; konaplate call --dry-run shows what is sent.",
        "기대한 내용은 응답의 response.description과 sandbox.expected에 있습니다. konaplate doctor로 키와 시계, 설정을 확인하고, konaplate call --dry-run으로 전송할 내용을 확인하십시오.",
    );
    let proves = language.pick(
        "Nothing. A client treats it as any code that the description does not have: the call may have been carried out.",
        "없습니다. 클라이언트는 명세에 없는 코드와 마찬가지로 호출이 처리되었을 수 있다고 봅니다.",
    );
    let unlisted = Unlisted {
        code,
        kind: "sandbox",
        meaning,
        more: vec![
            (language.pick("Who sends it", "보내는 곳"), from),
            (language.pick("What it proves", "증명하는 내용"), proves),
        ],
        advice,
        proves: Some(Proves::Failure),
    };
    unlisted.explanation(language, layout)
}
