//! The variables that the client reads: what each is, and what it is needed for.

/// A variable.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// What it is, in English.
    pub(super) english: &'static str,
    /// What it is, in Korean.
    pub(super) korean: &'static str,
    pub(super) need: Need,
    /// Whether nobody else may read it.
    pub(super) is_secret: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing goes without.
    Always,
    /// Nothing encrypted goes without.
    Encryption,
    /// It may be missing.
    Never,
}

const fn setting(
    name: &'static str,
    [english, korean]: [&'static str; 2],
    need: Need,
    is_secret: bool,
) -> Setting {
    Setting {
        name,
        english,
        korean,
        need,
        is_secret,
    }
}

pub(super) const SETTINGS: [Setting; 13] = [
    setting(
        "KONAPLATE_BASE_URL",
        ["URL of the platform", "플랫폼의 URL"],
        Need::Always,
        false,
    ),
    setting(
        "KONAPLATE_ASP_ID",
        ["ASP ID", "ASP ID"],
        Need::Always,
        false,
    ),
    setting(
        "KONAPLATE_ACCESS_KEY",
        ["access key", "액세스 키"],
        Need::Always,
        true,
    ),
    setting(
        "KONAPLATE_SECRET_KEY",
        ["secret key", "시크릿 키"],
        Need::Always,
        true,
    ),
    setting(
        "KONAPLATE_CRYPTO_KEY_ID",
        ["id of the crypto key", "암호화 키의 ID"],
        Need::Encryption,
        false,
    ),
    setting(
        "KONAPLATE_SERVER_PUBLIC_KEY",
        [
            "the platform's public key or certificate",
            "플랫폼의 공개 키 또는 인증서",
        ],
        Need::Encryption,
        false,
    ),
    setting(
        "KONAPLATE_CLIENT_PRIVATE_KEY",
        ["your own private key", "자신의 개인 키"],
        Need::Encryption,
        true,
    ),
    setting(
        "KONAPLATE_CRYPTO_KEY_ID_2",
        ["id of the second crypto key", "두 번째 암호화 키의 ID"],
        Need::Never,
        false,
    ),
    setting(
        "KONAPLATE_SERVER_PUBLIC_KEY_2",
        [
            "the platform's second public key",
            "플랫폼의 두 번째 공개 키",
        ],
        Need::Never,
        false,
    ),
    setting(
        "KONAPLATE_CLIENT_PRIVATE_KEY_2",
        ["your second private key", "자신의 두 번째 개인 키"],
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_FORMER_ACCESS_KEY",
        ["access key before a rotation", "교체하기 전의 액세스 키"],
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_FORMER_SECRET_KEY",
        ["secret key before a rotation", "교체하기 전의 시크릿 키"],
        Need::Never,
        true,
    ),
    setting(
        "KONAPLATE_ALLOW_PLAIN_HTTP",
        ["whether http is allowed", "http 허용 여부"],
        Need::Never,
        false,
    ),
];
