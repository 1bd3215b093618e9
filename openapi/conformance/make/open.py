"""Opens messages with the Python library jwcrypto and compares them with the expected plaintexts.

    python open.py FILE.json

The file holds {"cases":[{"name","private_key","jwe","plaintext_base64"}, ...]}, where
private_key is a file name in ../keys. Prints one line per case. Ends with 1 if any case
differs or does not open, or if there is no case at all.
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from jwcrypto import jwe, jwk

KEYS = Path(__file__).resolve().parent.parent / "keys"
ALGS = ["RSA-OAEP-256", "RSA-OAEP", "A128GCM", "A256GCM"]


def private_key(name: str) -> jwk.JWK:
    data = (KEYS / name).read_bytes()
    if name.endswith(".der"):
        key = serialization.load_der_private_key(data, password=None)
    else:
        key = serialization.load_pem_private_key(data, password=None)
    return jwk.JWK.from_pyca(key)


def fault(case: dict) -> str | None:
    token = jwe.JWE(algs=ALGS)
    try:
        token.deserialize(case["jwe"])
        token.decrypt(private_key(case["private_key"]))
    except Exception as error:  # whatever the library throws, the case failed
        return f"does not open: {type(error).__name__}: {error}"
    if base64.b64encode(token.payload).decode("ascii") != case["plaintext_base64"]:
        return "another plaintext"
    return None


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python open.py FILE.json", file=sys.stderr)
        return 2
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cases"]

    bad = 0
    for case in cases:
        problem = fault(case)
        print(f"FAILED  {case['name']}: {problem}" if problem else f"OK      {case['name']}")
        bad += problem is not None
    print(f"jwcrypto: {len(cases)} cases, {bad} failed")
    return 0 if cases and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
