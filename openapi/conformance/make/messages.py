"""Bodies with encData: messages that jwcrypto encrypts, and texts that are not to be decrypted."""

import json

from jwcrypto import jwe, jwk

from cases import ROOT

# The key that all of them are encrypted for.
RECEIVER = "client.pkcs8.pem"

HEADER = {"enc": "A128GCM", "alg": "RSA-OAEP-256"}
HEADER_256 = {"enc": "A256GCM", "alg": "RSA-OAEP-256"}
# Members that a server may add, and that change nothing.
HEADER_MORE = {"kid": "test-key-1", "typ": "JWE", "cty": "json", **HEADER}


class Encrypted:
    """A body with encData: a message of its own, or a text that is not to be decrypted.

    The plaintext may be such a body itself.
    """

    def __init__(self, plaintext, header=HEADER, text=None, around='{"encData":"%s"}'):
        self.plaintext = plaintext.encode() if isinstance(plaintext, str) else plaintext
        self.header, self.text, self.around = header, text, around

    def body(self, kept: bytes | None) -> bytes:
        text = self.text
        if text is None:
            text = self.kept(kept) or self.fresh()
        return (self.around % json.dumps(text)[1:-1]).encode()

    def fresh(self) -> str:
        inner = isinstance(self.plaintext, Encrypted)
        plaintext = self.plaintext.body(None) if inner else self.plaintext
        token = jwe.JWE(plaintext, protected=json.dumps(self.header, separators=(",", ":")))
        token.add_recipient(key("client.spki.pem"))
        return token.serialize(compact=True)

    def kept(self, body: bytes | None) -> str | None:
        """The message of the present file, if it is as good as a fresh one."""
        try:
            text = json.loads(body)["encData"]
            token = jwe.JWE(algs=["RSA-OAEP-256", "A128GCM", "A256GCM"])
            token.deserialize(text)
            token.decrypt(key(RECEIVER))
        except Exception:  # whatever the library throws, there is nothing to keep
            return None
        return text if self.says(token.payload) and token.jose_header == self.header else None

    def says(self, payload: bytes) -> bool:
        if isinstance(self.plaintext, Encrypted):
            return self.plaintext.kept(payload) is not None
        return payload == self.plaintext


def key(name: str) -> jwk.JWK:
    return jwk.JWK.from_pem((ROOT / "keys" / name).read_bytes())


def negative(name: str) -> str:
    cases = json.loads((ROOT / "jwe_negative.json").read_text(encoding="utf-8"))["cases"]
    return next(case["jwe"] for case in cases if case["name"] == name)
