"""The correlation id: which call it is."""

import itertools
import os
import re
import secrets

from .signing import timestamp

_FORM = re.compile(r"[0-9]{12}-[0-9a-f]{7}")
_BITS = 28


def correlation_id(epoch_ms: int, hex_digits: str | None = None, zone: str = "KST") -> str:
    """The id of a call at that time: `yyMMddHHmmss-` and seven lower-case hex digits.

    Without `hex_digits` it is a fresh one.
    """
    if hex_digits is None:
        hex_digits = f"{next(_numbers) % 2**_BITS:07x}"
    return f"{timestamp(epoch_ms, zone)[2:14]}-{hex_digits}"


def is_correlation_id(text: str) -> bool:
    """Whether a text has the form of a correlation id."""
    return _FORM.fullmatch(text) is not None


def _count() -> None:
    """Counts from a random start.

    Random numbers of 28 bits would meet now and then within a second. A process that was forked
    would count as its parent does.
    """
    global _numbers
    _numbers = itertools.count(secrets.randbits(_BITS))


_numbers: "itertools.count[int]"
_count()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count)
