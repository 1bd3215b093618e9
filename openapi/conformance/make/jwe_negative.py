"""Writes ../jwe_negative.json: messages that a strict opener must refuse.

Built from low-level pieces of the Python library `cryptography`. Each message differs from a
good one in one thing. Wherever the cryptography can be right, it is right, so only the strict
rule can refuse the message. check_negative.py shows that this is so.

Every run uses fresh keys and IVs, so the texts differ, but the cases are the same.
"""

import base64
import json
import os
import platform
import zlib
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

VECTORS = Path(__file__).resolve().parent.parent

# Exactly as the client sends it: 38 bytes, so its base64url has two unused bits.
HEADER = '{"enc":"A128GCM","alg":"RSA-OAEP-256"}'
HEADER_256 = '{"enc":"A256GCM","alg":"RSA-OAEP-256"}'

# 50 bytes, so the base64url of the ciphertext has unused bits, too.
PLAINTEXT = b'{"cardId":"TEST-CARD-0003","amount":7000,"n":1234}'
# 51 bytes, so the base64url of the ciphertext fills whole groups of four characters.
PLAINTEXT_51 = b'{"cardId":"TEST-CARD-0003","amount":7000,"n":12345}'
assert len(HEADER) == 38 and len(PLAINTEXT) == 50 and len(PLAINTEXT_51) == 51

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PARTS = ["header", "encrypted_key", "iv", "ciphertext", "tag"]
H, K, I, C, T = range(5)


def public_key(name):
    return serialization.load_pem_public_key((VECTORS / "keys" / f"{name}.spki.pem").read_bytes())


CLIENT = public_key("client")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- the pieces -------------------------------------------------------------------------------


def oaep(hash_, mgf_hash=None, label=None):
    return padding.OAEP(mgf=padding.MGF1((mgf_hash or hash_)()), algorithm=hash_(), label=label)


OAEP_256 = oaep(hashes.SHA256)
OAEP_SHA1 = oaep(hashes.SHA1)


