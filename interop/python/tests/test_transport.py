"""The transports: the bytes that are sent, and what becomes of a response or of none."""

import asyncio
import gzip
import json
import pickle
import socket
import time
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

import konaplate

from .conftest import SUCCESS, Keys, Server

TOKEN = "/api/v2/payment/generate/onetimetoken"  # encrypted
RECHARGE = "/api/v1/recharges/by-bank-accounts/no-hce"  # moves money; plain, with a key id
RESULT = "/api/v1/recharges/by-bank-account/result/inquiry"  # plain, without a key id


@pytest.fixture
def client(settings: konaplate.Settings) -> Iterator[httpx.Client]:
    transport = konaplate.Transport(settings, timeout=5)
    with httpx.Client(base_url=settings.base_url, transport=transport) as client:
        yield client


def assert_problem(response: httpx.Response, upstream: int) -> None:
    assert response.status_code == 502
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Konaplate-Delivery"] == "maybe-processed"
    problem = response.json()
    assert problem["type"] == "urn:konaplate:problem:unexpected-response"
    assert problem["status"] == 502
    assert problem["delivery"] == "maybe-processed"
    assert problem["upstreamStatus"] == upstream
    assert problem["correlationId"] == response.headers["X-KM-Correlation-Id"]


def test_the_bytes_that_go_out_are_signed(client: httpx.Client, server: Server) -> None:
    body = '{ "sequenceId": "A-1", "userId": 9999999999999999999, "memo": "김코나" }'.encode()
    response = client.post(RESULT, content=body)
    [seen] = server.seen
    assert seen.path == "/open-api" + RESULT
    assert seen.body == body
    [token] = seen.all("X-KM-Tran-Token")
    epoch_ms = time.time_ns() // 1_000_000
    timestamp = token.split(":")[1]
    assert abs(int(konaplate.sign("", b"", epoch_ms).timestamp) - int(timestamp)) < 100_000
    # The time of the token is read back, and the token made again.
    at = time.strptime(timestamp[:14], "%Y%m%d%H%M%S")
    seconds = int((time.mktime(at) - time.timezone) - 9 * 3600)
    again = konaplate.sign("an invented secret", body, seconds * 1000 + int(timestamp[14:]))
    assert token == again.token
    [call_id] = seen.all("X-KM-Correlation-Id")
    assert konaplate.is_correlation_id(call_id)
    assert call_id[:12] == timestamp[2:14]
    assert response.headers["X-KM-Correlation-Id"] == call_id
    assert seen.all("X-KM-Tran-Time") == [timestamp[:14]]
    assert seen.all("X-KM-Time-Zone") == ["KST"]
    assert seen.all("X-KM-User-AspId") == ["000170000000000"]
    assert seen.all("X-KM-Access-Key") == ["a" * 40]
    assert seen.all("X-KM-Crypto-Key-Id") == []
    assert seen.all("Content-Type") == ["application/json"]
    assert seen.all("Accept") == ["application/json"]
    assert seen.all("Content-Length") == [str(len(body))]


def test_what_is_encrypted_is_signed_as_it_is_sent(
    client: httpx.Client, server: Server, server_key: RSAKey
) -> None:
    body = b'{"cardNo": "9491339401250765"}'
    client.post(TOKEN, content=body)
    [seen] = server.seen
    sent = json.loads(seen.body)
    assert list(sent) == ["encData"]
    header = sent["encData"].split(".")[0]
    assert header == "eyJlbmMiOiJBMTI4R0NNIiwiYWxnIjoiUlNBLU9BRVAtMjU2In0"
    assert konaplate.decrypt(server_key, sent["encData"]) == body
    assert seen.all("X-KM-Crypto-Key-Id") == ["c" * 32]
    [token] = seen.all("X-KM-Tran-Token")
    mac = konaplate.sign("an invented secret", seen.body, 0).token.split(":")[2]
    assert token.split(":")[2] == mac


def test_every_call_has_an_id_of_its_own(client: httpx.Client, server: Server) -> None:
    for _ in range(20):
        client.post(RESULT, json={})
    assert len({seen.all("X-KM-Correlation-Id")[0] for seen in server.seen}) == 20


def test_other_headers_are_kept_and_those_of_the_protocol_are_not(
    client: httpx.Client, server: Server
) -> None:
    headers = {"X-Sandbox-Fault": "extra-fields", "X-KM-Access-Key": "x", "X-KM-Other": "x"}
    client.post(RESULT, json={}, headers=headers)
    [seen] = server.seen
    assert seen.all("X-Sandbox-Fault") == ["extra-fields"]
    assert seen.all("X-KM-Access-Key") == ["a" * 40]
    assert seen.all("X-KM-Other") == []


