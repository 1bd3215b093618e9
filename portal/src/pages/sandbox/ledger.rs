//! Accounts and postings.

use maud::{Markup, html};

use super::{refresh, table};
use crate::frame::Frame;

pub(super) fn main(frame: &Frame<'_>) -> Markup {
    let accounts = [
        frame.say("Account", "계정"),
        frame.say("Member", "회원"),
        frame.say("Balance", "잔액"),
    ];
    let postings = [
        frame.say("Number", "번호"),
        frame.say("Time, KST", "시각 (KST)"),
        frame.say("Kind", "종류"),
        frame.say("Call", "호출"),
        "nrNumber",
        frame.say("Account", "계정"),
        frame.say("Amount", "금액"),
    ];
    let names = [
        (
            "card:<PAR>",
            frame.say("a card, by its PAR", "카드 (PAR로 표시)"),
        ),
        (
            "payout:<PAR>",
            frame.say(
                "in transit from that card to its holder's bank",
                "카드에서 회원의 계좌로 이체 중인 금액",
            ),
        ),
        ("bank:<n>", frame.say("a bank account", "은행 계좌")),
        ("merchant:<merchantId>", frame.say("a merchant", "가맹점")),
        (
            "gift:<n>",
            frame.say("a gift that is not accepted yet", "아직 수락하지 않은 선물"),
        ),
        (
            "points:<userId>",
            frame.say("a member's points", "회원의 포인트"),
        ),
        (
            "card-points:<PAR>",
            frame.say("points of a card", "카드의 포인트"),
        ),
        (
            "reserved-points:<n>",
            frame.say("points that are reserved", "사용이 예약된 포인트"),
        ),
        (
            "deposit",
            frame.say("the partner's deposit", "파트너의 예치금"),
        ),
        ("fees", frame.say("fees", "수수료")),
        (
            "outside",
            frame.say(
                "the world outside, which alone can be below zero",
                "샌드박스 바깥. 이 계정만 0보다 작을 수 있습니다",
            ),
        ),
    ];
    html! {
        p { (refresh(frame)) " " button #reset type="button" { (frame.say("Reset the sandbox …", "샌드박스 초기화 …")) } }
        dialog #reset-dialog aria-labelledby="reset-title" {
            h2 #reset-title { (frame.say("Reset the sandbox?", "샌드박스를 초기화하시겠습니까?")) }
            p {
                (frame.say(
                    "State, clock, faults, scripted responses, the log, traces, callbacks and their address become what they \
                     were at the start. Nothing brings them back.",
                    "상태, 시계, 장애, 지정한 응답, 요청 로그, 처리 기록, 콜백과 그 주소가 시작할 때의 상태로 돌아갑니다. 되돌릴 수 \
                     없습니다.",
                ))
            }
            p {
                button #reset-no type="button" autofocus { (frame.say("Cancel", "취소")) } " "
                button #reset-yes type="button" { (frame.say("Reset", "초기화")) }
            }
        }
        section aria-labelledby="accounts-title" {
            h2 #accounts-title { (frame.say("Accounts", "계정")) }
            p #total {}
            details {
                summary { (frame.say("What the names mean", "계정 이름의 의미")) }
                dl.facts { @for (name, meaning) in names { dt { code { (name) } } dd { (meaning) } } }
            }
            (table("accounts", frame.say("Accounts with a balance", "잔액이 있는 계정"), &accounts))
        }
        section aria-labelledby="postings-title" {
            h2 #postings-title { (frame.say("Postings", "분개")) }
            p #shown {}
            (table("postings", frame.say("Postings, newest first", "분개 (최신순)"), &postings))
            p { button #more type="button" hidden { (frame.say("100 more", "100개 더 보기")) } }
        }
    }
}