def gcm(cek: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    encryptor = Cipher(algorithms.AES(cek), modes.GCM(iv)).encryptor()
    encryptor.authenticate_additional_data(aad)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return ciphertext, encryptor.tag


def cbc_hmac(hash_, cek: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """RFC 7518, section 5.2."""
    half = len(cek) // 2
    pad = block_padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(cek[half:]), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(pad.update(plaintext) + pad.finalize()) + encryptor.finalize()
    mac = hmac.HMAC(cek[:half], hash_())
    mac.update(aad + iv + ciphertext + (8 * len(aad)).to_bytes(8, "big"))
    return ciphertext, mac.finalize()[:half]


def encrypt(
    header=HEADER,
    *,
    plaintext=PLAINTEXT,
    key=CLIENT,
    wrap=OAEP_256,
    cek_len=16,
    wrapped_cek=None,  # what goes into the encrypted key, if not the CEK that is used
    cek=None,
    iv=None,
    iv_len=12,
    encoded_header=None,  # the first part as sent, if not the usual encoding of `header`
    aad=None,  # if not the first part as sent
    encrypt=gcm,
) -> list[str]:
    """A message as its five encoded parts. Good unless told otherwise."""
    if isinstance(header, str):
        header = header.encode("utf-8")
    cek = os.urandom(cek_len) if cek is None else cek
    iv = os.urandom(iv_len) if iv is None else iv
    first = b64(header) if encoded_header is None else encoded_header
    ciphertext, tag = encrypt(cek, iv, first.encode("ascii") if aad is None else aad, plaintext)
    encrypted_key = key.encrypt(cek if wrapped_cek is None else wrapped_cek, wrap)
    return [first, b64(encrypted_key), b64(iv), b64(ciphertext), b64(tag)]


def encrypted(header, **more) -> str:
    return ".".join(encrypt(header, **more))


def with_part(parts: list[str], index: int, text: str) -> str:
    return ".".join(parts[:index] + [text] + parts[index + 1 :])


def flip(text: str, position: int) -> str:
    """The same part with one byte changed."""
    data = bytearray(unb64(text))
    data[position] ^= 0x01
    return b64(bytes(data))


def unused_bits_set(text: str) -> str:
    """The same bytes, but with the unused bits of the last character set."""
    unused = {2: 0b1111, 3: 0b11}[len(text) % 4]
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | unused]


def standard_alphabet(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


# --- the cases --------------------------------------------------------------------------------

cases = []


def add(name: str, why: str, jwe: str, accepts_with_rsa_oaep_sha1: bool = False) -> None:
    assert all(case["name"] != name for case in cases), name
    cases.append(
        {
            "name": name,
            "why": why,
            "private_key": "client.pkcs8.pem",
            "jwe": jwe,
            "accepts_with_rsa_oaep_sha1": accepts_with_rsa_oaep_sha1,
        }
    )


def alg_cases() -> None:
    def alg(value: str) -> str:
        return '{"enc":"A128GCM","alg":%s}' % value

    add(
        "alg_rsa1_5",
        "RSA1_5 is never allowed; the key is truly wrapped with PKCS #1 v1.5 padding.",
        encrypted(alg('"RSA1_5"'), wrap=padding.PKCS1v15()),
    )
    add(
        "alg_rsa_oaep_a128gcm",
        "RSA-OAEP with SHA-1 is refused unless the caller switched it on.",
        encrypted(alg('"RSA-OAEP"'), wrap=OAEP_SHA1),
        accepts_with_rsa_oaep_sha1=True,
    )
    add(
        "alg_rsa_oaep_a256gcm",
        "RSA-OAEP with SHA-1 is refused unless the caller switched it on.",
        encrypted('{"enc":"A256GCM","alg":"RSA-OAEP"}', wrap=OAEP_SHA1, cek_len=32),
        accepts_with_rsa_oaep_sha1=True,
    )
    add(
        "alg_rsa_oaep_384",
        "RSA-OAEP-384 is not on the list; the key is truly wrapped so.",
        encrypted(alg('"RSA-OAEP-384"'), wrap=oaep(hashes.SHA384)),
    )
    add(
        "alg_rsa_oaep_512",
        "RSA-OAEP-512 is not on the list; the key is truly wrapped so.",
        encrypted(alg('"RSA-OAEP-512"'), wrap=oaep(hashes.SHA512)),
    )

    for name, value, why in [
        ("alg_dir", '"dir"', "alg says dir"),
        ("alg_a128kw", '"A128KW"', "alg says A128KW"),
        ("alg_none", '"none"', "alg says none"),
        ("alg_lower_case", '"rsa-oaep-256"', "alg is in lower case; names are case-sensitive"),
        ("alg_trailing_space", '"RSA-OAEP-256 "', "alg has a space at its end"),
        ("alg_empty_text", '""', "alg is an empty text"),
        ("alg_null", "null", "alg is null"),
        ("alg_number", "256", "alg is a number"),
        ("alg_list", '["RSA-OAEP-256"]', "alg is a list with the right name in it"),
        ("alg_object", '{"RSA-OAEP-256":null}', "alg is an object with the right name in it"),
    ]:
        add(name, f"{why}. The key is wrapped with RSA-OAEP-256.", encrypted(alg(value)))
    add(
        "alg_missing",
        "The header has no alg. The key is wrapped with RSA-OAEP-256.",
        encrypted('{"enc":"A128GCM"}'),
    )
    add(
        "alg_member_name_upper_case",
        "The member is called ALG, so there is no alg.",
        encrypted('{"enc":"A128GCM","ALG":"RSA-OAEP-256"}'),
    )

    add(
        "rsa_oaep_256_wrapped_with_sha1",
        "The header says RSA-OAEP-256, but the key is wrapped with SHA-1 OAEP.",
        encrypted(HEADER, wrap=OAEP_SHA1),
    )
    add(
        "rsa_oaep_wrapped_with_sha256",
        "The header says RSA-OAEP, but the key is wrapped with SHA-256 OAEP. "
        "Refused with and without RSA-OAEP switched on.",
        encrypted(alg('"RSA-OAEP"'), wrap=OAEP_256),
    )
    add(
        "rsa_oaep_256_with_mgf1_sha1",
        "OAEP with SHA-256, but its mask generation (MGF1) uses SHA-1; RSA-OAEP-256 means SHA-256 in both places.",
        encrypted(HEADER, wrap=oaep(hashes.SHA256, hashes.SHA1)),
    )
    add(
        "rsa_oaep_256_with_label",
        "The OAEP label is not empty.",
        encrypted(HEADER, wrap=oaep(hashes.SHA256, label=b"konaplate")),
    )


def enc_cases() -> None:
    def enc(value: str) -> str:
        return '{"enc":%s,"alg":"RSA-OAEP-256"}' % value

    add(
        "enc_a192gcm",
        "A192GCM is not on the list; the message is truly encrypted so.",
        encrypted(enc('"A192GCM"'), cek_len=24),
    )
    add(
        "enc_a128cbc_hs256",
        "A128CBC-HS256 is not on the list; the message is truly encrypted so.",
        encrypted(
            enc('"A128CBC-HS256"'),
            cek_len=32,
            iv_len=16,
            encrypt=lambda *a: cbc_hmac(hashes.SHA256, *a),
        ),
    )
    add(
        "enc_a256cbc_hs512",
        "A256CBC-HS512 is not on the list; the message is truly encrypted so.",
        encrypted(
            enc('"A256CBC-HS512"'),
            cek_len=64,
            iv_len=16,
            encrypt=lambda *a: cbc_hmac(hashes.SHA512, *a),
        ),
    )
    for name, value, why in [
        ("enc_unknown", '"A128XYZ"', "enc is a name that does not exist"),
        ("enc_lower_case", '"a128gcm"', "enc is in lower case; names are case-sensitive"),
        ("enc_trailing_space", '"A128GCM "', "enc has a space at its end"),
        ("enc_empty_text", '""', "enc is an empty text"),
        ("enc_null", "null", "enc is null"),
        ("enc_number", "128", "enc is a number"),
        ("enc_list", '["A128GCM"]', "enc is a list with the right name in it"),
    ]:
        add(name, f"{why}. The message is encrypted with A128GCM.", encrypted(enc(value)))
    add(
        "enc_missing",
        "The header has no enc. The message is encrypted with A128GCM.",
        encrypted('{"alg":"RSA-OAEP-256"}'),
    )


def tag_and_iv_cases() -> None:
    for length in (15, 12, 8, 4):
        parts = encrypt()
        add(
            f"tag_of_{length}_bytes",
            f"A true GCM tag over the right data, cut to {length} bytes; it must be exactly 16.",
            with_part(parts, T, b64(unb64(parts[T])[:length])),
        )
    parts = encrypt()
    add(
        "tag_of_17_bytes",
        "A true GCM tag of 16 bytes with one more byte behind it.",
        with_part(parts, T, b64(unb64(parts[T]) + b"\0")),
    )
    for length in (8, 11, 13, 16):
        add(
            f"iv_of_{length}_bytes",
            f"Truly encrypted with an IV of {length} bytes; it must be exactly 12.",
            encrypted(HEADER, iv_len=length),
        )


def header_member_cases() -> None:
    def extra(members: str) -> str:
        return HEADER[:-1] + "," + members + "}"

    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = squeeze.compress(PLAINTEXT) + squeeze.flush()
    add(
        "zip_def",
        "zip is not allowed; the plaintext is truly compressed with DEFLATE.",
        encrypted(extra('"zip":"DEF"'), plaintext=deflated),
    )
    add(
        "zip_null",
        "A zip member is present, though null. The plaintext is not compressed.",
        encrypted(extra('"zip":null')),
    )

    add(
        "crit_exp",
        "crit is not allowed; it lists exp, which is present.",
        encrypted(extra('"crit":["exp"],"exp":4102444800')),
    )
    add(
        "crit_kid",
        "crit is not allowed; it lists kid, which is present and otherwise harmless.",
        encrypted(extra('"crit":["kid"],"kid":"test-key-3"')),
    )
    add("crit_empty_list", "crit is not allowed, not even as an empty list.", encrypted(extra('"crit":[]')))
    add("crit_null", "A crit member is present, though null.", encrypted(extra('"crit":null')))

    add(
        "duplicate_alg_same_value",
        "alg stands twice in the header, with the same value.",
        encrypted(extra('"alg":"RSA-OAEP-256"')),
    )
    add(
        "duplicate_alg_wrong_one_first",
        "alg stands twice; a parser that takes the last one sees RSA-OAEP-256.",
        encrypted('{"alg":"RSA1_5","enc":"A128GCM","alg":"RSA-OAEP-256"}'),
    )
    add(
        "duplicate_alg_wrong_one_last",
        "alg stands twice; a parser that takes the first one sees RSA-OAEP-256.",
        encrypted('{"alg":"RSA-OAEP-256","enc":"A128GCM","alg":"RSA1_5"}'),
    )
    add(
        "duplicate_alg_written_with_escape",
        r"alg stands twice; the second time its name is written with an escape: \u0061lg.",
        encrypted(extra(r'"\u0061lg":"RSA-OAEP-256"')),
    )
    add(
        "duplicate_enc_same_value",
        "enc stands twice in the header, with the same value.",
        encrypted(extra('"enc":"A128GCM"')),
    )
    add(
        "duplicate_enc_wrong_one_first",
        "enc stands twice; a parser that takes the last one sees A128GCM.",
        encrypted('{"enc":"A192GCM","alg":"RSA-OAEP-256","enc":"A128GCM"}'),
    )
    add(
        "duplicate_enc_wrong_one_last",
        "enc stands twice; a parser that takes the first one sees A128GCM.",
        encrypted('{"enc":"A128GCM","alg":"RSA-OAEP-256","enc":"A192GCM"}'),
    )
    add(
        "duplicate_kid",
        "kid, which is harmless on its own, stands twice.",
        encrypted(extra('"kid":"test-key-3","kid":"test-key-4"')),
    )


def header_text_cases() -> None:
    for name, header, why in [
        ("header_not_json", "enc=A128GCM;alg=RSA-OAEP-256", "The header is not JSON"),
        ("header_json_cut_off", HEADER[:-1], "The closing brace of the header is missing"),
        ("header_trailing_comma", HEADER[:-1] + ",}", "A comma after the last header member"),
        ("header_array_alg_enc", '["RSA-OAEP-256","A128GCM"]', "The header is a JSON array"),
        ("header_array_enc_alg", '["A128GCM","RSA-OAEP-256"]', "The header is a JSON array"),
        ("header_object_in_array", f"[{HEADER}]", "The header is a JSON array around the object"),
        ("header_json_text", json.dumps(HEADER), "The header is a JSON string with the header in it"),
        ("header_json_null", "null", "The header is the JSON literal null"),
        ("header_empty_object", "{}", "The header is an object without members"),
        ("header_trailing_garbage", HEADER + "x", "A letter stands behind the header object"),
        ("header_two_objects", HEADER + HEADER, "A second object stands behind the header object"),
        ("header_trailing_nul", HEADER + "\0", "A zero byte stands behind the header object"),
        ("header_byte_order_mark", "\ufeff" + HEADER, "A byte order mark stands before the header"),
        (
            "header_not_utf8",
            b'{"enc":"A128GCM","alg":"RSA-OAEP-256","kid":"\xff"}',
            "The header holds a byte that never occurs in UTF-8",
        ),
        (
            "header_latin1",
            '{"enc":"A128GCM","alg":"RSA-OAEP-256","kid":"clé"}'.encode("latin-1"),
            "The header is Latin-1, not UTF-8",
        ),
        ("header_utf16", HEADER.encode("utf-16-le"), "The header is UTF-16, not UTF-8"),
    ]:
        add(name, f"{why}. The tag is right for these bytes.", encrypted(header))


def part_count_cases() -> None:
    good = ".".join(encrypt())
    parts = good.split(".")
    add("six_parts", "A sixth part stands behind a good message.", good + ".AAAA")
    add("six_parts_last_empty", "A dot stands behind a good message.", good + ".")
    add("six_parts_first_empty", "A dot stands before a good message.", "." + good)
    add("four_parts_no_tag", "The tag and its dot are missing.", ".".join(parts[:4]))
    add("four_parts_no_encrypted_key", "The encrypted key and its dot are missing.", ".".join(parts[:1] + parts[2:]))
    add("three_parts", "Only the first three parts.", ".".join(parts[:3]))
    add("two_parts", "Only the first two parts.", ".".join(parts[:2]))
    add("one_part", "Only the header, without a dot.", parts[0])
    add("no_text", "An empty text.", "")
    add("only_dots", "Four dots and nothing else.", "....")

    add(
        "empty_header",
        "The header part is empty. The tag is right for an empty header.",
        ".".join(encrypt(b"")),
    )
    add("empty_encrypted_key", "The encrypted key part is empty.", with_part(parts, K, ""))
    add("empty_iv", "The IV part is empty.", with_part(parts, I, ""))
    add(
        "empty_ciphertext",
        "The ciphertext part is empty. Truly encrypted from an empty plaintext.",
        ".".join(encrypt(plaintext=b"")),
    )
    add("empty_tag", "The tag part is empty.", with_part(parts, T, ""))


def base64_cases() -> None:
    parts = encrypt()

    # Padding. The first part goes into the tag as it is sent.
    add(
        "header_with_padding",
        "The header part ends with =. The tag is made over the part as sent.",
        ".".join(encrypt(encoded_header=b64(HEADER.encode()) + "=")),
    )
    add(
        "header_with_padding_not_in_aad",
        "The header part ends with =. The tag is made over the part without it.",
        with_part(parts, H, parts[H] + "="),
    )
    for index, pad in ((K, "=="), (I, "="), (C, "="), (T, "==")):
        why = f"The {PARTS[index]} part ends with {pad}"
        if index == I:
            why += "; its 16 characters need no padding at all"
        elif len(parts[index] + pad) % 4:
            raise AssertionError("this padding would not be the right one")
        add(f"{PARTS[index]}_with_padding", why + ".", with_part(parts, index, parts[index] + pad))

    # Unused bits. The IV of 12 bytes fills its 16 characters, so it has none.
    add(
        "header_with_unused_bits_set",
        "The last character of the header part has unused bits set. The tag is made over the part as sent.",
        ".".join(encrypt(encoded_header=unused_bits_set(b64(HEADER.encode())))),
    )
    add(
        "header_with_unused_bits_set_not_in_aad",
        "The last character of the header part has unused bits set. The tag is made over the canonical part.",
        with_part(parts, H, unused_bits_set(parts[H])),
    )
    for index in (K, C, T):
        add(
            f"{PARTS[index]}_with_unused_bits_set",
            f"The last character of the {PARTS[index]} part has unused bits set.",
            with_part(parts, index, unused_bits_set(parts[index])),
        )

    # One character too many: a length that no base64 has.
    header_39 = HEADER[:-1] + " }"
    add(
        "header_of_impossible_length",
        "One character more behind whole groups of four in the header part. The tag is made over the part as sent.",
        ".".join(encrypt(encoded_header=b64(header_39.encode()) + "A")),
    )
    parts_51 = encrypt(plaintext=PLAINTEXT_51)
    for index in (I, C):
        assert len(parts_51[index]) % 4 == 0
        add(
            f"{PARTS[index]}_of_impossible_length",
            f"One character more behind whole groups of four in the {PARTS[index]} part.",
            with_part(parts_51, index, parts_51[index] + "A"),
        )

    # The alphabet of standard base64.
    header = '{"enc":"A128GCM","alg":"RSA-OAEP-256","kid":"~~~???"}'
    assert standard_alphabet(b64(header.encode())) != b64(header.encode())
    add(
        "header_in_standard_alphabet",
        "The header part is written with + and / in place of - and _. The tag is made over the part as sent.",
        ".".join(encrypt(encoded_header=standard_alphabet(b64(header.encode())))),
    )
    for index in (K, I, C, T):
        while True:
            parts = encrypt()
            if standard_alphabet(parts[index]) != parts[index]:
                break
        add(
            f"{PARTS[index]}_in_standard_alphabet",
            f"The {PARTS[index]} part is written with + and / in place of - and _.",
            with_part(parts, index, standard_alphabet(parts[index])),
        )

    # White space and other characters that do not belong.
    good = ".".join(encrypt())
    parts = good.split(".")
    middle = len(parts[C]) // 2
    add("leading_space", "A space before the message.", " " + good)
    add("trailing_space", "A space behind the message.", good + " ")
    add("leading_newline", "A line feed before the message.", "\n" + good)
    add("trailing_newline", "A line feed behind the message.", good + "\n")
    add("trailing_crlf", "A carriage return and a line feed behind the message.", good + "\r\n")
    add(
        "newline_inside_ciphertext",
        "A line feed in the middle of the ciphertext part.",
        with_part(parts, C, parts[C][:middle] + "\n" + parts[C][middle:]),
    )
    add("newline_behind_dot", "A line feed behind the first dot.", good.replace(".", ".\n", 1))
    add(
        "space_inside_encrypted_key",
        "A space in the middle of the encrypted_key part.",
        with_part(parts, K, parts[K][:100] + " " + parts[K][100:]),
    )
    add(
        "tab_inside_tag",
        "A tab in the middle of the tag part.",
        with_part(parts, T, parts[T][:8] + "\t" + parts[T][8:]),
    )
    add("trailing_nul", "A zero character behind the message.", good + "\0")
    add("trailing_zero_width_space", "A zero width space (U+200B) behind the message.", good + "\u200b")


def changed_byte_cases() -> None:
    header = HEADER[:-1] + ',"kid":"test-key-1"}'
    parts = encrypt(header)
    add(
        "header_byte_changed",
        "One byte of the header is another: the kid ends with 0 in place of 1. Still good JSON.",
        with_part(parts, H, flip(parts[H], len(header) - 3)),
    )
    parts = encrypt()
    add("encrypted_key_byte_changed", "One byte in the middle is another.", with_part(parts, K, flip(parts[K], 128)))
    add("iv_byte_changed", "One byte of the IV is another.", with_part(parts, I, flip(parts[I], 5)))
    add("ciphertext_byte_changed", "One byte of the ciphertext is another.", with_part(parts, C, flip(parts[C], 20)))
    add("tag_first_byte_changed", "The first byte of the tag is another.", with_part(parts, T, flip(parts[T], 0)))
    add("tag_last_byte_changed", "The last byte of the tag is another.", with_part(parts, T, flip(parts[T], 15)))
    ciphertext = unb64(parts[C])
    add("ciphertext_one_byte_short", "The last byte of the ciphertext is cut off.", with_part(parts, C, b64(ciphertext[:-1])))
    add("ciphertext_one_byte_long", "A zero byte stands behind the ciphertext.", with_part(parts, C, b64(ciphertext + b"\0")))


def cek_cases() -> None:
    add(
        "a256gcm_with_cek_of_16_bytes",
        "enc says A256GCM, but the wrapped key has 16 bytes. Truly encrypted with it (AES-128).",
        encrypted(HEADER_256, cek_len=16),
    )
    add(
        "a128gcm_with_cek_of_32_bytes",
        "enc says A128GCM, but the wrapped key has 32 bytes. Truly encrypted with it (AES-256).",
        encrypted(HEADER, cek_len=32),
    )
    add(
        "a128gcm_with_cek_of_24_bytes",
        "enc says A128GCM, but the wrapped key has 24 bytes. Truly encrypted with it (AES-192).",
        encrypted(HEADER, cek_len=24),
    )
    for length in (32, 17):
        cek = os.urandom(length)
        add(
            f"a128gcm_with_first_16_of_{length}_bytes",
            f"The wrapped key has {length} bytes; the message is encrypted with the first 16 of them.",
            encrypted(HEADER, cek=cek[:16], wrapped_cek=cek),
        )
    cek = os.urandom(15)
    add(
        "a128gcm_with_cek_of_15_bytes",
        "The wrapped key has 15 bytes; the message is encrypted with them and a zero byte behind them.",
        encrypted(HEADER, cek=cek + b"\0", wrapped_cek=cek),
    )
    add(
        "a128gcm_with_empty_cek",
        "The wrapped key has no bytes; the message is encrypted with sixteen zero bytes.",
        encrypted(HEADER, cek=bytes(16), wrapped_cek=b""),
    )


def encrypted_key_cases() -> None:
    add(
        "encrypted_for_another_key",
        "A good message, but for the key in other.spki.pem.",
        encrypted(HEADER, key=public_key("other")),
    )

    parts = encrypt()
    encrypted_key = unb64(parts[K])
    add(
        "encrypted_key_last_byte_cut",
        "The last byte of the encrypted key is cut off, so it has 255 bytes.",
        with_part(parts, K, b64(encrypted_key[:-1])),
    )
    add(
        "encrypted_key_trailing_zero_added",
        "A zero byte stands behind the encrypted key, so it has 257 bytes.",
        with_part(parts, K, b64(encrypted_key + b"\0")),
    )
    add(
        "encrypted_key_leading_zero_added",
        "A zero byte stands before the encrypted key, so it has 257 bytes. The number is the same.",
        with_part(parts, K, b64(b"\0" + encrypted_key)),
    )
    add(
        "encrypted_key_all_zero",
        "The encrypted key is 256 zero bytes.",
        with_part(parts, K, b64(bytes(256))),
    )

    while True:
        parts = encrypt()
        encrypted_key = unb64(parts[K])
        if encrypted_key[0] == 0:
            break
    add(
        "encrypted_key_leading_zero_dropped",
        "The encrypted key began with a zero byte, which is left out, so it has 255 bytes. The number is the same.",
        with_part(parts, K, b64(encrypted_key[1:])),
    )

    modulus = CLIENT.public_numbers().n
    while True:
        parts = encrypt()
        number = int.from_bytes(unb64(parts[K]), "big") + modulus
        if number < 1 << 2048:
            break
    add(
        "encrypted_key_plus_modulus",
        "The RSA modulus is added to the encrypted key: 256 bytes, but a number that is too big (RFC 8017, section 5.1.2).",
        with_part(parts, K, b64(number.to_bytes(256, "big"))),
    )


def aad_cases() -> None:
    other = '{"alg":"RSA-OAEP-256","enc":"A128GCM"}'
    add(
        "aad_of_another_header",
        "The tag is made over a header with the same members in another order.",
        encrypted(HEADER, aad=b64(other.encode()).encode()),
    )
    add(
        "aad_of_decoded_header",
        "The tag is made over the header text, not over its base64url.",
        encrypted(HEADER, aad=HEADER.encode()),
    )
    add("aad_empty", "The tag is made over no header at all.", encrypted(HEADER, aad=b""))


def form_cases() -> None:
    good = ".".join(encrypt())
    parts = good.split(".")
    rest = {"iv": parts[I], "ciphertext": parts[C], "tag": parts[T]}
    flattened = {"protected": parts[H], "encrypted_key": parts[K], **rest}
    general = {"protected": parts[H], "recipients": [{"encrypted_key": parts[K]}], **rest}
    add("json_flattened", "A good message in the flattened JSON form, not the compact form.", json.dumps(flattened))
    add("json_general", "A good message in the general JSON form, not the compact form.", json.dumps(general))
    add("json_text", "A good compact message between double quotes.", json.dumps(good))
    add("json_empty_object", "An empty JSON object.", "{}")
    add("null", "The word null.", "null")
    add("null_in_quotes", "The word null between double quotes.", '"null"')


def swapped_cases() -> None:
    one, two = encrypt(), encrypt()
    for index in (K, I, C, T):
        add(
            f"{PARTS[index]}_of_another_message",
            f"The {PARTS[index]} part comes from another good message for the same key.",
            with_part(one, index, two[index]),
        )


def main() -> None:
    alg_cases()
    enc_cases()
    tag_and_iv_cases()
    header_member_cases()
    header_text_cases()
    part_count_cases()
    base64_cases()
    changed_byte_cases()
    cek_cases()
    encrypted_key_cases()
    aad_cases()
    form_cases()
    swapped_cases()

    made_by = "make/jwe_negative.py, Python %s, cryptography %s" % (
        platform.python_version(),
        version("cryptography"),
    )
    file = VECTORS / "jwe_negative.json"
    text = json.dumps({"made_by": made_by, "cases": cases}, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    print(f"{file.name}: {len(cases)} cases")


if __name__ == "__main__":
    main()
