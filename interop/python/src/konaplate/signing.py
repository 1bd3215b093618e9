"""The signature of a body."""

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

_ZONES = {"KST": timezone(timedelta(hours=9)), "UTC": timezone.utc}


@dataclass(frozen=True)
class Signature:
    """When a body was signed, and the token that signs it."""

    timestamp: str
    """`yyyyMMddHHmmssSSS`"""
    token: str = field(repr=False)
    """`X-KM-Tran-Token`"""

    @property
    def tran_time(self) -> str:
        """`X-KM-Tran-Time`: the timestamp without milliseconds."""
        return self.timestamp[:14]


def timestamp(epoch_ms: int, zone: str = "KST") -> str:
    """A time as `yyyyMMddHHmmssSSS`."""
    seconds, milliseconds = divmod(epoch_ms, 1000)
    moment = datetime.fromtimestamp(seconds, _ZONES[zone])
    return f"{moment:%Y%m%d%H%M%S}{milliseconds:03}"


def sign(secret_key: str, body: bytes, epoch_ms: int, zone: str = "KST") -> Signature:
    """Signs the bytes of a body exactly as they go out. The secret key is used as text."""
    at = timestamp(epoch_ms, zone)
    mac = hmac.new(secret_key.encode(), body, hashlib.sha256).digest()
    return Signature(at, f"KMV1:{at}:{b64encode(mac).decode()}")
