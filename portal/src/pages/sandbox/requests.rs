//! The log of requests, and how a call went.

use maud::{Markup, html};

use super::{refresh, table};
use crate::frame::Frame;

pub(super) fn main(frame: &Frame<'_>) -> Markup {
    let heads = [
        frame.say("Time, KST", "시각 (KST)"),
        frame.say("Operation", "API"),
        frame.say("Correlation id", "상관관계 ID"),
        frame.say("HTTP status", "HTTP 상태"),
        frame.say("Code", "코드"),
        frame.say("Carried out", "처리 여부"),
        frame.say("Fault", "장애"),
    ];
    html! {
        form #filter {
            p {
                label for="filter-text" { (frame.say("Only rows with", "다음이 포함된 행만")) } " "
                input #filter-text type="search" autocomplete="off" spellcheck="false"; " "
                (refresh(frame))
            }
        }
        p #shown {}
        (table("log", frame.say("Log of requests, newest first", "요청 로그 (최신순)"), &heads))
        p { button #more type="button" hidden { (frame.say("Show more", "더 보기")) } }
        section #call aria-labelledby="call-title" tabindex="-1" hidden {
            h2 #call-title { (frame.say("The way of a call", "호출의 처리 과정")) }
            p { a #call-close href="#log" { (frame.say("Back to the log", "로그로 돌아가기")) } }
            div #call-content {}
        }
    }
}
