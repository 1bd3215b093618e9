//! The sandbox's time.

use maud::{Markup, html};

use crate::frame::Frame;

pub(super) fn main(frame: &Frame<'_>) -> Markup {
    let steps = [
        (60, frame.say("1 minute", "1분")),
        (300, frame.say("5 minutes", "5분")),
        (3_600, frame.say("1 hour", "1시간")),
        (86_400, frame.say("1 day", "1일")),
    ];
    html! {
        section aria-labelledby="now-title" {
            h2 #now-title { (frame.say("Now", "현재")) }
            dl.facts {
                dt { (frame.say("Time, KST", "시각 (KST)")) }
                dd { time #now {} }
                dt { (frame.say("Clock", "시계")) }
                dd #going {}
            }
            p { button #refresh type="button" { (frame.say("Read again", "새로 읽기")) } }
        }
        section aria-labelledby="advance-title" {
            h2 #advance-title { (frame.say("Advance", "앞으로 돌리기")) }
            p {
                (frame.say(
                    "What becomes due on the way happens: recharges settle, payouts are made, tokens expire, windows close. It \
                     cannot be turned back, except by a reset.",
                    "그 사이에 예정된 처리가 일어납니다. 보류된 충전이 확정되고, 환불금이 지급되고, 토큰이 만료되고, 결제창이 닫힙니다. \
                     초기화 외에는 되돌릴 수 없습니다.",
                ))
            }
            p role="group" aria-labelledby="advance-title" {
                @for (seconds, text) in steps { button type="button" data-seconds=(seconds) { (text) } " " }
            }
            form #advance {
                p {
                    label for="advance-seconds" { (frame.say("Seconds", "초")) } " "
                    input #advance-seconds type="number" min="0" max="316224000" step="1" value="31" required; " "
                    button { (frame.say("Advance", "앞으로 돌리기")) }
                }
            }
        }
        section aria-labelledby="stop-title" {
            h2 #stop-title { (frame.say("Stop", "멈추기")) }
            p {
                (frame.say(
                    "A stopped clock can be advanced. Clients of their own have to use the sandbox's time: a call more than 5 minutes \
                     off is refused. The pages here do.",
                    "멈춘 시계도 앞으로 돌릴 수 있습니다. 호출 시각이 샌드박스의 시각과 5분 넘게 다르면 거부되므로, 직접 만든 클라이언트는 \
                     샌드박스의 시각을 사용해야 합니다. 이 페이지의 호출은 그렇게 합니다.",
                ))
            }
            form #stop {
                p {
                    label for="stop-at" { (frame.say("At, KST", "멈출 시각 (KST)")) } " "
                    input #stop-at type="datetime-local" step="1" min="2000-01-01T00:00:00" max="2099-12-31T23:59:59" required; " "
                    button { (frame.say("Stop there", "이 시각에 멈추기")) }
                }
            }
            p {
                (frame.say("A reset makes it go again, with the time of this machine: ", "초기화하면 이 컴퓨터의 시각으로 다시 갑니다: "))
                a href=(frame.to("sandbox/ledger/#reset")) { (frame.say("reset the sandbox", "샌드박스 초기화")) } "."
            }
        }
    }
}
