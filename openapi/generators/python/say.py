"""Prints what a step saw."""

import contextlib
import json
from collections.abc import Iterator

#: The steps that ask for the result of a recharge; the sequence id of each is its name in capitals.
STEPS = ["enum", "field", "failure", "problem", "html"]


def say(step: str, value: object, how: str = "") -> None:
    print(json.dumps({"step": step, "value": value, "how": how}))


@contextlib.contextmanager
def attempt(step: str) -> Iterator[None]:
    """Prints the error of a step."""
    try:
        yield
    except Exception as error:
        print(json.dumps({"step": step, "error": f"{type(error).__name__}: {error}"}))
