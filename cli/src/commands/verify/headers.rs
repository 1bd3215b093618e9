//! The headers that belong to a token: of a dump, or of options.

use std::collections::BTreeMap;

use axum::http::HeaderName;
use konaplate::protocol::headers::{
    ACCESS_KEY, ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, TIME_ZONE, TRAN_TOKEN,
};
use konaplate::{CorrelationId, TimeZone};
use serde_json::Value;

use super::super::protocol::finding::{Finding, quoted};
use super::super::protocol::keys::setting_text;
use crate::failure::Failure;
use crate::variables::Variables;

/// Headers by name, in small letters.
#[derive(Default)]
pub(super) struct Headers(BTreeMap<String, String>);

impl Headers {
    /// Reads a dump: lines of `Name: value`, as HTTP, curl -v and curl -H have them, or a JSON object,
    /// as `konaplate sign` prints it. Lines that are no header are passed over.
    pub(super) fn read(dump: &str, findings: &mut Vec<Finding>) -> Self {
        let mut headers = Self::default();
        if let Ok(Value::Object(members)) = serde_json::from_str(dump) {
            for (name, value) in members {
                if let Some(value) = value.as_str() {
                    headers.add(&name, value, findings);
                }
            }
            return headers;
        }
        for line in dump.lines() {
            let line = line.trim_start_matches(['>', '<', ' ']);
            if let Some((name, value)) = line.split_once(':') {
                headers.add(name, value.trim(), findings);
            }
        }
        headers
    }

    fn add(&mut self, name: &str, value: &str, findings: &mut Vec<Finding>) {
        let name = name.trim().to_ascii_lowercase();
        let name = match name.as_str() {
            // As one of the vendor's pages writes it.
            "x-km-trans-token" | "x-km-trantoken" => {
                findings.push(Finding::new(
                    "header-name",
                    (
                        format!("the header of the token is called {name}"),
                        format!("토큰의 헤더 이름이 {name}입니다."),
                    ),
                    (
                        "call it X-KM-Tran-Token",
                        "이름을 X-KM-Tran-Token으로 하십시오.",
                    ),
                ));
                TRAN_TOKEN.to_string()
            }
            _ => name,
        };
        if !name.starts_with("x-km-") {
            return;
        }
        if let Some(other) = self.0.insert(name.clone(), value.to_owned())
            && other != value
        {
            findings.push(Finding::new(
                "header-twice",
                (
                    format!("{name} is there twice, with two values"),
                    format!("{name} 헤더가 서로 다른 값으로 두 번 있습니다."),
                ),
                (
                    "send each header once, or give the dump of one request only",
                    "헤더를 각각 한 번만 보내거나, 요청 하나의 덤프만 지정하십시오.",
                ),
            ));
        }
    }

    /// Sets a header that an option gives.
    pub(super) fn set(&mut self, name: &HeaderName, value: Option<String>) {
        if let Some(value) = value {
            self.0.insert(name.to_string(), value);
        }
    }

    pub(super) fn get(&self, name: &HeaderName) -> Option<&str> {
        self.0.get(name.as_str()).map(String::as_str)
    }

    /// The zone that they name.
    pub(super) fn zone(&self, findings: &mut Vec<Finding>) -> Option<TimeZone> {
        let name = self.get(&TIME_ZONE)?;
        if let Ok(zone) = name.parse() {
            return Some(zone);
        }
        let name = quoted(name);
        findings.push(Finding::new(
            "time-zone",
            (
                format!("X-KM-Time-Zone is {name}"),
                format!("X-KM-Time-Zone의 값이 {name}입니다."),
            ),
            (
                "write KST or UTC, three capitals",
                "대문자 세 글자인 KST 또는 UTC로 쓰십시오.",
            ),
        ));
        None
    }

    /// Checks the forms of the ids, and that they are those of the settings.
    ///
    /// # Errors
    /// A setting cannot be read.
    pub(super) fn check(
        &self,
        variables: &Variables,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Failure> {
        if let Some(id) = self.get(&CORRELATION_ID)
            && let Err(rule) = id.parse::<CorrelationId>()
        {
            let has = id.len();
            findings.push(Finding::new(
                "correlation-id",
                (
                    format!("X-KM-Correlation-Id {rule}, and has {has} characters"),
                    format!(
                        "X-KM-Correlation-Id는 숫자 12자리, 하이픈(-) 하나, 소문자 16진수 7자리여야 하며, 현재 값은 {has}자입니다."
                    ),
                ),
                (
                    "make a fresh one for each call: yyMMddHHmmss-xxxxxxx, 20 characters",
                    "호출마다 yyMMddHHmmss-xxxxxxx 형식의 20자로 새로 만드십시오.",
                ),
            ));
        }
        for (header, written, length, variable) in [
            (&ASP_ID, "X-KM-User-AspId", 15, "KONAPLATE_ASP_ID"),
            (&ACCESS_KEY, "X-KM-Access-Key", 40, "KONAPLATE_ACCESS_KEY"),
            (
                &CRYPTO_KEY_ID,
                "X-KM-Crypto-Key-Id",
                32,
                "KONAPLATE_CRYPTO_KEY_ID",
            ),
        ] {
            // What `konaplate sign` masks is not there to be compared.
            let Some(value) = self.get(header).filter(|value| !value.starts_with('[')) else {
                continue;
            };
            if value.chars().count() != length {
                let has = value.chars().count();
                findings.push(Finding::new(
                    "header-length",
                    (
                        format!("{written} must have {length} characters, and has {has}"),
                        format!("{written}는 {length}자여야 하며, 현재 값은 {has}자입니다."),
                    ),
                    (
                        "copy it once more from the vendor's portal",
                        "KONA 포털에서 다시 복사하십시오.",
                    ),
                ));
            }
            // A project has two crypto keys, and may be between two access keys.
            let mut known = Vec::new();
            let others = match variable {
                "KONAPLATE_ACCESS_KEY" => Some("KONAPLATE_FORMER_ACCESS_KEY"),
                "KONAPLATE_CRYPTO_KEY_ID" => Some("KONAPLATE_CRYPTO_KEY_ID_2"),
                _ => None,
            };
            for name in [Some(variable), others].into_iter().flatten() {
                known.extend(setting_text(variables, name)?);
            }
            if !known.is_empty() && !known.iter().any(|known| known.as_str() == value) {
                findings.push(Finding::new(
                    "header-other-project",
                    (
                        format!("{written} is not that of {variable}"),
                        format!("{written}가 {variable}의 값이 아닙니다."),
                    ),
                    (
                        "take all keys of one project: a secret key signs for its own access key only",
                        "모든 키를 한 프로젝트의 것으로 사용하십시오. 시크릿 키의 서명은 그 시크릿 키와 짝을 이루는 액세스 키에만 유효합니다.",
                    ),
                ));
            }
        }
        Ok(())
    }
}
