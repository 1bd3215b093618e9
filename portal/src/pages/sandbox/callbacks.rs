//! Callbacks: where they go, and which wait.

use maud::{Markup, html};

use super::{refresh, table};
use crate::frame::Frame;

pub(super) fn main(frame: &Frame<'_>) -> Markup {
    let heads = [
        frame.say("Number", "번호"),
        frame.say("Kind", "종류"),
        frame.say("State", "상태"),
        frame.say("Attempts", "시도 횟수"),
        frame.say("Last HTTP status", "마지막 HTTP 상태"),
    ];
    html! {
        section aria-labelledby="where-title" {
            h2 #where-title { (frame.say("Where they go", "보내는 곳")) }
            dl #where.facts {}
            form #start {
                p {
                    label for="start-url" { (frame.say("Address, on this machine", "주소 (이 컴퓨터)")) } " "
                    input #start-url type="url" autocomplete="off" spellcheck="false" required
                        placeholder="http://127.0.0.1:3000/kona" pattern="http://.*";
                }
                p {
                    label { input #start-encrypted type="checkbox"; " " (frame.say("encrypted", "암호화")) } " "
                    button { (frame.say("Send them there", "이 주소로 보내기")) } " "
                    button #stop type="button" { (frame.say("Stop sending", "그만 보내기")) }
                }
            }
        }
        section aria-labelledby="list-title" {
            h2 #list-title { (frame.say("Callbacks", "콜백")) }
            p {
                (frame.say(
                    "A callback is sent at once, and again after 1 s, 5 s, 30 s, 2 min and 10 min until the response is 200 and \
                     000_000. Then it is given up.",
                    "콜백은 즉시 보내며, 응답이 200과 000_000이 될 때까지 1초, 5초, 30초, 2분, 10분 뒤에 다시 보냅니다. 그 뒤에는 \
                     포기합니다.",
                ))
            }
            p { (refresh(frame)) " " button #deliver type="button" { (frame.say("Deliver all that wait now", "대기 중인 콜백 모두 보내기")) } }
            (table("callbacks", frame.say("Callbacks, newest first", "콜백 (최신순)"), &heads))
        }
    }
}
