"""Settings: what is accepted, and what is said of the rest."""

import base64
import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

import konaplate

from .conftest import Keys, private_pem, public_pem

URL = "https://127.0.0.1/open-api"


@pytest.fixture
def values(keys: Keys) -> dict[str, Any]:
    return keys.settings(URL)


def environment(values: dict[str, Any]) -> dict[str, str]:
    return {f"KONAPLATE_{name.upper()}": value for name, value in values.items()}


def test_settings_come_from_the_environment(values: dict[str, Any]) -> None:
    settings = konaplate.Settings.from_env(environment(values))
    assert settings.asp_id == values["asp_id"]
    assert settings.base_url == URL


def test_a_missing_variable_is_named(values: dict[str, Any]) -> None:
    for name in environment(values):
        env = environment(values)
        del env[name]
        with pytest.raises(konaplate.SettingsError) as raised:
            konaplate.Settings.from_env(env)
        assert str(raised.value) == f"{name} is not set"
        assert raised.value.delivery == "not-sent"


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("base_url", "127.0.0.1/wrong", "must start with https:// or http:// and name a host"),
        ("base_url", "ftp://wrong.example", "must start with https:// or http:// and name a host"),
        ("base_url", "https://", "must start with https:// or http:// and name a host"),
        ("base_url", "https://wrong:wrong@host", "must not hold a user or a password"),
        ("base_url", "https://host/?wrong", "must end with its path, without ? or #"),
        ("base_url", "http://wrong.example", "must start with https:// (allow_plain_http"),
        ("base_url", "https://host:wrong/", "must be an absolute URL"),
        ("asp_id", "wrong", "must have exactly 15 characters, and has 5"),
        ("access_key", "wrong" * 9, "must have exactly 40 characters, and has 45"),
        ("access_key", "wrong\r\n:" * 5, "must be visible ASCII characters without spaces"),
        ("crypto_key_id", "wrong" + " " * 27, "must be visible ASCII characters without spaces"),
        ("secret_key", "", "must not be empty"),
        ("server_public_key", "wrong", "must be a public key"),
        ("server_public_key", "-----BEGIN wrong", "must be a public key"),
        ("client_private_key", "d3Jvbmc=", "must be a private key"),
        ("client_private_key", "-----BEGIN PRIVATE KEY-----\nwrong", "must be a private key"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(
    values: dict[str, Any], name: str, value: str, rule: str
) -> None:
    values[name] = value
    with pytest.raises(konaplate.SettingsError) as raised:
        konaplate.Settings(**values)
    assert str(raised.value).startswith(f"{name} {rule}")
    assert "wrong" not in repr(raised.value)


def test_plain_http_to_another_machine_can_be_allowed(values: dict[str, Any]) -> None:
    values["base_url"] = "http://sandbox:8787/"
    assert konaplate.Settings(**values, allow_plain_http=True).base_url == "http://sandbox:8787"
    env = environment(values)
    assert konaplate.Settings.from_env({**env, "KONAPLATE_ALLOW_PLAIN_HTTP": "true"})
    with pytest.raises(konaplate.SettingsError, match=r"^KONAPLATE_ALLOW_PLAIN_HTTP must be true"):
        konaplate.Settings.from_env({**env, "KONAPLATE_ALLOW_PLAIN_HTTP": "yes"})


def test_keys_come_in_every_form(keys: Keys) -> None:
    public = keys.server.public_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "invented")])
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, public, 1, day, day)
        .sign(keys.server, hashes.SHA256())
        .public_bytes
    )
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for text in [
        public_pem(keys.server),
        base64.b64encode(spki).decode(),
        certificate(Encoding.PEM).decode(),
        base64.encodebytes(certificate(Encoding.DER)).decode(),
    ]:
        assert konaplate.load_public_key(text).public_key == public
    pkcs8 = keys.client.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for text in [private_pem(keys.client), base64.b64encode(pkcs8).decode()]:
        assert konaplate.load_private_key(text).public_key == keys.client.public_key()


def test_keys_of_another_kind_are_refused(keys: Keys) -> None:
    small = rsa.generate_private_key(65537, 1024)
    with pytest.raises(ValueError, match=r"^must have at least 2048 bits, and has 1024$"):
        konaplate.load_public_key(public_pem(small))
    with pytest.raises(ValueError, match=r"^must have at least 2048 bits, and has 1024$"):
        konaplate.load_private_key(private_pem(small))
    curve = ec.generate_private_key(ec.SECP256R1())
    pem = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(ValueError, match=r"^must be an RSA key$"):
        konaplate.load_private_key(pem)
    locked = keys.client.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    with pytest.raises(ValueError, match="without a passphrase"):
        konaplate.load_private_key(locked.decode())
    with pytest.raises(ValueError, match="must be a public key"):
        konaplate.load_public_key(private_pem(keys.client))


def test_settings_show_nothing(values: dict[str, Any]) -> None:
    settings = konaplate.Settings(**values)
    shown = f"{settings!r} {konaplate.Transport(settings)!r}"
    assert not [name for name, value in values.items() if value in shown]
