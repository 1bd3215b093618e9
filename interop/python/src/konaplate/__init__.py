"""Signs and encrypts what httpx sends to the KONA PLATE Open API, and decrypts what comes back.

`Transport` goes into an `httpx.Client`, `AsyncTransport` into an `httpx.AsyncClient`. Requests and
responses are then those of the description of the API behind a gateway: plain JSON, with a header
`Konaplate-Delivery` in every response that is no success.

The functions are the steps of a call, for those who need one of them alone.
"""

from .correlation import correlation_id, is_correlation_id
from .errors import (
    DELIVERY_HEADER,
    MAYBE_PROCESSED,
    NOT_SENT,
    CallError,
    DecryptError,
    SettingsError,
)
from .jwe import decrypt, encrypt
from .keys import load_private_key, load_public_key
from .operations import Operation, find_operation, verdict
from .responses import Decoded, Envelope, decode, read_envelope
from .settings import Settings
from .signing import Signature, sign
from .transport import AsyncTransport, Transport

__version__ = "0.1.0"

__all__ = [
    "DELIVERY_HEADER",
    "MAYBE_PROCESSED",
    "NOT_SENT",
    "AsyncTransport",
    "CallError",
    "Decoded",
    "DecryptError",
    "Envelope",
    "Operation",
    "Settings",
    "SettingsError",
    "Signature",
    "Transport",
    "correlation_id",
    "decode",
    "decrypt",
    "encrypt",
    "find_operation",
    "is_correlation_id",
    "load_private_key",
    "load_public_key",
    "read_envelope",
    "sign",
    "verdict",
]
