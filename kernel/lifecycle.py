"""A table of moves: which status may follow which."""

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Lifecycle:
    """Statuses and the moves between them. A status without a move is final."""

    start: str
    moves: Mapping[str, Set[str]]

    def allows(self, before: str, after: str) -> bool:
        """Whether a thing in status `before` may become `after`."""
        return after in self.moves[before]

    def before(self, after: str) -> tuple[str, ...]:
        """The statuses from which `after` can be reached: the condition of a conditional update."""
        return tuple(status for status, nexts in self.moves.items() if after in nexts)

    @property
    def final(self) -> tuple[str, ...]:
        """The statuses that have no way out."""
        return tuple(status for status, nexts in self.moves.items() if not nexts)
