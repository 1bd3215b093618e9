//! How to begin: with a sandbox, through a gateway, in any language.

use maud::{Markup, html};

use crate::frame::{Content, Frame};
use crate::operation::literal;
use crate::quickstart::{delivery, languages, settings};
use crate::snippets;

pub(super) fn content(frame: &Frame<'_>) -> Content {
    let title = frame.say("Quick start", "빠른 시작");
    let lead = frame.say(
        "A sandbox plays the platform on this machine, and a gateway signs and encrypts for programs in any language. Neither \
         needs an account or a key.",
        "샌드박스는 내 컴퓨터에서 플랫폼 역할을 하고, 게이트웨이는 어떤 언어의 프로그램이든 대신 서명·암호화합니다. 둘 다 계정도 키도 \
         필요 없습니다.",
    );
    let main = html! {
        h1 { (title) }
        p.lead { (lead) }
        (contents(frame))
        (programs(frame))
        (languages::section(frame))
        (delivery::section(frame))
        (platform(frame))
        (settings::section(frame))
    };
    Content::new(title, lead, main)
}

fn contents(frame: &Frame<'_>) -> Markup {
    html! {
        nav.contents aria-label=(frame.say("On this page", "이 페이지의 내용")) {
            ul {
                li { a href="#begin" { (frame.say("Start it", "시작하기")) } }
                @for (id, language) in snippets::LANGUAGES { li { a href={ "#" (id) } { (language) } } }
                li { a href="#delivery" { (frame.say("When a call fails", "호출이 실패하면")) } }
                li { a href="#platform" { (frame.say("The platform", "실제 플랫폼")) } }
                li { a href="#environment" { (frame.say("Variables", "환경 변수")) } }
            }
        }
    }
}

fn programs(frame: &Frame<'_>) -> Markup {
    let steps = [
        (
            "cargo run --example quickstart",
            frame.say(
                "The main job on an embedded sandbox, from a one-time token to a recharge: it prints each call and what came of it. \
                 It needs nothing but Rust.",
                "일회용 토큰 발급부터 충전까지의 주요 흐름을 내장 샌드박스에서 실행하고, 호출마다 결과를 출력합니다. Rust만 있으면 \
                 됩니다.",
            ),
        ),
        (
            "cargo install --path cli",
            frame.say(
                "Installs the program konaplate.",
                "프로그램 konaplate를 설치합니다.",
            ),
        ),
        (
            "konaplate sandbox --env-file sandbox.env",
            frame.say(
                "A sandbox on http://127.0.0.1:8787, with these pages and Try It. Clients in Rust and the packages of other languages \
                 read the file.",
                "http://127.0.0.1:8787에서 샌드박스를 실행합니다. 이 문서와 호출 화면도 함께 제공합니다. 파일은 Rust 클라이언트와 다른 \
                 언어의 패키지가 읽습니다.",
            ),
        ),
        (
            "konaplate gateway --sandbox",
            frame.say(
                "A gateway on http://127.0.0.1:8788, and a sandbox of its own behind it. It takes plain JSON: all programs below but \
                 Rust call it.",
                "http://127.0.0.1:8788에서 게이트웨이를 실행하며, 전용 샌드박스가 함께 실행됩니다. 평문 JSON을 받습니다. 아래에서 \
                 Rust를 제외한 모든 예제가 이 게이트웨이를 호출합니다.",
            ),
        ),
    ];
    html! {
        section #begin aria-labelledby="begin-title" {
            h2 #begin-title { (frame.say("Start it", "시작하기")) }
            p {
                (frame.say(
                    "In a clone of this project, the last two each in a terminal of its own:",
                    "이 저장소를 복제한 폴더에서 실행합니다. 마지막 두 명령은 각각 별도의 터미널에서 실행하십시오.",
                ))
            }
            ol {
                @for (command, what) in steps {
                    li { (literal(command, command)) p { (what) } }
                }
            }
        }
    }
}

fn platform(frame: &Frame<'_>) -> Markup {
    html! {
        section #platform aria-labelledby="platform-title" {
            h2 #platform-title { (frame.say("The platform itself", "실제 플랫폼")) }
            p {
                (frame.say(
                    "With the keys of your project in the environment, the same gateway without a sandbox goes to KONAPLATE_BASE_URL:",
                    "프로젝트의 키를 환경 변수로 지정하면, 같은 게이트웨이가 샌드박스 없이 KONAPLATE_BASE_URL로 호출합니다.",
                ))
            }
            (literal("konaplate doctor\nkonaplate gateway --journal journal.db\n", frame.say("Commands", "명령")))
            p {
                (frame.say(
                    "The doctor finds what is wrong before the first call. The journal records calls that move money before they are \
                     sent: after a crash, konaplate journal recover asks what became of them.",
                    "doctor는 첫 호출 전에 잘못된 설정을 찾습니다. 저널은 금액이 이동하는 호출을 보내기 전에 기록하므로, 프로그램이 \
                     비정상 종료된 뒤에도 konaplate journal recover로 처리 결과를 확인할 수 있습니다.",
                ))
            }
            p.warning {
                (frame.say(
                    "Neither signing nor encryption was ever run against the platform: what is not proven stands with every call.",
                    "서명과 암호화는 실제 플랫폼에서 확인된 적이 없습니다. 확인되지 않은 사항은 모든 호출 설명에 있습니다.",
                ))
                " " a href=(frame.to("#protocol")) { (frame.say("Every call", "모든 호출")) }
            }
        }
    }
}
