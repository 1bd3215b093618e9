"""Checks ../jwe_negative.json: is each message wrong in exactly the way its name says?

    python check_negative.py

A lenient reader goes over every message, notes each rule that is broken, repairs what it can
and still tries to open the message. The rules that it notes, and whether it gets the plaintext
in the end, must be those of the tables below. So a message that "is only wrong in the length
of its tag" is shown to be truly encrypted.

As a control, the same reader must find no broken rule in jwe_jose.json and jwe_jwcrypto.json.

The reader shares no code with jwe_negative.py: base64, RSA and OAEP are done here by hand. Only
AES comes from `cryptography`.
"""

import base64
import hashlib
import hmac
import json
import sys
import zlib
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

VECTORS = Path(__file__).resolve().parent.parent

PARTS = ["header", "encrypted_key", "iv", "ciphertext", "tag"]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
CEK_LENGTH = {"A128GCM": 16, "A192GCM": 24, "A256GCM": 32, "A128CBC-HS256": 32, "A256CBC-HS512": 64}
PLAINTEXTS = [
    b'{"cardId":"TEST-CARD-0003","amount":7000,"n":1234}',
    b'{"cardId":"TEST-CARD-0003","amount":7000,"n":12345}',
]

# Broken rules: the cases that break them, and no other rule.
EXPECTED = {
    "alg": """
        alg_rsa1_5 alg_rsa_oaep_a128gcm alg_rsa_oaep_a256gcm alg_rsa_oaep_384 alg_rsa_oaep_512
        alg_dir alg_a128kw alg_none alg_lower_case alg_trailing_space alg_empty_text alg_null
        alg_number alg_list alg_object alg_missing alg_member_name_upper_case
    """,
    "wrapped in another way": """
        rsa_oaep_256_wrapped_with_sha1 rsa_oaep_256_with_mgf1_sha1 rsa_oaep_256_with_label
    """,
    "alg, wrapped in another way": "rsa_oaep_wrapped_with_sha256",
    "enc": """
        enc_a192gcm enc_unknown enc_lower_case enc_trailing_space enc_empty_text enc_null
        enc_number enc_list enc_missing
    """,
    "enc, IV is not 12 bytes": "enc_a128cbc_hs256",
    "enc, IV is not 12 bytes, tag is not 16 bytes": "enc_a256cbc_hs512",
    "tag is not 16 bytes": """
        tag_of_15_bytes tag_of_12_bytes tag_of_8_bytes tag_of_4_bytes tag_of_17_bytes
    """,
    "IV is not 12 bytes": "iv_of_8_bytes iv_of_11_bytes iv_of_13_bytes iv_of_16_bytes",
    "zip": "zip_def zip_null",
    "crit": "crit_exp crit_kid crit_empty_list crit_null",
    "duplicate alg": """
        duplicate_alg_same_value duplicate_alg_wrong_one_first duplicate_alg_wrong_one_last
        duplicate_alg_written_with_escape
    """,
    "duplicate enc": """
        duplicate_enc_same_value duplicate_enc_wrong_one_first duplicate_enc_wrong_one_last
    """,
    "duplicate kid": "duplicate_kid",
    "header is not JSON": """
        header_not_json header_json_cut_off header_trailing_comma header_byte_order_mark
    """,
    "header is not an object": """
        header_array_alg_enc header_array_enc_alg header_object_in_array header_json_text
        header_json_null
    """,
    "no members": "header_empty_object",
    "something behind the header": "header_trailing_garbage header_two_objects header_trailing_nul",
    "header is not UTF-8": "header_not_utf8 header_latin1 header_utf16",
    "number of parts": """
        six_parts six_parts_last_empty six_parts_first_empty four_parts_no_tag
        four_parts_no_encrypted_key three_parts two_parts one_part no_text
    """,
    "empty header, empty encrypted_key, empty iv, empty ciphertext, empty tag": "only_dots",
    "empty header": "empty_header",
    "empty encrypted_key": "empty_encrypted_key",
    "empty iv": "empty_iv",
    "empty ciphertext": "empty_ciphertext",
    "empty tag": "empty_tag",
    "padding in header": "header_with_padding header_with_padding_not_in_aad",
    "padding in encrypted_key": "encrypted_key_with_padding",
    "padding in iv": "iv_with_padding",
    "padding in ciphertext": "ciphertext_with_padding",
    "padding in tag": "tag_with_padding",
    "unused bits in header": "header_with_unused_bits_set header_with_unused_bits_set_not_in_aad",
    "unused bits in encrypted_key": "encrypted_key_with_unused_bits_set",
    "unused bits in ciphertext": "ciphertext_with_unused_bits_set",
    "unused bits in tag": "tag_with_unused_bits_set",
    "length of header": "header_of_impossible_length",
    "length of iv": "iv_of_impossible_length",
    "length of ciphertext": "ciphertext_of_impossible_length",
    "alphabet of header": "header_in_standard_alphabet",
    "alphabet of encrypted_key": "encrypted_key_in_standard_alphabet",
    "alphabet of iv": "iv_in_standard_alphabet",
    "alphabet of ciphertext": "ciphertext_in_standard_alphabet",
    "alphabet of tag": "tag_in_standard_alphabet",
    "characters": """
        leading_space trailing_space leading_newline trailing_newline trailing_crlf
        newline_inside_ciphertext newline_behind_dot space_inside_encrypted_key tab_inside_tag
        trailing_nul trailing_zero_width_space
    """,
    "tag is wrong": """
        header_byte_changed iv_byte_changed ciphertext_byte_changed tag_first_byte_changed
        tag_last_byte_changed ciphertext_one_byte_short ciphertext_one_byte_long
        encrypted_key_of_another_message iv_of_another_message ciphertext_of_another_message
        tag_of_another_message
    """,
    "key does not unwrap": "encrypted_key_byte_changed encrypted_key_all_zero",
    "length of the CEK": """
        a256gcm_with_cek_of_16_bytes a128gcm_with_cek_of_32_bytes a128gcm_with_cek_of_24_bytes
        a128gcm_with_first_16_of_32_bytes a128gcm_with_first_16_of_17_bytes
        a128gcm_with_cek_of_15_bytes a128gcm_with_empty_cek
    """,
    "for another key": "encrypted_for_another_key",
    "encrypted key is not 256 bytes": """
        encrypted_key_last_byte_cut encrypted_key_trailing_zero_added
        encrypted_key_leading_zero_added encrypted_key_leading_zero_dropped
    """,
    "encrypted key is out of range": "encrypted_key_plus_modulus",
    "AAD": "aad_of_another_header aad_of_decoded_header aad_empty",
    "not compact": """
        json_flattened json_general json_text json_empty_object null null_in_quotes
    """,
}

