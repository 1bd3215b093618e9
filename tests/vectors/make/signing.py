"""Writes ../signing.json: signature tokens made with hmac and hashlib from the standard library.

Nothing here is random: the same Python gives the same file on every run.
"""

import base64
import hashlib
import hmac
import json
import platform
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "signing.json"

PLAIN = "konaplate-invented-secret-1"


def token(secret: str, timestamp: str, form: str, body: bytes) -> str:
    message = {"raw_body": body, "base64_body": base64.b64encode(body)}[form]
    mac = hmac.new(secret.encode("utf-8"), message, hashlib.sha256).digest()
    return f"KMV1:{timestamp}:{base64.b64encode(mac).decode('ascii')}"


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


def main() -> None:
    cases = []
    for name, secret, timestamp, form, body in CASES:
        case = {
            "name": name,
            "secret": secret,
            "timestamp": timestamp,
            "form": form,
            "body_base64": base64.b64encode(body).decode("ascii"),
        }
        try:
            case["body_text"] = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        case["token"] = token(secret, timestamp, form, body)
        assert len(case["token"]) == 67 and len(timestamp) == 17
        cases.append(case)
    assert len({case["name"] for case in cases}) == len(cases)
    assert len(big_body()) == 16 * 1024 and json.loads(big_body())

    made_by = f"make/signing.py, Python {platform.python_version()} hmac and hashlib"
    text = json.dumps({"made_by": made_by, "cases": cases}, indent=2, ensure_ascii=False)
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUT.name}: {len(cases)} cases")


if __name__ == "__main__":
    main()
