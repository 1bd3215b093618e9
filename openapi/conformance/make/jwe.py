"""Writes ../jwe_jwcrypto.json: messages encrypted by the Python library jwcrypto.

Every run uses fresh keys and IVs, so the texts differ, but the cases are the same.
"""

import base64
import json
import platform
from importlib.metadata import version
from pathlib import Path

from jwcrypto import jwe, jwk

VECTORS = Path(__file__).resolve().parent.parent

OBJECT = b"{}"
ORDINARY = b'{"accountNo":"TEST-0000-0002","balance":250000,"holds":[],"closed":null}'
KOREAN = '{"이름":"가상 고객","메모":"점심 🍜, 거스름돈 500원 🙏"}'.encode("utf-8")
BIG = b'{"memo":"' + (b"fedcba9876543210" * 1024)[: 16 * 1024 - 11] + b'"}'

SHA256 = "RSA-OAEP-256"
SHA1 = "RSA-OAEP"


def cases():
    """Yields name, receiver, protected header text, plaintext."""
    for short, enc in (("a128gcm", "A128GCM"), ("a256gcm", "A256GCM")):
        enc_first = '{"enc":"%s","alg":"%s"}' % (enc, SHA256)
        alg_first = '{"alg":"%s","enc":"%s"}' % (SHA256, enc)

        def extra(members):
            return enc_first[:-1] + "," + members + "}"

        yield f"{short}_enc_first", "client", enc_first, ORDINARY
        yield f"{short}_alg_first", "client", alg_first, ORDINARY

        yield f"{short}_with_kid", "client", extra('"kid":"test-key-2"'), ORDINARY
        yield f"{short}_with_typ", "client", extra('"typ":"JWE"'), ORDINARY
        yield f"{short}_with_cty", "client", extra('"cty":"json"'), ORDINARY
        yield (
            f"{short}_with_kid_typ_cty",
            "client",
            '{"cty":"json","typ":"JOSE","kid":"시험-열쇠-2","alg":"%s","enc":"%s"}' % (SHA256, enc),
            KOREAN,
        )
        # White space between the members is good JSON.
        yield (
            f"{short}_header_with_spaces",
            "client",
            '{ "enc": "%s", "alg": "%s" }' % (enc, SHA256),
            ORDINARY,
        )

        yield f"{short}_empty_object", "client", enc_first, OBJECT
        yield f"{short}_korean_and_emoji", "client", enc_first, KOREAN
        yield f"{short}_1_byte", "client", enc_first, b"0"
        yield f"{short}_16_kib", "client", enc_first, BIG

        yield f"{short}_for_server", "server", enc_first, ORDINARY
        yield f"{short}_for_server_alg_first", "server", alg_first, KOREAN

        sha1_enc_first = '{"enc":"%s","alg":"%s"}' % (enc, SHA1)
        sha1_alg_first = '{"alg":"%s","enc":"%s"}' % (SHA1, enc)
        yield f"{short}_sha1_enc_first", "client", sha1_enc_first, ORDINARY
        yield f"{short}_sha1_alg_first", "client", sha1_alg_first, KOREAN
        yield f"{short}_sha1_for_server", "server", sha1_enc_first, OBJECT


def main() -> None:
    out = []
    for name, receiver, header, plaintext in cases():
        key = jwk.JWK.from_pem((VECTORS / "keys" / f"{receiver}.spki.pem").read_bytes())
        token = jwe.JWE(plaintext, protected=header)
        token.add_recipient(key)
        compact = token.serialize(compact=True)

        # Read back from the message, so that it is the text that was really used.
        first = compact.split(".")[0]
        sent = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("utf-8")
        members = json.loads(sent)
        out.append(
            {
                "name": name,
                "alg": members["alg"],
                "enc": members["enc"],
                "private_key": f"{receiver}.pkcs8.pem",
                "protected": sent,
                "plaintext_base64": base64.b64encode(plaintext).decode("ascii"),
                "jwe": compact,
                "needs_rsa_oaep_sha1": members["alg"] == SHA1,
            }
        )
        assert sent == header, name

    made_by = "make/jwe.py, Python %s, jwcrypto %s, cryptography %s" % (
        platform.python_version(),
        version("jwcrypto"),
        version("cryptography"),
    )
    file = VECTORS / "jwe_jwcrypto.json"
    text = json.dumps({"made_by": made_by, "cases": out}, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    print(f"{file.name}: {len(out)} cases")


if __name__ == "__main__":
    main()