# Not even the lenient reader can open these: something it needs is not there.
NOT_OPENED = """
    four_parts_no_tag four_parts_no_encrypted_key three_parts two_parts one_part no_text
    only_dots empty_encrypted_key empty_iv encrypted_key_last_byte_cut encrypted_key_all_zero
    json_empty_object null null_in_quotes encrypted_key_of_another_message
    iv_of_another_message ciphertext_of_another_message tag_of_another_message
"""


def private_numbers(name: str):
    data = (VECTORS / "keys" / name).read_bytes()
    numbers = serialization.load_pem_private_key(data, password=None).private_numbers()
    return numbers.public_numbers.n, numbers.d


# --- RSA by hand ------------------------------------------------------------------------------


def mgf1(seed: bytes, length: int, hash_: str) -> bytes:
    out = b""
    while len(out) < length:
        out += hashlib.new(hash_, seed + (len(out) // hashlib.new(hash_).digest_size).to_bytes(4, "big")).digest()
    return out[:length]


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def unpad_oaep(em: bytes, hash_: str, mgf_hash: str, label: bytes) -> bytes | None:
    size = hashlib.new(hash_).digest_size
    seed, block = em[1 : 1 + size], em[1 + size :]
    seed = xor(seed, mgf1(block, size, mgf_hash))
    block = xor(block, mgf1(seed, len(block), mgf_hash))
    rest = block[size:].lstrip(b"\0")
    if em[0] != 0 or block[:size] != hashlib.new(hash_, label).digest() or rest[:1] != b"\1":
        return None
    return rest[1:]


def unpad_pkcs1(em: bytes) -> bytes | None:
    end = em.find(b"\0", 2)
    return em[end + 1 :] if em[:2] == b"\0\2" and end >= 10 else None


WRAPS = {
    "RSA-OAEP-256": lambda em: unpad_oaep(em, "sha256", "sha256", b""),
    "RSA-OAEP": lambda em: unpad_oaep(em, "sha1", "sha1", b""),
    "RSA-OAEP-384": lambda em: unpad_oaep(em, "sha384", "sha384", b""),
    "RSA-OAEP-512": lambda em: unpad_oaep(em, "sha512", "sha512", b""),
    "RSA1_5": unpad_pkcs1,
    "SHA-256 with MGF1 SHA-1": lambda em: unpad_oaep(em, "sha256", "sha1", b""),
    "SHA-256 with label": lambda em: unpad_oaep(em, "sha256", "sha256", b"konaplate"),
}


def unwrap(encrypted_key: bytes, key) -> tuple[str, bytes] | None:
    n, d = key
    em = pow(int.from_bytes(encrypted_key, "big"), d, n).to_bytes(256, "big")
    for how, unpad in WRAPS.items():
        cek = unpad(em)
        if cek is not None:
            return how, cek
    return None


# --- the content ------------------------------------------------------------------------------


def open_gcm(cek: bytes, iv: bytes, aad: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    try:
        mode = modes.GCM(iv, tag[:16], min_tag_length=4)
        decryptor = Cipher(algorithms.AES(cek), mode).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(ciphertext) + decryptor.finalize()
    except (InvalidTag, ValueError):
        return None


def open_cbc(hash_: str, cek: bytes, iv: bytes, aad: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    half = len(cek) // 2
    bits = (8 * len(aad)).to_bytes(8, "big")
    if hmac.new(cek[:half], aad + iv + ciphertext + bits, hash_).digest()[:half] != tag:
        return None
    decryptor = Cipher(algorithms.AES(cek[half:]), modes.CBC(iv)).decryptor()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    return padded[: -padded[-1]]


def open_content(enc: str, cek: bytes, *rest) -> bytes | None:
    if enc == "A128CBC-HS256":
        return open_cbc("sha256", cek, *rest)
    if enc == "A256CBC-HS512":
        return open_cbc("sha512", cek, *rest)
    return open_gcm(cek, *rest)


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


# --- the lenient reader -----------------------------------------------------------------------


class Reader:
    """Goes over one message. `broken` holds the broken rules, `plaintext` what it got."""

    def __init__(self, jwe: str, key, sha1: bool):
        self.broken = []
        self.notes = []
        self.plaintext = None
        self.key = key
        self.algs = {"RSA-OAEP-256", "RSA-OAEP"} if sha1 else {"RSA-OAEP-256"}
        self.read(jwe)

    def read(self, jwe: str) -> None:
        try:
            value = json.loads(jwe)
        except ValueError:
            return self.read_compact(jwe)
        self.broken.append("not compact")
        if isinstance(value, str) and value != "null":
            self.read_compact(value)
        elif isinstance(value, dict) and value:
            value = {**value, **value.pop("recipients", [{}])[0]}
            names = ["protected", "encrypted_key", "iv", "ciphertext", "tag"]
            self.read_compact(".".join(value[name] for name in names))

    def read_compact(self, text: str) -> None:
        clean = "".join(c for c in text if c in ALPHABET + ".=+/")
        if clean != text:
            self.broken.append("characters")
        parts = clean.split(".")
        if len(parts) != 5:
            self.broken.append("number of parts")
            parts = [part for part in parts if part][:5]
            if len(parts) != 5:
                return
        self.sent_header = parts[0].encode("ascii")
        self.parts = [self.decode(name, part) for name, part in zip(PARTS, parts)]
        self.alg, self.enc, self.zip = "RSA-OAEP-256", "A128GCM", None
        if any(rule in self.broken for rule in ("empty encrypted_key", "empty iv")):
            return
        if "empty header" not in self.broken:
            self.header()
        if "empty tag" not in self.broken:
            self.lengths()
        self.decrypt()

    def decode(self, name: str, part: str) -> bytes:
        if not part:
            self.broken.append(f"empty {name}")
            return b""
        if "=" in part:
            self.broken.append(f"padding in {name}")
            part = part.rstrip("=")
        if "+" in part or "/" in part:
            self.broken.append(f"alphabet of {name}")
            part = part.replace("+", "-").replace("/", "_")
        if len(part) % 4 == 1:
            self.broken.append(f"length of {name}")
            part = part[:-1]
        number = 0
        for c in part:
            number = number << 6 | ALPHABET.index(c)
        spare = 6 * len(part) % 8
        if number & ((1 << spare) - 1):
            self.broken.append(f"unused bits in {name}")
        return (number >> spare).to_bytes(6 * len(part) // 8, "big")

    def header(self) -> None:
        raw = self.parts[0]
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            self.broken.append("header is not UTF-8")
            return
        if "\0" in text and text.replace("\0", "").isascii() and len(text.replace("\0", "")) * 2 == len(text):
            self.broken.append("header is not UTF-8")
            return
        pairs = []
        try:
            value, end = json.JSONDecoder(object_pairs_hook=Pairs).raw_decode(text.lstrip())
        except ValueError:
            self.broken.append("header is not JSON")
            return
        if text.lstrip()[end:].strip(" \t\r\n"):
            self.broken.append("something behind the header")
        if not isinstance(value, Pairs):
            self.broken.append("header is not an object")
            return
        if not value:
            self.broken.append("no members")
            return
        names = [name for name, _ in value]
        for name in sorted(set(names)):
            if names.count(name) > 1:
                self.broken.append(f"duplicate {name}")
        for name in ("zip", "crit"):
            if name in names:
                self.broken.append(name)
        self.zip = dict(value).get("zip")
        self.alg = self.member(value, "alg", self.algs)
        self.enc = self.member(value, "enc", {"A128GCM", "A256GCM"})

    def member(self, pairs, name: str, allowed: set):
        """A value from the list if there is one. With duplicates any of them will do."""
        values = [value for member, value in pairs if member == name]
        for value in values:
            if isinstance(value, str) and value in allowed:
                return value
        self.broken.append(name)
        return values[0] if values and isinstance(values[0], str) else None

    def lengths(self) -> None:
        _, encrypted_key, iv, _, tag = self.parts
        if len(encrypted_key) != 256:
            self.broken.append("encrypted key is not 256 bytes")
        elif int.from_bytes(encrypted_key, "big") >= self.key[0]:
            self.broken.append("encrypted key is out of range")
        if len(iv) != 12:
            self.broken.append("IV is not 12 bytes")
        if len(tag) != 16:
            self.broken.append("tag is not 16 bytes")

    def decrypt(self) -> None:
        found = self.unwrap()
        if found is None:
            return
        how, cek = found
        self.notes.append(f"wrapped with {how}")
        if how != (self.alg if self.alg in WRAPS else "RSA-OAEP-256"):
            self.broken.append("wrapped in another way")
        if len(cek) != CEK_LENGTH.get(self.enc, 16):
            self.broken.append("length of the CEK")

        if self.open_with(cek):
            return
        if not self.broken:
            self.broken.append("tag is wrong")
            self.repair(cek)

    def unwrap(self) -> tuple[str, bytes] | None:
        encrypted_key = self.parts[1]
        if found := unwrap(encrypted_key, self.key):
            return found
        if found := unwrap(encrypted_key, private_numbers("other.pkcs8.pem")):
            self.broken.append("for another key")
            return found
        if len(encrypted_key) > 256 and (found := unwrap(encrypted_key[:256], self.key)):
            self.notes.append("first 256 bytes of the encrypted key")
            return found
        if not self.broken:
            self.broken.append("key does not unwrap")
            for position in range(256):
                if found := unwrap(flip(encrypted_key, position), self.key):
                    self.notes.append(f"byte {position} of the encrypted key put right")
                    return found
        return None

    def open_with(self, cek: bytes) -> bool:
        """Tries every CEK and every AAD that a sloppy writer could have used."""
        _, _, iv, ciphertext, tag = self.parts
        ceks = {f"the CEK of {len(cek)} bytes": cek}
        if len(cek) not in (16, 24, 32) or (len(cek), self.enc) == (32, "A128GCM"):
            ceks["the first 16 bytes of the CEK, filled with zeros"] = cek[:16].ljust(16, b"\0")
        aads = {
            "the header as sent": self.sent_header,
            "the canonical header": b64(self.parts[0]),
            "another header": b64(b'{"alg":"RSA-OAEP-256","enc":"A128GCM"}'),
            "the decoded header": self.parts[0],
            "nothing": b"",
        }
        for cek_note, key in ceks.items():
            if len(key) not in (16, 24, 32) and "CBC" not in str(self.enc):
                continue
            if not tag:
                self.notes += [cek_note, "no tag looked at"]
                decryptor = Cipher(algorithms.AES(key), modes.GCM(iv)).decryptor()
                self.plaintext = decryptor.update(ciphertext)
                return True
            for aad_note, aad in aads.items():
                plaintext = open_content(self.enc, key, iv, aad, ciphertext, tag)
                if plaintext is None:
                    continue
                self.notes += [cek_note, f"tag over {aad_note}"]
                if aad_note != "the header as sent" and not self.broken:
                    self.broken.append("AAD")
                if self.zip == "DEF":
                    plaintext = zlib.decompress(plaintext, wbits=-15)
                    self.notes.append("inflated")
                self.plaintext = plaintext
                return True
        return False

    def repair(self, cek: bytes) -> None:
        """Looks for one changed, added or missing byte."""
        header, encrypted_key, iv, ciphertext, tag = self.parts

        def attempt(note: str, header_=header, iv_=iv, ciphertext_=ciphertext, tag_=tag) -> bool:
            plaintext = open_content(self.enc, cek, iv_, b64(header_), ciphertext_, tag_)
            if plaintext is None:
                return False
            self.notes.append(note)
            self.plaintext = plaintext
            return True

        for name, value in {"header_": header, "iv_": iv, "ciphertext_": ciphertext, "tag_": tag}.items():
            for position in range(len(value)):
                note = f"byte {position} of the {name[:-1]} put right"
                if attempt(note, **{name: flip(value, position)}):
                    return
        if attempt("last byte of the ciphertext left out", ciphertext_=ciphertext[:-1]):
            return
        for byte in range(256):
            if attempt("one byte added to the ciphertext", ciphertext_=ciphertext + bytes([byte])):
                return


class Pairs(list):
    """A JSON object as its members, duplicates and all."""


def main() -> int:
    faults = 0

    def fault(text: str) -> None:
        nonlocal faults
        faults += 1
        print(f"FAULT   {text}")

    # The control: good messages.
    for file in ("jwe_jose.json", "jwe_jwcrypto.json"):
        cases = json.loads((VECTORS / file).read_text(encoding="utf-8"))["cases"]
        for case in cases:
            key = private_numbers(case["private_key"])
            on = Reader(case["jwe"], key, sha1=True)
            off = Reader(case["jwe"], key, sha1=False)
            if on.broken or on.plaintext != base64.b64decode(case["plaintext_base64"]):
                fault(f"{file}: {case['name']}: {on.broken}")
            if off.broken != (["alg"] if case["needs_rsa_oaep_sha1"] else []):
                fault(f"{file}: {case['name']}: {off.broken} without RSA-OAEP")
        print(f"{file}: {len(cases)} good messages read")

    expected = {name: rules for rules, names in EXPECTED.items() for name in names.split()}
    not_opened = set(NOT_OPENED.split())

    cases = json.loads((VECTORS / "jwe_negative.json").read_text(encoding="utf-8"))["cases"]
    opened = 0
    for case in cases:
        name = case["name"]
        key = private_numbers(case["private_key"])
        reader = Reader(case["jwe"], key, sha1=False)
        opens = reader.plaintext is not None
        opened += opens
        rules = ", ".join(reader.broken)
        print(f"{name}: {rules}" + (f" [opens: {'; '.join(reader.notes)}]" if opens else ""))
        if rules != expected.get(name):
            fault(f"{name}: expected {expected.get(name)}")
        if opens == (name in not_opened):
            fault(f"{name}: opens: {opens}")
        if opens and reader.plaintext not in ([b""] if name == "empty_ciphertext" else PLAINTEXTS):
            fault(f"{name}: another plaintext")
        accepted = not Reader(case["jwe"], key, sha1=True).broken
        if accepted != case["accepts_with_rsa_oaep_sha1"]:
            fault(f"{name}: accepts_with_rsa_oaep_sha1 should be {accepted}")
    if missing := (expected.keys() | not_opened) - {case["name"] for case in cases}:
        fault(f"no such cases: {sorted(missing)}")

    print(f"jwe_negative.json: {len(cases)} cases, {opened} open for a lenient reader; {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
