"""Reading a document that somebody else wrote: every value knows its place, so that a mistake can be named."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)


class Misread(ValueError):
    """A document is not what it should be. The message is a sentence that names the place."""


@dataclass(frozen=True)
class Place:
    """A value somewhere in a document. Whatever is taken from it is remembered, so that the rest can be found."""

    value: Any
    path: str
    taken: set[str] = field(default_factory=set)

    def __getitem__(self, key: str) -> "Place":
        """What stands under a key. Raises Misread if nothing does."""
        if not isinstance(self.value, dict):
            raise Misread(f"{self.path} has to be an object in braces, with {key} in it.")
        path = f"{self.path}.{key}"
        if key not in self.value:
            raise Misread(f"{path} is missing.")
        self.taken.add(path)
        return Place(self.value[key], path, self.taken)

    def get(self, key: str, otherwise: Any) -> "Place":
        """What stands under a key that a later version added: where an older document lacks it, what it meant."""
        if isinstance(self.value, dict) and key not in self.value:
            return Place(otherwise, f"{self.path}.{key}", self.taken)
        return self[key]

    def items(self) -> "list[Place]":
        """The values of a list."""
        if not isinstance(self.value, list):
            raise Misread(f"{self.path} has to be a list in square brackets.")
        return [Place(value, f"{self.path}[{number}]", self.taken) for number, value in enumerate(self.value)]

    def count(self, most: int) -> int:
        """A whole number."""
        if type(self.value) is not int or not 0 <= self.value <= most:
            raise Misread(f"{self.path} has to be a whole number from 0 to {most}.")
        return self.value

    def yes_or_no(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise Misread(f"{self.path} has to be true or false.")
        return self.value

    def text(self, most: int) -> str:
        """Text that a database can keep."""
        if not isinstance(self.value, str):
            raise Misread(f"{self.path} has to be text in quotation marks.")
        if len(self.value) > most:
            raise Misread(f"{self.path} has to be text of at most {most} characters.")
        if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in self.value):
            raise Misread(f"{self.path} holds a character that cannot be kept.")
        return self.value

    def one_of(self, choices: type[E]) -> E:
        """One of these words."""
        for choice in choices:
            if self.value == choice.value:
                return choice
        raise Misread(f"{self.path} has to be one of these: {', '.join(choices)}.")

    def refuse_the_rest(self) -> None:
        """Raise Misread for a key that nobody took: what is not understood is not passed over in silence."""
        for path in _keys(self.value, self.path):
            if path not in self.taken:
                raise Misread(f"{path} is not known here. Take it out.")


def _keys(value: Any, path: str) -> list[str]:
    if isinstance(value, dict):
        below = {f"{path}.{key}": inner for key, inner in value.items()}
        return [*below, *(found for place, inner in below.items() for found in _keys(inner, place))]
    if isinstance(value, list):
        return [found for number, inner in enumerate(value) for found in _keys(inner, f"{path}[{number}]")]
    return []
