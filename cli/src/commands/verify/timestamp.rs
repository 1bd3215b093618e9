//! The times of a call: that of its token, that of `X-KM-Tran-Time`, and when it was made.

use std::time::{Duration, SystemTime};

use konaplate::TimeZone;
use konaplate::protocol::Timestamp;

use super::super::protocol::finding::{Finding, quoted};
use super::super::protocol::instant::Instant;
use crate::bilingual::{Bilingual, Texts};

const FORM: Texts = (
    "write it as 17 digits, yyyyMMddHHmmssSSS, in the zone of X-KM-Time-Zone",
    "X-KM-Time-Zone의 시간대를 기준으로 숫자 17자리(yyyyMMddHHmmssSSS)로 쓰십시오.",
);
/// Between a call and the platform's clock. Assumed: no page says what is tolerated.
const TOLERANCE: Duration = Duration::from_secs(300);
const HOUR: u64 = 3600;

/// The time of a token, if it has the form of one.
pub(super) fn of_token(text: &str, findings: &mut Vec<Finding>) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        if timestamp.instant(TimeZone::Utc).is_some() {
            return Some(timestamp);
        }
        let (says, cure) = match rest_of_long_year(text) {
            Some(()) => (
                (
                    "the time has a year of five digits and two digits of a second's fraction",
                    "타임스탬프의 연도가 다섯 자리이고 초의 소수부가 두 자리입니다.",
                ),
                (
                    "the mask yyyyyMMddHHmmssSS of one of the vendor's pages is a misprint: it is yyyyMMddHHmmssSSS",
                    "KONA 문서의 한 페이지에 있는 yyyyyMMddHHmmssSS는 오기이며, 올바른 형식은 yyyyMMddHHmmssSSS입니다.",
                ),
            ),
            None => (
                (
                    "the time has 17 digits that are no date and time",
                    "타임스탬프가 숫자 17자리이지만 날짜와 시각이 아닙니다.",
                ),
                FORM,
            ),
        };
        findings.push(Finding::new("timestamp-not-a-time", says, cure));
        return None;
    }
    let (id, says) = form(text);
    findings.push(Finding::new(id, says, FORM));
    None
}

/// What a time is, that has not the form of a token's.
fn form(text: &str) -> (&'static str, Bilingual) {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_iso = text.len() >= 16
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
            && text.as_bytes()[4] == b'-';
        return if is_iso {
            (
                "timestamp-iso",
                Bilingual::new(
                    "the time is written as ISO 8601",
                    "타임스탬프가 ISO 8601 형식입니다.",
                ),
            )
        } else {
            let text = quoted(text);
            (
                "timestamp-form",
                Bilingual::new(
                    format!("the time is not 17 digits: {text}"),
                    format!("타임스탬프가 숫자 17자리가 아닙니다: {text}"),
                ),
            )
        };
    }
    let is_time = |digits: &str| {
        let time = digits.parse::<Timestamp>();
        time.is_ok_and(|time| time.instant(TimeZone::Utc).is_some())
    };
    let padded = |text: &str| format!("{text:0<17}");
    // What is not written as a date counts from 1970.
    let is_date = (text.starts_with("19") || text.starts_with("20")) && text.len() < 17;
    match text.len() {
        14 if is_time(&padded(text)) => (
            "timestamp-seconds",
            Bilingual::new(
                "the time has 14 digits: its milliseconds are missing",
                "타임스탬프가 14자리입니다. 밀리초가 없습니다.",
            ),
        ),
        has @ (15 | 16) if is_date && is_time(&padded(text)) => (
            "timestamp-fraction",
            Bilingual::new(
                format!("the time has {has} digits: its milliseconds have not three"),
                format!("타임스탬프가 {has}자리입니다. 밀리초가 세 자리가 아닙니다."),
            ),
        ),
        has @ 18..=23 if is_time(&text[..17]) => (
            "timestamp-fraction",
            Bilingual::new(
                format!("the time has {has} digits: its fraction is finer than milliseconds"),
                format!("타임스탬프가 {has}자리입니다. 초의 소수부가 밀리초보다 세밀합니다."),
            ),
        ),
        12 if is_time(&padded(&format!("20{text}"))) => (
            "timestamp-short-year",
            Bilingual::new(
                "the time has a year of two digits and no milliseconds",
                "타임스탬프의 연도가 두 자리이고 밀리초가 없습니다.",
            ),
        ),
        10 => (
            "timestamp-unix",
            Bilingual::new(
                "the time is in seconds since 1970",
                "타임스탬프가 1970년을 기준으로 한 초 단위 값입니다.",
            ),
        ),
        13 => (
            "timestamp-unix",
            Bilingual::new(
                "the time is in milliseconds since 1970",
                "타임스탬프가 1970년을 기준으로 한 밀리초 단위 값입니다.",
            ),
        ),
        16 => (
            "timestamp-unix",
            Bilingual::new(
                "the time is in microseconds since 1970",
                "타임스탬프가 1970년을 기준으로 한 마이크로초 단위 값입니다.",
            ),
        ),
        19 => (
            "timestamp-unix",
            Bilingual::new(
                "the time is in nanoseconds since 1970",
                "타임스탬프가 1970년을 기준으로 한 나노초 단위 값입니다.",
            ),
        ),
        has => (
            "timestamp-form",
            Bilingual::new(
                format!("the time has {has} digits"),
                format!("타임스탬프가 {has}자리입니다."),
            ),
        ),
    }
}

/// Whether it is the mask with a misprint, as one of the vendor's pages has it.
fn rest_of_long_year(text: &str) -> Option<()> {
    let rest = text.strip_prefix('0')?;
    let time: Timestamp = format!("{rest}0").parse().ok()?;
    time.instant(TimeZone::Utc).map(drop)
}

