"""What the description says of each operation, and what a code of failure proves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from .errors import MAYBE_PROCESSED

_MOVES_MONEY = "moves-money"


@dataclass(frozen=True)
class Operation:
    """An operation of the API."""

    name: str
    effect: str
    encrypts_request: bool
    sends_key_id: bool
    proves: Mapping[str, str] = field(default_factory=dict)


_described = json.loads(files(__package__).joinpath("operations.json").read_text("utf-8"))
_CODES = frozenset(_described["codes"])
_OPERATIONS = {
    path: Operation(
        name=flags["operation"],
        effect=flags["effect"],
        encrypts_request=flags["encryptRequest"],
        sends_key_id=flags["sendKeyId"],
        proves=flags.get("proves", {}),
    )
    for path, flags in _described["operations"].items()
}


def find_operation(path: str) -> Operation | None:
    """The operation with that path, without the base URL. None if it is not described."""
    return _OPERATIONS.get(path)


def verdict(path: str, status: int, code: str) -> str:
    """Whether a call that failed with this status and code may have been carried out.

    Every failure that the platform documents has the status 400. With any other one a code may
    come from what stands in front of the platform, and proves nothing.
    """
    operation = find_operation(path)
    if operation is None or status != 400:
        return MAYBE_PROCESSED
    if operation.effect == _MOVES_MONEY:
        return operation.proves.get(code, MAYBE_PROCESSED)
    return "declined" if code in _CODES else MAYBE_PROCESSED