def test_a_path_that_is_not_described_is_signed_and_sent_plain(
    client: httpx.Client, server: Server
) -> None:
    body = b'{"response":{"code":"007_008"}}'
    server.responds(body, 400)
    response = client.post("/api/v9/new", json={"a": 1})
    [seen] = server.seen
    assert seen.body == b'{"a":1}'
    assert seen.all("X-KM-Tran-Token")
    assert response.content == body
    assert response.headers["Konaplate-Delivery"] == "maybe-processed"


def test_a_success_is_plain_json(client: httpx.Client, server: Server, keys: Keys) -> None:
    plain = b'{"response":{"code":"000_000"},"userId":9999999999999999999}'
    jwe = konaplate.encrypt(RSAKey.import_key(keys.client.public_key()), plain)
    encrypted = json.dumps({"encData": jwe}).encode()
    packed = gzip.compress(encrypted)
    for body, headers in [
        (plain, {}),
        (encrypted, {"Set-Cookie": "a=b"}),
        (packed, {"Content-Encoding": "gzip"}),
    ]:
        server.responds(body, 200, headers)
        response = client.post(TOKEN, json={})
        assert response.status_code == 200
        assert response.content == plain
        assert response.headers["Content-Type"] == "application/json"
        assert response.json()["userId"] == 9999999999999999999
        assert "Konaplate-Delivery" not in response.headers
        assert not client.cookies


@pytest.mark.parametrize(
    ("status", "code", "delivery"),
    [
        (400, "007_008", "earlier-call"),
        (400, "007_001", "declined"),
        (400, "999_999", "maybe-processed"),
        (500, "007_001", "maybe-processed"),
    ],
)
def test_a_failure_of_the_platform_says_what_it_proves(
    client: httpx.Client, server: Server, status: int, code: str, delivery: str
) -> None:
    body = json.dumps({"response": {"code": code, "description": "Why."}}).encode()
    server.responds(body, status)
    response = client.post(RECHARGE, json={"amount": 1})
    assert response.status_code == status
    assert response.content == body
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Konaplate-Delivery"] == delivery


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (502, b"<html>9491339401250765</html>", {}),
        (200, b"", {}),
        (200, SUCCESS[:-1], {}),
        (500, SUCCESS, {}),
        (200, b'{"encData":"a.b.c.d.e"}', {}),
        (307, SUCCESS, {"Location": "/elsewhere"}),
        (200, b"no gzip", {"Content-Encoding": "gzip"}),
    ],
)
def test_what_is_no_response_of_the_platform_is_a_problem(
    client: httpx.Client, server: Server, status: int, body: bytes, headers: dict[str, str]
) -> None:
    server.responds(body, status, headers)
    response = client.post(RECHARGE, json={"amount": 1}, follow_redirects=True)
    assert_problem(response, status)
    assert b"9491339401250765" not in response.content
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("method", "url", "options", "rule"),
    [
        ("GET", RESULT, {}, "method: must be POST"),
        ("POST", RESULT, {}, "body: must be a JSON object in UTF-8"),
        ("POST", RESULT, {"content": b'["wrong"]'}, "body: must be a JSON object in UTF-8"),
        ("POST", RESULT, {"content": b'{"wrong":NaN}'}, "body: must be a JSON object in UTF-8"),
        ("POST", RESULT, {"content": b'{"wrong":"\xff"}'}, "body: must be a JSON object in UTF-8"),
        ("POST", RESULT, {"content": b'{"a":{"b":1,"b":2}}'}, "body: must not have a name twice"),
        ("POST", RESULT, {"json": {"encData": "wrong"}}, "body: must be plain, without encData"),
        ("POST", RESULT + "?wrong=1", {"json": {}}, "url: must have no query"),
        ("POST", "http://127.0.0.2:1/wrong", {"json": {}}, "url: must be below the base URL"),
    ],
)
def test_what_cannot_be_sent_is_refused_before(
    client: httpx.Client, server: Server, method: str, url: str, options: dict[str, Any], rule: str
) -> None:
    with pytest.raises(konaplate.CallError) as raised:
        client.request(method, url, **options)
    assert str(raised.value).startswith(rule)
    assert raised.value.delivery == "not-sent"
    assert "wrong" not in str(raised.value)
    assert server.seen == []


