"""The transports of httpx that make a plain request a call, and its response plain."""

import time

import httpx

from .errors import DELIVERY_HEADER, MAYBE_PROCESSED, NOT_SENT, CallError
from .requests import Prepared, prepare
from .responses import Decoded, decode, unexpected
from .settings import Settings

TIMEOUT = 30.0
"""Seconds that a call may wait, if nothing else is said."""

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
        self._inner = httpx.HTTPTransport() if inner is None else inner
        self._timeout = timeout

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
            return _unreadable(call, response.status_code)
        except httpx.TransportError as error:
            raise _no_response(call, error) from error
        return _plain(self._settings, call, response.status_code, bytes(body))

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
        self._inner = httpx.AsyncHTTPTransport() if inner is None else inner
        self._timeout = timeout

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
            return _unreadable(call, response.status_code)
        except httpx.TransportError as error:
            raise _no_response(call, error) from error
        return _plain(self._settings, call, response.status_code, bytes(body))

    async def aclose(self) -> None:
        """Closes what sends."""
        await self._inner.aclose()


def _check_time(deadline: float) -> None:
    """Limits the wait for the end of a body: httpx limits that for each part."""
    if time.monotonic() > deadline:
        raise httpx.ReadTimeout("the response did not end in time")


def _no_response(call: Prepared, error: httpx.TransportError) -> CallError:
    if isinstance(error, _BEFORE_SENDING):
        message, delivery = "there is no connection to the platform", NOT_SENT
    elif isinstance(error, httpx.TimeoutException):
        message, delivery = "there was no whole response in time", MAYBE_PROCESSED
    else:
        message, delivery = "the connection ended without a whole response", MAYBE_PROCESSED
    return CallError(message, delivery=delivery, correlation_id=call.correlation_id)


def _plain(settings: Settings, call: Prepared, status: int, body: bytes) -> httpx.Response:
    key = settings.client_private_key
    decoded = decode(call.path, status, body, private_key=key, correlation_id=call.correlation_id)
    return _response(call, decoded)


def _unreadable(call: Prepared, status: int) -> httpx.Response:
    detail = "the content encoding of the body is broken"
    return _response(call, unexpected(detail, status=status, correlation_id=call.correlation_id))


def _response(call: Prepared, decoded: Decoded) -> httpx.Response:
    headers = {"Content-Type": decoded.content_type, "X-KM-Correlation-Id": call.correlation_id}
    if decoded.delivery is not None:
        headers[DELIVERY_HEADER] = decoded.delivery
    return httpx.Response(decoded.status, headers=headers, content=decoded.body)
