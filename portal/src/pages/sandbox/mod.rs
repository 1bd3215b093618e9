//! What the sandbox knows: what came in, where the money is, and what is to go wrong. Each page is a frame that its
//! script fills from the control API.

mod callbacks;
mod clock;
mod faults;
mod ledger;
mod requests;

use maud::{Markup, html};

use crate::frame::{Content, Frame};
use crate::wide::wide;

/// A page of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Requests,
    Ledger,
    Faults,
    Clock,
    Callbacks,
}

impl View {
    pub(crate) const ALL: [Self; 5] = [
        Self::Requests,
        Self::Ledger,
        Self::Faults,
        Self::Clock,
        Self::Callbacks,
    ];

    /// Its name in addresses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Ledger => "ledger",
            Self::Faults => "faults",
            Self::Clock => "clock",
            Self::Callbacks => "callbacks",
        }
    }

    fn title(self, frame: &Frame<'_>) -> &'static str {
        match self {
            Self::Requests => frame.say("Requests", "요청 로그"),
            Self::Ledger => frame.say("Ledger", "원장"),
            Self::Faults => frame.say("Faults", "장애 주입"),
            Self::Clock => frame.say("Clock", "시계"),
            Self::Callbacks => frame.say("Callbacks", "콜백"),
        }
    }

    fn lead(self, frame: &Frame<'_>) -> &'static str {
        match self {
            Self::Requests => frame.say(
                "The calls that the sandbox received, and what it did with each of the last 200.",
                "샌드박스가 받은 호출과, 최근 호출 200개의 처리 과정입니다.",
            ),
            Self::Ledger => frame.say(
                "Where the money of the sandbox is, and each posting that moved it. All of it is made up.",
                "샌드박스의 금액이 어느 계정에 있는지와, 금액을 이동한 모든 분개입니다. 모두 가상의 금액입니다.",
            ),
            Self::Faults => frame.say(
                "What goes wrong with the next calls, with an operation, or at random. A call gets one fault at most.",
                "다음 호출, 특정 API의 호출, 또는 무작위 호출에 주입할 장애를 지정합니다. 호출 하나에는 장애가 하나만 주입됩니다.",
            ),
            Self::Clock => frame.say(
                "The time that the sandbox compares calls with. What is due happens when its clock gets there.",
                "샌드박스가 호출 시각과 비교하는 시계입니다. 예정된 처리는 이 시계가 그 시각이 될 때 일어납니다.",
            ),
            Self::Callbacks => frame.say(
                "What the sandbox sends to you when cards and members change.",
                "카드와 회원에 변경이 있을 때 샌드박스가 보내는 콜백입니다.",
            ),
        }
    }

    fn script(self) -> &'static [&'static str] {
        match self {
            Self::Requests => &["sandbox/requests.js"],
            Self::Ledger => &["sandbox/ledger.js"],
            Self::Faults => &["sandbox/faults.js"],
            Self::Clock => &["sandbox/clock.js"],
            Self::Callbacks => &["sandbox/callbacks.js"],
        }
    }
}

pub(super) fn content(frame: &Frame<'_>, view: View) -> Content {
    let main = html! {
        h1 { (view.title(frame)) }
        (tabs(frame, view))
        p.lead { (view.lead(frame)) }
        noscript { p.note { (frame.say("This page needs JavaScript.", "이 페이지에는 JavaScript가 필요합니다.")) } }
        p #status role="status" {}
        p #alert.warning role="alert" hidden {}
        @match view {
            View::Requests => (requests::main(frame)),
            View::Ledger => (ledger::main(frame)),
            View::Faults => (faults::main(frame)),
            View::Clock => (clock::main(frame)),
            View::Callbacks => (callbacks::main(frame)),
        }
    };
    let title = format!(
        "{}: {}",
        frame.say("Sandbox", "샌드박스"),
        view.title(frame)
    );
    let mut content = Content::new(title, view.lead(frame), main);
    content.scripts = view.script();
    content
}

/// The way from one of these pages to the others.
fn tabs(frame: &Frame<'_>, current: View) -> Markup {
    html! {
        nav.tabs aria-label=(frame.say("Pages of the sandbox", "샌드박스 페이지")) {
            ul {
                @for view in View::ALL {
                    li {
                        a href=(frame.to(&format!("sandbox/{}/", view.name())))
                            aria-current=[(view == current).then_some("page")] { (view.title(frame)) }
                    }
                }
            }
        }
    }
}

/// What reads the page's data again: by hand, and by itself.
fn refresh(frame: &Frame<'_>) -> Markup {
    html! {
        button #refresh type="button" { (frame.say("Read again", "새로 읽기")) } " "
        label { input #auto type="checkbox" checked; " " (frame.say("every 3 seconds", "3초마다 자동으로")) }
    }
}

/// A table that a script fills, in a box that can be scrolled by keyboard.
fn table(id: &str, caption: &str, heads: &[&str]) -> Markup {
    html! {
        (wide(caption, &html! {
            table #(id) {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody {}
            }
        }))
    }
}
