"""What the conformance cases do not say of the functions."""

import os
import sys

import pytest
from joserfc.jwk import RSAKey

import konaplate

from .conftest import Keys


def test_the_example_of_the_description() -> None:
    body = b'{"sequenceId":"BANK-20260315-000001"}'
    signature = konaplate.sign("a secret that was issued", body, 1773539112345)
    assert signature.token == (
        "KMV1:20260315104512345:oJFzr2Y6V+Tp3Lr8AFjerDGgUDUvMWYHw0Ydkig1zAw="
    )
    assert signature.tran_time == "20260315104512"
    assert signature.token not in repr(signature)


def test_ids_of_one_process_differ_within_a_second() -> None:
    ids = {konaplate.correlation_id(0) for _ in range(100_000)}
    assert len(ids) == 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_ids_of_a_forked_process_differ() -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, konaplate.correlation_id(0).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 20).decode() != konaplate.correlation_id(0)
    os.close(reader)
    os.close(writer)


def test_a_large_response_is_decrypted(keys: Keys) -> None:
    plaintext = b'{"a":"' + b"x" * 3_000_000 + b'"}'
    jwe = konaplate.encrypt(RSAKey.import_key(keys.client.public_key()), plaintext)
    assert konaplate.decrypt(RSAKey.import_key(keys.client), jwe) == plaintext


def test_what_was_decoded_is_not_shown() -> None:
    key = RSAKey.generate_key()
    body = b'{"response":{"code":"000_000"},"cardNo":"9491339401250765"}'
    decoded = konaplate.decode("/", 200, body, private_key=key, correlation_id="")
    assert "9491339401250765" not in repr(decoded)


def test_deep_json_is_no_response() -> None:
    body = b'{"response":{"code":"000_000"},"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert konaplate.read_envelope(body) == konaplate.Envelope()
