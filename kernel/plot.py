"""Where the bars of a plot stand. Pure: a template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 400, 160
TOP, BOTTOM = 22, 24
"""Room for the numbers above the bars, and for the words below them."""

MOST_WIDE = 40


@dataclass(frozen=True)
class Bar:
    """One bar, in units of the plot; `middle` is where its words are centred, `above` where its number stands."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float
    is_marked: bool = False

    @property
    def middle(self) -> float:
        """Half of its width from its left."""
        return round(self.x + self.width / 2, 1)

    @property
    def above(self) -> float:
        """A little over its upper end."""
        return self.y - 6


def bars(values: Sequence[tuple[str, int]], *, marked: str = "") -> list[Bar]:
    """Bars beside each other, the highest as high as there is room; none at all where there is nothing."""
    if not values:
        return []
    room, most = WIDTH / len(values), max(max(value for _label, value in values), 1)
    width = min(room * 0.7, MOST_WIDE)
    found = []
    for place, (label, value) in enumerate(values):
        height = round((HEIGHT - TOP - BOTTOM) * value / most, 1)
        x = round(place * room + (room - width) / 2, 1)
        y = round(HEIGHT - BOTTOM - height, 1)
        found.append(Bar(label, value, x, y, round(width, 1), height, label == marked))
    return found


def shares(values: Sequence[int]) -> list[float]:
    """Each as a part of the greatest, in percent."""
    most = max([*values, 1])
    return [round(100 * value / most, 1) for value in values]


def strip(values: Sequence[int]) -> list[tuple[float, float]]:
    """Parts of a whole one after the other, in percent: where each begins, and how wide it is."""
    whole, place, found = max(sum(values), 1), 0.0, []
    for value in values:
        width = 100 * value / whole
        found.append((round(place, 2), round(width, 2)))
        place += width
    return found
