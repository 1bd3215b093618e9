"""Who calls, and with which keys."""

import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address

import httpx
from joserfc.jwk import RSAKey

from .errors import SettingsError
from .keys import load_private_key, load_public_key

_PREFIX = "KONAPLATE_"
_NAMES = (
    "base_url",
    "asp_id",
    "access_key",
    "secret_key",
    "crypto_key_id",
    "server_public_key",
    "client_private_key",
)


class Settings:
    """What every call is made of. A wrong value raises `SettingsError`, which never repeats it.

    Args:
        base_url: Where the platform is: `https://…/open-api`.
        asp_id: Id of the service provider, 15 characters.
        access_key: Access key of the project, 40 characters.
        secret_key: Key that signs; it is used as text.
        crypto_key_id: Id of the key pair for encryption, 32 characters.
        server_public_key: The platform's key. PEM, or base64 of its DER.
        client_private_key: Your own key. PEM, or base64 of its DER.
        allow_plain_http: Whether the base URL may start with http:// on another machine.
    """

    def __init__(
        self,
        *,
        base_url: str,
        asp_id: str,
        access_key: str,
        secret_key: str,
        crypto_key_id: str,
        server_public_key: str,
        client_private_key: str,
        allow_plain_http: bool = False,
    ) -> None:
        self.base_url = _base_url(base_url, allow_plain_http)
        self.asp_id = _id("asp_id", asp_id, 15)
        self.access_key = _id("access_key", access_key, 40)
        if not secret_key:
            raise SettingsError("secret_key", "must not be empty")
        self.secret_key = secret_key
        self.crypto_key_id = _id("crypto_key_id", crypto_key_id, 32)
        self.server_public_key = _key("server_public_key", server_public_key, load_public_key)
        self.client_private_key = _key("client_private_key", client_private_key, load_private_key)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from variables such as `KONAPLATE_BASE_URL`."""
        values = {name: environ.get(_PREFIX + name.upper(), "") for name in _NAMES}
        try:
            for name, value in values.items():
                if not value:
                    raise SettingsError(name, "is not set")
            allowed = environ.get(_PREFIX + "ALLOW_PLAIN_HTTP", "false")
            if allowed not in ("true", "false"):
                raise SettingsError("allow_plain_http", "must be true or false")
            return cls(**values, allow_plain_http=allowed == "true")
        except SettingsError as error:
            raise SettingsError(_PREFIX + error.name.upper(), error.rule) from None


def _base_url(text: str, allows_plain_http: bool) -> str:
    def wrong(rule: str) -> SettingsError:
        return SettingsError("base_url", rule)

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        raise wrong("must be an absolute URL") from None
    if url.scheme not in ("https", "http") or not url.host:
        raise wrong("must start with https:// or http:// and name a host")
    if url.userinfo:
        raise wrong("must not hold a user or a password")
    if url.query or url.fragment or "?" in text or "#" in text:
        raise wrong("must end with its path, without ? or #")
    if url.scheme == "http" and not allows_plain_http and not _is_loopback(url.host):
        raise wrong("must start with https:// (allow_plain_http allows http://)")
    return str(url).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _id(name: str, value: str, length: int) -> str:
    if len(value) != length:
        raise SettingsError(name, f"must have exactly {length} characters, and has {len(value)}")
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise SettingsError(name, "must be visible ASCII characters without spaces")
    return value


def _key(name: str, text: str, load: Callable[[str], RSAKey]) -> RSAKey:
    try:
        return load(text)
    except ValueError as error:
        raise SettingsError(name, str(error)) from None
