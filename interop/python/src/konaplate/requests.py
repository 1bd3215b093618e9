"""What goes out: a plain request, made a signed and where it has to be an encrypted one."""

import json
import time
from dataclasses import dataclass

import httpx

from .correlation import correlation_id
from .errors import NOT_SENT, CallError
from .jwe import encrypt
from .operations import find_operation
from .settings import Settings
from .signing import sign
from .strict_json import parse_object

_ZONE = "KST"


@dataclass(frozen=True)
class Prepared:
    """A request that is fit to be sent, and which call it is."""

    request: httpx.Request
    path: str
    correlation_id: str


def prepare(settings: Settings, plain: httpx.Request, timeout: float) -> Prepared:
    """Makes a plain request, which was read, a call. Its other headers are kept.

    Raises:
        CallError: It is no request of the API.
    """
    path = _path(httpx.URL(settings.base_url), plain)
    _check(plain)
    operation = find_operation(path)
    body = plain.content
    if operation is not None and operation.encrypts_request:
        jwe = encrypt(settings.server_public_key, body)
        body = json.dumps({"encData": jwe}).encode()

    epoch_ms = time.time_ns() // 1_000_000
    call_id = correlation_id(epoch_ms, zone=_ZONE)
    signature = sign(settings.secret_key, body, epoch_ms, _ZONE)
    headers = httpx.Headers(
        [
            (name, value)
            for name, value in plain.headers.multi_items()
            if not name.startswith("x-km-") and name not in ("content-length", "transfer-encoding")
        ]
    )
    headers.update(
        {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-KM-User-AspId": settings.asp_id,
            "X-KM-Access-Key": settings.access_key,
            "X-KM-Correlation-Id": call_id,
            "X-KM-Time-Zone": _ZONE,
            "X-KM-Tran-Time": signature.tran_time,
            "X-KM-Tran-Token": signature.token,
        }
    )
    if operation is not None and operation.sends_key_id:
        headers["X-KM-Crypto-Key-Id"] = settings.crypto_key_id
    # The limit of the client is not used: its default of 5 s looks like one that was chosen.
    limits = {"timeout": httpx.Timeout(timeout).as_dict()}
    request = httpx.Request(
        "POST", plain.url, headers=headers, content=body, extensions={**plain.extensions, **limits}
    )
    return Prepared(request, path, call_id)


def _path(base: httpx.URL, plain: httpx.Request) -> str:
    """The path of the operation: what comes behind the base URL."""
    url = plain.url
    prefix = base.raw_path.decode().rstrip("/")
    path = url.raw_path.decode()
    is_below = path.startswith(prefix + "/")
    if not is_below or (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise _refused("url: must be below the base URL of the settings", plain)
    if "?" in path:
        raise _refused("url: must have no query; all is in the body", plain)
    return path.removeprefix(prefix)


def _check(plain: httpx.Request) -> None:
    if plain.method != "POST":
        raise _refused("method: must be POST", plain)
    members = parse_object(plain.content)
    if members is None:
        raise _refused("body: must be a JSON object in UTF-8", plain)
    if members.has_a_name_twice:
        raise _refused("body: must not have a name twice in an object", plain)
    if "encData" in members:
        raise _refused("body: must be plain, without encData", plain)


def _refused(rule: str, plain: httpx.Request) -> CallError:
    return CallError(rule, delivery=NOT_SENT, request=plain)
