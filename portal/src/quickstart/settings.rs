//! The variables of the environment.

use maud::{Markup, html};

use super::{Said, said};
use crate::frame::Frame;
use crate::wide::wide;

const VARIABLES: [(&str, Said); 14] = [
    (
        "KONAPLATE_BASE_URL",
        said(
            "Where the platform is. Plain HTTP only on this machine.",
            "플랫폼의 주소입니다. 평문 HTTP는 이 컴퓨터에만 연결할 수 있습니다.",
        ),
    ),
    (
        "KONAPLATE_ASP_ID",
        said(
            "Id of the service provider, 15 characters.",
            "서비스 사업자 ID(15자)입니다.",
        ),
    ),
    (
        "KONAPLATE_ACCESS_KEY",
        said(
            "Access key of the project, 40 characters.",
            "프로젝트의 액세스 키(40자)입니다.",
        ),
    ),
    (
        "KONAPLATE_SECRET_KEY",
        said(
            "Secret key of the project, as it was issued: it signs.",
            "프로젝트의 시크릿 키입니다. 발급된 그대로 서명에 사용합니다.",
        ),
    ),
    (
        "KONAPLATE_CRYPTO_KEY_ID",
        said(
            "Id of the crypto key, 32 characters. With the next two for encrypted operations.",
            "암호화 키 ID(32자)입니다. 다음 두 변수와 함께, 암호화하는 API에 필요합니다.",
        ),
    ),
    (
        "KONAPLATE_SERVER_PUBLIC_KEY",
        said(
            "The platform's public key or certificate: requests are encrypted with it. PEM, \\n may stand for a line break.",
            "플랫폼의 공개 키 또는 인증서입니다. 요청을 암호화합니다. PEM 형식이며 줄바꿈 대신 \\n을 써도 됩니다.",
        ),
    ),
    (
        "KONAPLATE_CLIENT_PRIVATE_KEY",
        said(
            "Your own private key: responses are decrypted with it. PEM, too.",
            "자신의 개인 키입니다. 응답을 복호화합니다. 역시 PEM 형식입니다.",
        ),
    ),
    (
        "…_2",
        said(
            "The last three with _2 behind their names: a second crypto key, for a rotation.",
            "위 세 변수의 이름 뒤에 _2를 붙이면 두 번째 암호화 키입니다. 키를 교체할 때 사용합니다.",
        ),
    ),
    (
        "…_FILE",
        said(
            "Each of them with _FILE behind its name: the path of a file with the value.",
            "이름 뒤에 _FILE을 붙이면 값 대신 파일 경로를 지정합니다.",
        ),
    ),
    (
        "KONAPLATE_ALLOW_PLAIN_HTTP",
        said(
            "true: plain HTTP to another machine is no error.",
            "true이면 다른 장비에 평문 HTTP로 연결하는 것을 허용합니다.",
        ),
    ),
    (
        "KONAPLATE_JOURNAL",
        said(
            "A journal of calls that move money: a SQLite file, or postgres://… (gateway, call, journal).",
            "금액이 이동하는 호출을 기록하는 저널입니다. SQLite 파일 또는 postgres://… 주소입니다(gateway, call, journal).",
        ),
    ),
    (
        "KONAPLATE_DOTENV",
        said(
            "A file of variables for the program konaplate, in the place of .env.",
            "프로그램 konaplate가 .env 대신 읽을 변수 파일입니다.",
        ),
    ),
    (
        "KONAPLATE_PROFILE",
        said(
            "A profile of the program's configuration.",
            "프로그램 설정 파일의 프로필입니다.",
        ),
    ),
    (
        "KONAPLATE_GATEWAY",
        said(
            "Where the gateway is: read by the programs on these pages alone. Default: http://127.0.0.1:8788",
            "게이트웨이의 주소입니다. 이 문서의 예제 코드만 읽습니다. 기본값: http://127.0.0.1:8788",
        ),
    ),
];

/// The table of variables.
pub(crate) fn section(frame: &Frame<'_>) -> Markup {
    let title = frame.say("Variables of the environment", "환경 변수");
    html! {
        section #environment aria-labelledby="environment-title" {
            h2 #environment-title { (title) }
            p {
                (frame.say(
                    "A sandbox needs none. For the platform, gateway, program and clients read these. konaplate doctor says what is \
                     missing or wrong.",
                    "샌드박스에는 필요하지 않습니다. 실제 플랫폼에 연결할 때 게이트웨이, 프로그램, 클라이언트가 읽습니다. 빠지거나 잘못된 \
                     설정은 konaplate doctor로 확인하십시오.",
                ))
            }
            (wide(title, &html! {
                table {
                    thead {
                        tr {
                            th scope="col" { (frame.say("Variable", "변수")) }
                            th scope="col" { (frame.say("What it is", "설명")) }
                        }
                    }
                    tbody {
                        @for (name, meaning) in &VARIABLES {
                            tr {
                                th scope="row" { code { (name) } }
                                td data-label=(frame.say("What it is", "설명")) { (meaning.in_language(frame.language)) }
                            }
                        }
                    }
                }
            }))
        }
    }
}
