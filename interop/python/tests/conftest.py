"""Keys, a server that looks at what is sent, and the programs of this project."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import RSAKey

import konaplate

SUCCESS = b'{"response":{"code":"000_000","description":"Success"}}'


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """A private key as PKCS#8 in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half of a key as SubjectPublicKeyInfo in PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class Keys:
    """The two key pairs of a connection to the platform."""

    server: rsa.RSAPrivateKey
    client: rsa.RSAPrivateKey

    def settings(self, base_url: str) -> dict[str, Any]:
        """What `Settings` is made of."""
        return {
            "base_url": base_url,
            "asp_id": "000170000000000",
            "access_key": "a" * 40,
            "secret_key": "an invented secret",
            "crypto_key_id": "c" * 32,
            "server_public_key": public_pem(self.server),
            "client_private_key": private_pem(self.client),
        }


@pytest.fixture(scope="session")
def keys() -> Keys:
    first, second = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    return Keys(first, second)


@dataclass
class Seen:
    """A request as it came."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Server:
    """A local server in the place of the platform."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    keeps_alive: bool = False
    respond: Callable[[BaseHTTPRequestHandler], None] = lambda _: None

    def responds(
        self, body: bytes = SUCCESS, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Sets the response to every request. `{call}` in a header is the id of the call."""

        def respond(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            call = handler.headers["X-KM-Correlation-Id"]
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                handler.send_header(name, value.format(call=call))
            if not self.keeps_alive:
                handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(body)

        self.respond = respond


@pytest.fixture
def server() -> Iterator[Server]:
    it = Server()
    it.responds()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            it.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            it.seen.append(Seen(self.path, list(self.headers.items()), body))
            self.close_connection = not it.keeps_alive
            it.respond(self)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    yield it
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def settings(keys: Keys, server: Server) -> konaplate.Settings:
    return konaplate.Settings(**keys.settings(server.url + "/open-api"))


@pytest.fixture
def server_key(keys: Keys) -> RSAKey:
    return RSAKey.import_key(keys.server)


@contextmanager
def program(*arguments: str, env: dict[str, str]) -> Iterator[str]:
    """A program of this project that runs, and its URL."""
    command = [os.environ["KONAPLATE_PROGRAM"], *arguments]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"listening on (http://\S+)", line):
                    break
            else:
                pytest.fail(f"{command[1]} ended before it listened")
            yield found[1]
        finally:
            process.terminate()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A sandbox that was just started: the variables that it writes."""
    file = tmp_path / "sandbox.env"
    env = {"PATH": os.environ["PATH"]}
    with program("sandbox", "--listen", "127.0.0.1:0", "--env-file", str(file), env=env):
        yield dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


@pytest.fixture
def gateway() -> Iterator[str]:
    """A gateway with a sandbox of its own."""
    env = {"PATH": os.environ["PATH"]}
    with program("gateway", "--listen", "127.0.0.1:0", "--sandbox", env=env) as url:
        yield url
