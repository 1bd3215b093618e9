"""What can go wrong, in types. No text here repeats anything of a request, a response or a key."""

import httpx

DELIVERY_HEADER = "Konaplate-Delivery"
"""Response header that says whether a call that did not succeed may have been carried out."""

NOT_SENT = "not-sent"
"""Proof that nothing left this process."""

MAYBE_PROCESSED = "maybe-processed"
"""Unknown. Where money moves, ask for the outcome before anything is sent again."""


class CallError(httpx.TransportError):
    """There is no response. `delivery` says whether the call may have been carried out."""

    # The defaults are for pickle, which makes an exception from its message alone.
    def __init__(
        self,
        message: str,
        *,
        delivery: str = MAYBE_PROCESSED,
        correlation_id: str | None = None,
        request: httpx.Request | None = None,
    ) -> None:
        super().__init__(message, request=request)
        self.delivery = delivery
        self.correlation_id = correlation_id

    def __str__(self) -> str:
        call = f", {self.correlation_id}" if self.correlation_id else ""
        return f"{super().__str__()} ({self.delivery}{call})"


class SettingsError(ValueError):
    """A setting is missing or wrong: `name` says which, `rule` what it must be."""

    delivery = NOT_SENT

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(name, rule)
        self.name = name
        self.rule = rule

    def __str__(self) -> str:
        return f"{self.name} {self.rule}"


class DecryptError(ValueError):
    """A message could not be decrypted. There is one text for every reason."""

    def __init__(self) -> None:
        super().__init__("the encrypted message could not be decrypted")
