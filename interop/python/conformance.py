"""Runs all of `openapi/conformance/` against this package, and prints what passed as JSON."""

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

import konaplate

Case = dict[str, Any]
Run = Callable[[Case], None]


class Mismatch(Exception):
    """A case gave something else than what it expects."""


def same(what: str, found: object, expected: object) -> None:
    """Fails unless both are equal, in type too."""
    if type(found) is not type(expected) or found != expected:
        raise Mismatch(f"{what}: {found!r} instead of {expected!r}")


def exact(body: bytes) -> str:
    """JSON in one form, with every digit of its numbers."""
    return json.dumps(json.loads(body, parse_float=Decimal), sort_keys=True, default=repr)


def is_correlation_id(case: Case) -> None:
    """Both kinds of `correlation_ids.json`."""
    if case["kind"] == "make":
        made = konaplate.correlation_id(case["epoch_ms"], case["hex"], case["zone"])
        same("id", made, case["id"])
    else:
        same("valid", konaplate.is_correlation_id(case["id"]), case["valid"])


class Runner:
    """The cases in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = cache(self._key)

    def _key(self, name: str) -> RSAKey:
        data = (self.folder / "keys" / name).read_bytes()
        text = data.decode() if data.startswith(b"-----") else base64.b64encode(data).decode()
        return konaplate.load_private_key(text)

    def signing(self, case: Case) -> None:
        """The token over the bytes of a body."""
        body = base64.b64decode(case["body_base64"])
        signature = konaplate.sign(case["secret"], body, case["epoch_ms"], case["zone"])
        same("timestamp", signature.timestamp, case["timestamp"])
        same("tran_time", signature.tran_time, case["tran_time"])
        same("token", signature.token, case["token"])

    def decrypts(self, case: Case) -> None:
        """A good message. RSA-OAEP with SHA-1 is refused by this package."""
        if case["needs_rsa_oaep_sha1"]:
            self.refuses(case)
            return
        plaintext = konaplate.decrypt(self.key(case["private_key"]), case["jwe"])
        same("plaintext", plaintext, base64.b64decode(case["plaintext_base64"]))

    def refuses(self, case: Case) -> None:
        """A message that must be refused."""
        try:
            konaplate.decrypt(self.key(case["private_key"]), case["jwe"])
        except konaplate.DecryptError:
            return
        raise Mismatch("decrypted, and must be refused")

    def envelope(self, case: Case) -> None:
        """The outer form of a body."""
        envelope = konaplate.read_envelope(base64.b64decode(case["body_base64"]))
        same("enc_data", envelope.enc_data, case["enc_data"])
        same("code", envelope.code, case["code"])

    def response(self, case: Case) -> None:
        """A whole response."""
        expect = case["expect"]
        decoded = konaplate.decode(
            case["path"],
            case["status"],
            base64.b64decode(case["body_base64"]),
            private_key=self.key(case["private_key"]),
            correlation_id="260315104512-5b76c99",
        )
        is_problem = decoded.content_type == "application/problem+json"
        kind = "problem" if is_problem else "failure" if decoded.delivery else "success"
        same("kind", kind, expect["kind"])
        if kind == "success":
            plaintext = base64.b64decode(expect["plaintext_base64"])
            same("body", exact(decoded.body), exact(plaintext))
            return
        same("delivery", decoded.delivery, expect["delivery"])
        if kind == "failure":
            same("code", decoded.code, expect["code"])
            same("status", decoded.status, expect["status"])

    def verdict(self, case: Case) -> None:
        """What a code proves."""
        found = konaplate.verdict(case["path"], case["status"], case["code"])
        same("delivery", found, case["delivery"])

    def files(self) -> Iterator[tuple[str, Run]]:
        """Every file, and what runs its cases."""
        yield "signing", self.signing
        yield "correlation_ids", is_correlation_id
        for name in ("jwe_jose", "jwe_jwcrypto", "jwe_konaplate"):
            yield name, self.decrypts
        yield "jwe_negative", self.refuses
        yield "envelopes", self.envelope
        yield "responses", self.response
        yield "verdicts", self.verdict

    def run(self, name: str, run: Run) -> dict[str, Any]:
        """Runs the cases of a file. One that cannot be run has failed."""
        try:
            cases = json.loads((self.folder / f"{name}.json").read_bytes())["cases"]
        except (OSError, ValueError, KeyError) as error:
            return {"passed": 0, "failed": [{"name": f"{name}.json", "why": repr(error)}]}
        if name == "signing":
            # The other form signs the base64 text of a body, which this package does not do.
            cases = [case for case in cases if case["form"] == "raw_body"]
        failed = []
        for case in cases:
            try:
                run(case)
            except Exception as error:
                failed.append({"name": case.get("name"), "why": f"{type(error).__name__}: {error}"})
        return {"passed": len(cases) - len(failed), "failed": failed}


def main() -> None:
    """Prints the result of every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    runner = Runner(parser.parse_args().folder)
    result = {name: runner.run(name, run) for name, run in runner.files()}
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
