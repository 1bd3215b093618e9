"""JSON objects that say which of their names are there twice."""

import json
from typing import Any, NoReturn


class Object(dict[str, Any]):
    """A JSON object, and the names in it that are there twice: of two values neither counts."""

    twice: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> "Object":
        """The object of these members."""
        found = cls(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            found.twice = frozenset(name for name in found if names.count(name) > 1)
        return found

    @property
    def has_a_name_twice(self) -> bool:
        """Whether this object or one in it has a name twice."""
        return bool(self.twice) or any(_has_a_name_twice(value) for value in self.values())


def parse_object(text: bytes) -> Object | None:
    """The JSON object in UTF-8 that a text is. None if it is none."""
    try:
        # Decoded first: from bytes `json` would guess an encoding.
        value = json.loads(text.decode(), object_pairs_hook=Object.of, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Object) else None


def _has_a_name_twice(value: object) -> bool:
    if isinstance(value, list):
        return any(_has_a_name_twice(item) for item in value)
    return isinstance(value, Object) and value.has_a_name_twice


def _refuse(constant: str) -> NoReturn:
    """`NaN` and `Infinity` are no JSON."""
    raise ValueError(constant)
