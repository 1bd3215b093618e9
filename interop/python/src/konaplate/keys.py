"""RSA keys, as they come from the portal: PEM, or base64 of DER on one line."""

import binascii
from base64 import b64decode

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from joserfc.jwk import RSAKey

_MIN_BITS = 2048
# TypeError is what `cryptography` says of a key with a passphrase.
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error)


def load_public_key(text: str) -> RSAKey:
    """The platform's key: a SubjectPublicKeyInfo, or the X.509 certificate with it."""
    try:
        key = _public(text)
    except _UNREADABLE:
        # Without its cause: that one may repeat parts of the text.
        raise ValueError(
            "must be a public key (SubjectPublicKeyInfo) or an X.509 certificate, "
            "as PEM or as base64 of its DER"
        ) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("must be an RSA key")
    return _checked(key)


def load_private_key(text: str) -> RSAKey:
    """Your own key: PKCS#8, without a passphrase."""
    try:
        if _is_pem(text):
            key = load_pem_private_key(text.encode(), None)
        else:
            key = load_der_private_key(_der(text), None)
    except _UNREADABLE:
        raise ValueError(
            "must be a private key (PKCS#8) without a passphrase, as PEM or as base64 of its DER"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("must be an RSA key")
    return _checked(key)


def _public(text: str) -> object:
    if _is_pem(text):
        pem = text.encode()
        if "BEGIN CERTIFICATE" in text:
            return x509.load_pem_x509_certificate(pem).public_key()
        return load_pem_public_key(pem)
    der = _der(text)
    try:
        return load_der_public_key(der)
    except ValueError:
        return x509.load_der_x509_certificate(der).public_key()


def _is_pem(text: str) -> bool:
    return "-----BEGIN " in text


def _der(text: str) -> bytes:
    return b64decode("".join(text.split()), validate=True)


def _checked(key: rsa.RSAPublicKey | rsa.RSAPrivateKey) -> RSAKey:
    if key.key_size < _MIN_BITS:
        raise ValueError(f"must have at least {_MIN_BITS} bits, and has {key.key_size}")
    checked: RSAKey = RSAKey.import_key(key)
    return checked
