"""Writes signing.json: signature tokens made with hmac and hashlib from the standard library.

Nothing here is random: the file is the same on every run.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone

from cases import b64, write

PLAIN = "konaplate-invented-secret-1"


def token(secret: str, timestamp: str, form: str, body: bytes) -> str:
    message = {"raw_body": body, "base64_body": base64.b64encode(body)}[form]
    mac = hmac.new(secret.encode("utf-8"), message, hashlib.sha256).digest()
    return f"KMV1:{timestamp}:{base64.b64encode(mac).decode('ascii')}"


ZONES = {"KST": timezone(timedelta(hours=9)), "UTC": timezone.utc}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def epoch_ms(timestamp: str, zone: str) -> int:
    """The instant of 17 digits in a zone."""
    second = datetime.strptime(timestamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=ZONES[zone])
    return (second - EPOCH) // timedelta(milliseconds=1) + int(timestamp[14:])


def written(at: int, zone: str) -> str:
    """The 17 digits of an instant in a zone."""
    time = (EPOCH + timedelta(milliseconds=at)).astimezone(ZONES[zone])
    return time.strftime("%Y%m%d%H%M%S") + f"{at % 1000:03}"


def big_body() -> bytes:
    """Valid JSON of exactly 16 KiB."""
    head, tail = b'{"memo":"', b'"}'
    filler = b"".join(b"%05d," % n for n in range(4096))
    return head + filler[: 16 * 1024 - len(head) - len(tail)] + tail


ORDINARY = b'{"cardId":"TEST-CARD-0001","amount":15000,"currency":"KRW","retry":false}'
KOREAN = '{"name":"시험 회원","memo":"커피 두 잔 ☕🎉"}'.encode("utf-8")
CRLF = b'{\r\n  "amount": 1\r\n} '
ENVELOPE = b'{"encData":"eyJpbnZlbnRlZCI6dHJ1ZX0.AAAA.BBBB.CCCC.DDDD"}'

RAW, B64 = "raw_body", "base64_body"

# name, secret, timestamp, form, body
CASES = [
    ("empty_body_raw", PLAIN, "20250102030405006", RAW, b""),
    ("empty_body_base64", PLAIN, "20250102030405006", B64, b""),
    ("empty_object_raw", PLAIN, "20250102030405006", RAW, b"{}"),
    ("empty_object_base64", PLAIN, "20250102030405006", B64, b"{}"),
    ("ordinary_json_raw", PLAIN, "20250630123456789", RAW, ORDINARY),
    ("ordinary_json_base64", PLAIN, "20250630123456789", B64, ORDINARY),
    ("ordinary_json_other_timestamp", PLAIN, "20240229235959999", RAW, ORDINARY),
    ("korean_and_emoji_raw", PLAIN, "20251231235959999", RAW, KOREAN),
    ("korean_and_emoji_base64", PLAIN, "20251231235959999", B64, KOREAN),
    ("crlf_and_trailing_space_raw", PLAIN, "20260101000000000", RAW, CRLF),
    ("crlf_and_trailing_space_base64", PLAIN, "20260101000000000", B64, CRLF),
    ("envelope_raw", PLAIN, "20260315091500120", RAW, ENVELOPE),
    ("envelope_base64", PLAIN, "20260315091500120", B64, ENVELOPE),
    ("body_of_16_kib_raw", PLAIN, "20260401101112131", RAW, big_body()),
    ("body_of_16_kib_base64", PLAIN, "20260401101112131", B64, big_body()),
    ("every_byte_value_raw", PLAIN, "20260401101112131", RAW, bytes(range(256))),
    ("every_byte_value_base64", PLAIN, "20260401101112131", B64, bytes(range(256))),
    # Bodies whose base64 has no, one or two padding characters.
    ("base64_without_padding", PLAIN, "20260401101112131", B64, b'"a"'),
    ("base64_with_one_padding_character", PLAIN, "20260401101112131", B64, b'"ab"}'),
    ("base64_with_two_padding_characters", PLAIN, "20260401101112131", B64, b"1234"),
    # A body that looks like base64 is signed as the text it is.
    ("body_looks_like_base64_raw", PLAIN, "20260401101112131", RAW, b"e30="),
    # The key is the text of the secret as UTF-8, whatever it looks like.
    ("secret_of_1_character", "k", "20260505050505050", RAW, ORDINARY),
    ("secret_of_64_bytes", "0123456789abcdef" * 4, "20260505050505050", RAW, ORDINARY),
    ("secret_of_65_bytes", "0123456789abcdef" * 4 + "g", "20260505050505050", RAW, ORDINARY),
    (
        "secret_of_130_characters_raw",
        "long-secret-" * 10 + "0123456789",
        "20260505050505050",
        RAW,
        ORDINARY,
    ),
    (
        "secret_of_130_characters_base64",
        "long-secret-" * 10 + "0123456789",
        "20260505050505050",
        B64,
        ORDINARY,
    ),
    ("secret_in_korean_raw", "비밀열쇠-하나", "20260606060606060", RAW, ORDINARY),
    ("secret_in_korean_base64", "비밀열쇠-하나", "20260606060606060", B64, ORDINARY),
    ("secret_with_emoji", "key-🔑-1", "20260606060606060", RAW, KOREAN),
    (
        "secret_looks_like_hex_raw",
        "00112233445566778899aabbccddeeff",
        "20260707070707070",
        RAW,
        ORDINARY,
    ),
    (
        "secret_looks_like_hex_base64",
        "00112233445566778899aabbccddeeff",
        "20260707070707070",
        B64,
        ORDINARY,
    ),
    (
        "secret_looks_like_base64_raw",
        "aW52ZW50ZWQtc2VjcmV0LTE=",
        "20260707070707070",
        RAW,
        ORDINARY,
    ),
    (
        "secret_looks_like_base64_base64",
        "aW52ZW50ZWQtc2VjcmV0LTE=",
        "20260707070707070",
        B64,
        ORDINARY,
    ),
    ("secret_with_outer_spaces", "  spaces are part of it  ", "20260707070707070", RAW, ORDINARY),
]


# Instants whose day, month or year differs between the zones, and days that not every year has.
# name, milliseconds since 1970-01-01T00:00:00Z, timestamp in KST, timestamp in UTC
INSTANTS = [
    ("the_description", 1773539112345, "20260315104512345", "20260315014512345"),
    ("first_instant_of_1970_in_utc", 0, "19700101090000000", "19700101000000000"),
    ("last_of_the_year_in_korea", 1798729199999, "20261231235959999", "20261231145959999"),
    ("first_of_the_year_in_korea", 1798729200000, "20270101000000000", "20261231150000000"),
    ("last_of_the_year_in_utc", 1798761599999, "20270101085959999", "20261231235959999"),
    ("first_of_the_year_in_utc", 1798761600000, "20270101090000000", "20270101000000000"),
    ("last_of_a_day_in_korea", 1773586799999, "20260315235959999", "20260315145959999"),
    ("first_of_a_day_in_korea", 1773586800000, "20260316000000000", "20260315150000000"),
    ("leap_day_in_both", 1835409600007, "20280229130000007", "20280229040000007"),
    ("leap_day_in_korea_alone", 1835362800000, "20280229000000000", "20280228150000000"),
    ("leap_day_in_utc_alone", 1835481599999, "20280301085959999", "20280229235959999"),
    ("no_leap_day_in_2027", 1803826800000, "20270301000000000", "20270228150000000"),
    (
        "the_iso_week_belongs_to_the_year_before",
        1609426800000,
        "20210101000000000",
        "20201231150000000",
    ),
    (
        "the_iso_week_belongs_to_the_year_after",
        1735488000000,
        "20241230010000000",
        "20241229160000000",
    ),
    ("noon_and_one_digit_everywhere", 1767323045006, "20260102120405006", "20260102030405006"),
    ("midnight_of_a_twelve_hour_clock", 1767193205006, "20260101000005006", "20251231150005006"),
    ("beyond_32_bits_of_seconds", 2147483648000, "20380119121408000", "20380119031408000"),
]


def of_instants():
    for name, at, kst, utc in INSTANTS:
        for zone, timestamp in (("KST", kst), ("UTC", utc)):
            assert written(at, zone) == timestamp, (name, written(at, zone))
            yield f"{name}_{zone.lower()}", PLAIN, timestamp, RAW, ORDINARY, zone


def main() -> None:
    cases = []
    in_korea = ((*case, "KST") for case in CASES)
    for name, secret, timestamp, form, body, zone in [*in_korea, *of_instants()]:
        at = epoch_ms(timestamp, zone)
        assert written(at, zone) == timestamp, name
        case = {
            "name": name,
            "secret": secret,
            "epoch_ms": at,
            "zone": zone,
            "timestamp": timestamp,
            "tran_time": timestamp[:14],
            "form": form,
            "body_base64": b64(body),
        }
        try:
            case["body_text"] = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        case["token"] = token(secret, timestamp, form, body)
        assert len(case["token"]) == 67 and len(timestamp) == 17
        cases.append(case)
    assert len(big_body()) == 16 * 1024 and json.loads(big_body())
    write("signing.json", "make/signing.py, Python's hmac, hashlib and datetime", cases)


if __name__ == "__main__":
    main()
