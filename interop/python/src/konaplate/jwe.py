"""Encrypted bodies: compact JWE (RFC 7516) with RSA-OAEP-256 and AES-GCM.

joserfc encrypts and decrypts. What it decrypts was read strictly before: it is lenient about
base64url, and takes the last of two header members with one name.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from joserfc.jwe import JWERegistry, decrypt_compact, encrypt_compact
from joserfc.jwk import RSAKey

from .errors import DecryptError
from .strict_json import parse_object

_ALG = "RSA-OAEP-256"
_REQUEST_ENC = "A128GCM"
_ENCS = (_REQUEST_ENC, "A256GCM")
_IV_BYTES = 12
_TAG_BYTES = 16
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
# Members that change how a message is read.
_REFUSED = ("crit", "zip", "b64")

# A header may have members that joserfc does not know.
_registry = JWERegistry(algorithms=[_ALG, *_ENCS], strict_check_header=False)
# Its limit of 64 KiB is below what a list of transactions can have.
_registry.max_ciphertext_length = 2**30


def encrypt(public_key: RSAKey, plaintext: bytes) -> str:
    """Encrypts the body of a request."""
    header = {"enc": _REQUEST_ENC, "alg": _ALG}
    return encrypt_compact(header, plaintext, public_key, registry=_registry)


def decrypt(private_key: RSAKey, jwe: str) -> bytes:
    """Decrypts the body of a response.

    Raises:
        DecryptError: For every reason the same.
    """
    try:
        _check(private_key, jwe)
        plaintext = decrypt_compact(jwe, private_key, registry=_registry).plaintext
    except Exception:
        # Whatever joserfc raises: a response came, and nobody must learn which check failed.
        raise DecryptError from None
    if plaintext is None:
        raise DecryptError
    return plaintext


def _check(private_key: RSAKey, jwe: str) -> None:
    """Refuses what is no strict compact form, or asks for anything else than what is supported."""
    header, wrapped_key, iv, ciphertext, tag = (_decoded(part) for part in jwe.split("."))
    members = parse_object(header)
    if members is None or members.has_a_name_twice:
        raise DecryptError
    is_supported = (
        members.get("alg") == _ALG
        and members.get("enc") in _ENCS
        and not any(name in members for name in _REFUSED)
        and len(wrapped_key) * 8 == private_key.public_key.key_size
        and len(iv) == _IV_BYTES
        and len(ciphertext) > 0
        and len(tag) == _TAG_BYTES
    )
    if not is_supported:
        raise DecryptError


def _decoded(part: str) -> bytes:
    """The bytes of canonical base64url without padding."""
    if not _BASE64URL.fullmatch(part):
        raise DecryptError
    data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(data).rstrip(b"=") != part.encode():
        raise DecryptError
    return data
