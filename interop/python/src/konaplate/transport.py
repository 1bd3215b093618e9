"""The transports of httpx that make a plain request a call, and its response plain."""

import time

import httpx

from .errors import DELIVERY_HEADER, MAYBE_PROCESSED, NOT_SENT, CallError
from .requests import Prepared, prepare
from .responses import Decoded, decode, unexpected
from .settings import Settings

TIMEOUT = 20.0
"""Seconds that a call may wait, if nothing else is said."""

_CORRELATION_ID = "X-KM-Correlation-Id"

# A connection for every call: on one that is kept alive, a response that came twice can be taken
# for the response to the next call.
_LIMITS = httpx.Limits(max_keepalive_connections=0)

# Nothing is written to a connection before it stands and its TLS handshake is done.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Transport(httpx.BaseTransport):
    """A transport for `httpx.Client`.

    Args:
        settings: Who calls, and with which keys.
        inner: What sends. It must not send a request twice: no retries other than of `connect`.
        timeout: Seconds to wait for a connection, for each part that is sent, for the response to
            begin, and for its end. It is used in place of the client's own.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        inner: httpx.BaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._settings = settings
        self._inner = httpx.HTTPTransport(limits=_LIMITS) if inner is None else inner
        self._timeout = timeout
        self._reader = _Reader(settings)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request once.

        Raises:
            CallError: There is no response.
        """
        request.read()
        call = prepare(self._settings, request, self._timeout)
        try:
            response = self._inner.handle_request(call.request)
            try:
                body = bytearray()
                deadline = time.monotonic() + self._timeout
                for chunk in response.iter_bytes():
                    body += chunk
                    _check_time(deadline)
            finally:
                response.close()
        except httpx.DecodingError:
            return self._reader.problem(call, response, "the content encoding is broken")
        except httpx.TransportError as error:
            raise _no_response(call, error) from _shown(error)
        return self._reader.read(call, response, bytes(body))

    def close(self) -> None:
        """Closes what sends."""
        self._inner.close()


class AsyncTransport(httpx.AsyncBaseTransport):
    """A transport for `httpx.AsyncClient`, with the arguments of `Transport`."""

    def __init__(
        self,
        settings: Settings,
        *,
        inner: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._settings = settings
        self._inner = httpx.AsyncHTTPTransport(limits=_LIMITS) if inner is None else inner
        self._timeout = timeout
        self._reader = _Reader(settings)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request once.

        Raises:
            CallError: There is no response.
        """
        await request.aread()
        call = prepare(self._settings, request, self._timeout)
        try:
            response = await self._inner.handle_async_request(call.request)
            try:
                body = bytearray()
                deadline = time.monotonic() + self._timeout
                async for chunk in response.aiter_bytes():
                    body += chunk
                    _check_time(deadline)
            finally:
                await response.aclose()
        except httpx.DecodingError:
            return self._reader.problem(call, response, "the content encoding is broken")
        except httpx.TransportError as error:
            raise _no_response(call, error) from _shown(error)
        return self._reader.read(call, response, bytes(body))

    async def aclose(self) -> None:
        """Closes what sends."""
        await self._inner.aclose()


def _check_time(deadline: float) -> None:
    """Limits the wait for the end of a body: httpx limits that for each part."""
    if time.monotonic() > deadline:
        raise httpx.ReadTimeout("the response did not end in time")


def _shown(error: httpx.TransportError) -> httpx.TransportError | None:
    """What is shown with an error: a reason of TLS, but nothing that may repeat a response."""
    return error if isinstance(error, _BEFORE_SENDING) else None


def _no_response(call: Prepared, error: httpx.TransportError) -> CallError:
    if isinstance(error, _BEFORE_SENDING):
        message, delivery = "there is no connection to the platform", NOT_SENT
    elif isinstance(error, httpx.TimeoutException):
        message, delivery = "there was no whole response in time", MAYBE_PROCESSED
    else:
        message, delivery = "the connection ended without a whole response", MAYBE_PROCESSED
    return CallError(message, delivery=delivery, correlation_id=call.correlation_id)


class _Reader:
    """Reads responses, and learns whether they carry the ids of their calls."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.client_private_key
        self._ids_come_back = False

    def read(self, call: Prepared, came: httpx.Response, body: bytes) -> httpx.Response:
        """The response in plain JSON."""
        if self._is_for_another_call(call, came.headers.get(_CORRELATION_ID)):
            return self.problem(call, came, "the response to another call")
        call_id = call.correlation_id
        return _response(
            call,
            decode(
                call.path, came.status_code, body, private_key=self._key, correlation_id=call_id
            ),
        )

    def problem(self, call: Prepared, came: httpx.Response, detail: str) -> httpx.Response:
        """The problem document in its place."""
        call_id = call.correlation_id
        return _response(call, unexpected(detail, status=came.status_code, correlation_id=call_id))

    def _is_for_another_call(self, call: Prepared, came_with: str | None) -> bool:
        """Whether a response carries the id of another call.

        That responses carry the id of their call is likely, but not documented. So it is held
        against a response only when another one has shown it.
        """
        if came_with == call.correlation_id:
            self._ids_come_back = True
            return False
        return came_with is not None and self._ids_come_back


def _response(call: Prepared, decoded: Decoded) -> httpx.Response:
    headers = {"Content-Type": decoded.content_type, _CORRELATION_ID: call.correlation_id}
    if decoded.delivery is not None:
        headers[DELIVERY_HEADER] = decoded.delivery
    return httpx.Response(decoded.status, headers=headers, content=decoded.body)