def failed(keys: Keys, base_url: str, timeout: float = 5) -> konaplate.CallError:
    """The error of a call to that address."""
    settings = konaplate.Settings(**keys.settings(base_url))
    with (
        httpx.Client(transport=konaplate.Transport(settings, timeout=timeout)) as client,
        pytest.raises(konaplate.CallError) as raised,
    ):
        client.post(base_url + RECHARGE, json={"secret": "9491339401250765"})
    assert "9491339401250765" not in str(raised.value)
    assert raised.value.correlation_id is not None
    assert konaplate.is_correlation_id(raised.value.correlation_id)
    return raised.value


def test_without_a_connection_nothing_was_sent(keys: Keys, server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = f"http://127.0.0.1:{unused.getsockname()[1]}"
    nobody = "https://nobody.invalid"
    no_tls = server.url.replace("http:", "https:")
    for base_url in (refused, nobody, no_tls):
        assert failed(keys, base_url).delivery == "not-sent", base_url
    assert server.seen == []


def test_a_connection_that_ends_proves_nothing(keys: Keys, server: Server) -> None:
    server.respond = lambda _: None
    assert failed(keys, server.url).delivery == "maybe-processed"
    server.responds(SUCCESS, headers={"Content-Length": "1000"})
    assert failed(keys, server.url).delivery == "maybe-processed"
    assert len(server.seen) == 2


def test_every_call_has_a_connection_of_its_own(client: httpx.Client, server: Server) -> None:
    server.keeps_alive = True
    for _ in range(3):
        client.post(RESULT, json={})
    assert server.connections == 3


def test_a_response_to_another_call_is_a_problem_once_ids_come_back(
    client: httpx.Client, server: Server
) -> None:
    another = {"X-KM-Correlation-Id": "260315104512-5b76c99"}
    server.responds(headers=another)
    assert client.post(RECHARGE, json={}).status_code == 200
    server.responds(headers={"X-KM-Correlation-Id": "{call}"})
    assert client.post(RECHARGE, json={}).status_code == 200
    server.responds(headers=another)
    assert_problem(client.post(RECHARGE, json={}), 200)
    server.responds()
    assert client.post(RECHARGE, json={}).status_code == 200


def test_nothing_of_a_response_is_shown_with_an_error(keys: Keys, server: Server) -> None:
    def garbled(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"5297000000000013\r\n\r\n")

    server.respond = garbled
    error = failed(keys, server.url)
    assert "5297000000000013" not in "".join(traceback.format_exception(error))


def test_a_response_that_comes_late_or_slowly_proves_nothing(keys: Keys, server: Server) -> None:
    def late(_: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        for _ in range(20):
            time.sleep(0.1)
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    for respond in (late, slowly):
        server.respond = respond
        began = time.monotonic()
        error = failed(keys, server.url, timeout=0.2)
        assert error.delivery == "maybe-processed"
        assert time.monotonic() - began < 1.5
    assert len(server.seen) == 2


def test_the_limit_of_the_client_is_not_used(settings: konaplate.Settings, server: Server) -> None:
    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        server.responds()
        server.respond(handler)

    server.respond = late
    transport = konaplate.Transport(settings)
    with httpx.Client(base_url=settings.base_url, transport=transport, timeout=0.1) as client:
        assert client.post(RESULT, json={}).status_code == 200


def test_an_error_keeps_what_it_says() -> None:
    error = konaplate.CallError("why", delivery="not-sent", correlation_id="260315104512-5b76c99")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "why (not-sent, 260315104512-5b76c99)"
    assert isinstance(error, httpx.TransportError)


def test_the_asynchronous_transport_does_the_same(
    settings: konaplate.Settings, server: Server
) -> None:
    async def call() -> None:
        transport = konaplate.AsyncTransport(settings, timeout=5)
        async with httpx.AsyncClient(base_url=settings.base_url, transport=transport) as client:
            response = await client.post(TOKEN, json={"cardNo": "9491339401250765"})
            assert response.content == SUCCESS
            server.responds(b"<html>", 503)
            assert_problem(await client.post(TOKEN, json={}), 503)
            server.respond = lambda _: None
            with pytest.raises(konaplate.CallError) as raised:
                await client.post(TOKEN, json={})
            assert raised.value.delivery == "maybe-processed"

    asyncio.run(call())
    assert [list(json.loads(seen.body)) for seen in server.seen] == [["encData"]] * 3
