//! A code of the right form that the description does not have.

use konaplate_spec::{Language, Proves};

use super::{Explanation, Unlisted};
use crate::layout::Layout;

/// The code of success.
pub(super) const SUCCESS: &str = "000_000";

/// Nothing is known of it.
pub(super) fn explanation(code: &str, language: Language, layout: Layout) -> Explanation {
    let meaning = language.pick(
        "The description does not have this code. The vendor's lists are cut off on long pages, so codes come that nobody described.",
        "명세에 없는 코드입니다. 레퍼런스의 긴 페이지는 코드 목록이 잘려 있어, 명세에 없는 코드가 올 수 있습니다.",
    );
    let advice = language.pick(
        "Do not send the call again if it moves money. Find out what became of it: konaplate show <operation> says how, under Outcome. Ask KONA for what that does not tell, with the correlation id of the call.",
        "금액을 이동하는 호출이라면 다시 보내지 마십시오. 먼저 처리 결과를 확인하십시오. 방법은 konaplate show <API>의 처리 결과에 있습니다. 확인되지 않는 내용은 호출의 상관관계 ID(correlation id)로 KONA에 문의하십시오.",
    );
    let proves = language.pick(
        "Nothing. A call that moves money may have been carried out.",
        "없습니다. 금액을 이동하는 호출이라면 처리되었을 수 있습니다.",
    );
    let unlisted = Unlisted {
        code,
        kind: "undocumented",
        meaning,
        more: vec![(language.pick("What it proves", "증명하는 내용"), proves)],
        advice,
        proves: Some(Proves::Failure),
    };
    unlisted.explanation(language, layout)
}

/// It is none of a failure.
pub(super) fn success(language: Language, layout: Layout) -> Explanation {
    let meaning = language.pick(
        "Success. With HTTP status 200 the platform says that it carried the call out.",
        "성공입니다. HTTP 상태가 200이면 플랫폼이 호출을 처리했다는 뜻입니다.",
    );
    let advice = language.pick(
        "Read the response: where the member completes it, or the result is pending, the money may not have moved yet. konaplate show <operation> says which field tells. With any other HTTP status it proves nothing, and the call may have been carried out.",
        "응답을 확인하십시오. 회원이 완료해야 하거나 결과가 대기 중이면 금액의 이동이 아직 끝나지 않은 상태일 수 있습니다. 결과를 알려 주는 필드는 konaplate show <API>에 있습니다. HTTP 상태가 200이 아니면 아무것도 증명하지 않으며, 호출이 처리되었을 수 있습니다.",
    );
    let unlisted = Unlisted {
        code: SUCCESS,
        kind: "success",
        meaning,
        more: Vec::new(),
        advice,
        proves: None,
    };
    unlisted.explanation(language, layout)
}
