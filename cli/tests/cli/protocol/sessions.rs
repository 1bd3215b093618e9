use super::{ACCESS_KEY, ASP_ID, CRYPTO_KEY_ID, SECRET, key};

/// The sessions of `tests/sessions`, as the help and the README have them.
#[test]
fn sessions_at_a_terminal_go_as_they_are_written() {
    let file = |name: &str| {
        key(name)
            .canonicalize()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let cases = trycmd::TestCases::new();
    cases
        .default_bin_name("konaplate")
        .env("LANG", "C")
        .env("LC_ALL", "C")
        .env("KONAPLATE_SECRET_KEY", SECRET)
        .env("KONAPLATE_ACCESS_KEY", ACCESS_KEY)
        .env("KONAPLATE_ASP_ID", ASP_ID)
        .env("KONAPLATE_CRYPTO_KEY_ID", CRYPTO_KEY_ID)
        .env("KONAPLATE_SERVER_PUBLIC_KEY_FILE", file("client.spki.pem"))
        .env(
            "KONAPLATE_CLIENT_PRIVATE_KEY_FILE",
            file("client.pkcs8.pem"),
        );
    for command in ["sign", "verify", "encrypt", "decrypt"] {
        cases.case(format!("tests/sessions/{command}/*.trycmd"));
    }
    cases.run();
}
