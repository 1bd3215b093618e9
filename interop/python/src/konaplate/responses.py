"""What a response says: success, a failure of the platform, or that it is no response of it."""

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from joserfc.jwk import RSAKey

from .errors import MAYBE_PROCESSED, DecryptError
from .jwe import decrypt
from .operations import verdict
from .strict_json import Object, parse_object

SUCCESS = "000_000"
_PROBLEM_STATUS = 502


class Envelope(NamedTuple):
    """The outer form of a body: what is encrypted in it, and the code that it has."""

    enc_data: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Decoded:
    """A response in plain JSON. `delivery` is None for a success, `code` for a problem document."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    code: str | None = None
    delivery: str | None = None


def read_envelope(body: bytes) -> Envelope:
    """Reads the outer form of a body: nothing where it is no JSON object or contradicts itself."""
    members = parse_object(body)
    if members is None or members.twice & {"encData", "response"}:
        return Envelope()
    response = members.get("response")
    code = None
    if isinstance(response, Object):
        if response.has_a_name_twice:
            return Envelope()
        code = response.get("code")
    return Envelope(_text(members.get("encData")), _text(code))


def decode(
    path: str, status: int, body: bytes, *, private_key: RSAKey, correlation_id: str
) -> Decoded:
    """What a response is to the caller: decrypted, and with what it proves.

    What is no response of the platform becomes a problem document (RFC 9457).
    """

    def problem(detail: str) -> Decoded:
        return unexpected(detail, status=status, correlation_id=correlation_id)

    if 300 <= status < 400:
        return problem("a redirect, which is not followed")
    envelope = read_envelope(body)
    if envelope.enc_data is not None:
        try:
            body = decrypt(private_key, envelope.enc_data)
        except DecryptError as error:
            return problem(str(error))
        envelope = read_envelope(body)
    if envelope.code is None:
        return problem("no JSON object with a text response.code")
    if envelope.code != SUCCESS:
        delivery = verdict(path, status, envelope.code)
        return Decoded(status, "application/json", body, envelope.code, delivery)
    if not 200 <= status < 300:
        return problem("a success code with a status of failure")
    return Decoded(status, "application/json", body, SUCCESS)


def unexpected(detail: str, *, status: int, correlation_id: str) -> Decoded:
    """The problem document in place of what is no response of the platform."""
    document = {
        "type": "urn:konaplate:problem:unexpected-response",
        "title": "what came is no response of the platform",
        "status": _PROBLEM_STATUS,
        "detail": detail,
        "delivery": MAYBE_PROCESSED,
        "correlationId": correlation_id,
        "upstreamStatus": status,
    }
    body = json.dumps(document).encode()
    return Decoded(_PROBLEM_STATUS, "application/problem+json", body, delivery=MAYBE_PROCESSED)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
