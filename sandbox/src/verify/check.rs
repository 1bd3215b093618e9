//! The checks, in the order in which they are made.

/// A check of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    Head,
    HeadSize,
    HttpVersion,
    /// `X-Sandbox-Fault` names a fault, if it is there.
    Fault,
    Path,
    Method,
    Body,
    BodySize,
    Timeout,
    CorrelationId,
    AspId,
    AccessKey,
    TimeZone,
    /// The form of the token.
    TranToken,
    /// `X-KM-Tran-Time` is the token's.
    TranTime,
    /// The token signs the body.
    Signature,
    /// The call was made about now.
    CallTime,
    ContentType,
    Json,
    Encryption,
    CryptoKeyId,
    /// What was encrypted is a JSON object, too.
    Plaintext,
    /// The correlation id was not used before.
    FreshId,
    /// `X-Sandbox-Response` names a response, if it is there.
    Response,
    Schema,
    State,
    /// The file of the sandbox takes what was changed: not of a request, and made after all others.
    Storage,
}

impl Check {
    /// What a refusal says: the code is `sandbox:` and this.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Head => "http",
            Self::HeadSize => "head-size",
            Self::HttpVersion => "http-version",
            Self::Fault => "fault",
            Self::Path => "path",
            Self::Method => "method",
            Self::Body => "body",
            Self::BodySize => "body-size",
            Self::Timeout => "timeout",
            Self::CorrelationId | Self::FreshId => "correlation-id",
            Self::AspId => "asp-id",
            Self::AccessKey => "access-key",
            Self::TimeZone => "time-zone",
            Self::TranToken | Self::Signature => "tran-token",
            Self::TranTime | Self::CallTime => "tran-time",
            Self::ContentType => "content-type",
            Self::Json | Self::Plaintext => "json",
            Self::Encryption => "encryption",
            Self::CryptoKeyId => "crypto-key-id",
            Self::Response => "response",
            Self::Schema => "schema",
            Self::State => "state",
            Self::Storage => "storage",
        }
    }
}

/// The checks of a request whose head could be read, in order: the name that a trace has for a step,
/// and the checks that are made in it.
pub(crate) const STEPS: [(&str, &[Check]); 20] = [
    ("fault", &[Check::Fault]),
    ("path", &[Check::Path]),
    ("method", &[Check::Method]),
    ("body", &[Check::Body, Check::BodySize, Check::Timeout]),
    ("correlation-id", &[Check::CorrelationId]),
    ("asp-id", &[Check::AspId]),
    ("access-key", &[Check::AccessKey]),
    ("time-zone", &[Check::TimeZone]),
    ("tran-token", &[Check::TranToken]),
    ("tran-time", &[Check::TranTime]),
    ("signature", &[Check::Signature]),
    ("call-time", &[Check::CallTime]),
    ("content-type", &[Check::ContentType]),
    ("json", &[Check::Json]),
    ("encryption", &[Check::Encryption, Check::CryptoKeyId]),
    ("plaintext", &[Check::Plaintext]),
    ("fresh-id", &[Check::FreshId]),
    ("response", &[Check::Response]),
    ("schema", &[Check::Schema]),
    ("state", &[Check::State]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes in the README's table, row by row, but for those of the first row: of what is no
    /// request there is no trace.
    #[test]
    fn the_readme_has_the_steps_in_their_order() {
        let readme = include_str!("../../README.md");
        let table = readme.split("| check | response |").nth(1).unwrap();
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let described: Vec<_> = rows
            .skip(1)
            .flat_map(|row| row.split("`sandbox:").skip(1))
            .map(|rest| rest.split('`').next().unwrap())
            .collect();
        let made: Vec<_> = STEPS
            .iter()
            .flat_map(|(_, checks)| checks.iter().map(|check| check.code()))
            .collect();
        assert_eq!(described, made);
    }
}