/// Compares the time of a token with `X-KM-Tran-Time`.
pub(super) fn against_header(token: Timestamp, header: &str, findings: &mut Vec<Finding>) {
    const CURE: Texts = (
        "write both of one reading of the clock: X-KM-Tran-Time is the first 14 digits of the token's time",
        "시계를 한 번만 읽어 두 값을 만드십시오. X-KM-Tran-Time은 토큰 타임스탬프의 앞 14자리입니다.",
    );
    let is_form = header.len() == 14 && header.bytes().all(|byte| byte.is_ascii_digit());
    let written = is_form
        .then(|| format!("{header}000").parse::<Timestamp>().ok())
        .flatten()
        .and_then(|time| time.instant(TimeZone::Utc));
    let Some(written) = written else {
        let says = match header.len() {
            17 if header == token.as_str() => Bilingual::new(
                "X-KM-Tran-Time has 17 digits, and must have 14",
                "X-KM-Tran-Time이 17자리입니다. 14자리여야 합니다.",
            ),
            _ => {
                let header = quoted(header);
                Bilingual::new(
                    format!(
                        "X-KM-Tran-Time is not 14 digits of a date and time, yyyyMMddHHmmss: {header}"
                    ),
                    format!(
                        "X-KM-Tran-Time이 날짜와 시각을 나타내는 숫자 14자리(yyyyMMddHHmmss)가 아닙니다: {header}"
                    ),
                )
            }
        };
        findings.push(Finding::new("tran-time-form", says, CURE));
        return;
    };
    let Some(signed) = whole_seconds(token) else {
        return;
    };
    let apart = apart(signed, written).as_secs();
    // A program that reads its clock twice can be a second apart.
    if apart <= 1 {
        return;
    }
    findings.push(if is_about(apart, 9 * HOUR, 1) {
        Finding::new(
            "tran-time-zone",
            (
                "X-KM-Tran-Time and the time of the token are 9 hours apart: one is in KST, the other in UTC",
                "X-KM-Tran-Time과 토큰의 타임스탬프는 9시간 차이가 납니다. 하나는 KST, 다른 하나는 UTC입니다.",
            ),
            CURE,
        )
    } else if is_about(apart, 12 * HOUR, 1) {
        Finding::new(
            "tran-time-half-day",
            (
                "X-KM-Tran-Time and the time of the token are 12 hours apart: one has a clock of 12 hours",
                "X-KM-Tran-Time과 토큰의 타임스탬프는 12시간 차이가 납니다. 하나가 12시간제입니다.",
            ),
            (
                "format the hour with HH, not hh",
                "시간 형식에 hh가 아니라 HH를 사용하십시오.",
            ),
        )
    } else {
        Finding::new(
            "tran-time-differs",
            (
                format!("X-KM-Tran-Time and the time of the token are {apart} s apart"),
                format!("X-KM-Tran-Time과 토큰의 타임스탬프는 {apart}초 차이가 납니다."),
            ),
            CURE,
        )
    });
}

/// Compares the time of a token with when the call was made, or with now, which it cannot be after.
pub(super) fn against_clock(
    token: Timestamp,
    zone: TimeZone,
    made: Option<Instant>,
    findings: &mut Vec<Finding>,
) {
    let Some(signed) = token.instant(zone) else {
        return;
    };
    let made = match made {
        Some(instant) => instant.timestamp(zone).instant(zone),
        None => Some(SystemTime::now()).filter(|now| signed > *now),
    };
    let Some(apart) = made.map(|made| apart(signed, made)) else {
        return;
    };
    if apart <= TOLERANCE {
        return;
    }
    let seconds = apart.as_secs();
    findings.push(if is_about(seconds, 9 * HOUR, TOLERANCE.as_secs()) {
        Finding::new(
            "timestamp-zone",
            (
                format!("read in the zone {zone}, the token's time is 9 hours away from when it was made"),
                format!("{zone} 시간대로 읽으면 토큰의 타임스탬프는 토큰을 만든 시각과 9시간 차이가 납니다."),
            ),
            (
                "write the time in the zone that X-KM-Time-Zone names; KST is UTC+9",
                "X-KM-Time-Zone에 지정한 시간대의 시각을 쓰십시오. KST는 UTC+9입니다.",
            ),
        )
    } else if is_about(seconds, 12 * HOUR, TOLERANCE.as_secs()) {
        Finding::new(
            "timestamp-half-day",
            (
                "the token's time is 12 hours away from when it was made: its clock has 12 hours",
                "토큰의 타임스탬프는 토큰을 만든 시각과 12시간 차이가 납니다. 타임스탬프가 12시간제입니다.",
            ),
            (
                "format the hour with HH, not hh",
                "시간 형식에 hh가 아니라 HH를 사용하십시오.",
            ),
        )
    } else {
        Finding::new(
            "timestamp-clock",
            (
                format!("read in the zone {zone}, the token's time is {seconds} s away from when it was made"),
                format!("{zone} 시간대로 읽으면 토큰의 타임스탬프는 토큰을 만든 시각과 {seconds}초 차이가 납니다."),
            ),
            (
                "set the clock (NTP), and make a token for each call",
                "시계를 맞추고(NTP), 호출마다 토큰을 만드십시오.",
            ),
        )
    });
}

fn whole_seconds(time: Timestamp) -> Option<SystemTime> {
    let seconds: Timestamp = format!("{}000", time.tran_time()).parse().ok()?;
    seconds.instant(TimeZone::Utc)
}

fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .unwrap_or_else(|ahead| ahead.duration())
}

fn is_about(seconds: u64, wanted: u64, tolerance: u64) -> bool {
    seconds.abs_diff(wanted) <= tolerance
}
