"""A table of assignments, as text: read line by line, every mistake with its line number."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from django import forms
from django.utils import timezone

from accounts.act import Act
from accounts.models import Group, User
from kernel.csv import plain
from roles.policy import GrantAsk, Kind
from roles.queries import giving, principals
from roles.queries.assignments import IMPORTED, TOLD
from roles.queries.giving import Wish
from roles.queries.named import Catalogue, UnknownError

T = TypeVar("T")

MOST_LINES = 500
MOST_BYTES = 200_000
LONGEST_REASON = 2000
NEEDED = ("member", "role", "type")
EXAMPLE = """member,role,scope,type,start,end,justification
user@example.com,Teams Administrator,,eligible,,permanent,Collaboration engineer
Night shift,Exchange Administrator,Directory,active,2027-01-04T08:00,2027-06-30T18:00,Project Falcon
"""


class TableError(Exception):
    """The text is no table of assignments at all. Says what to do."""


@dataclass(frozen=True)
class Line:
    """One line of the table, by its column names; `number` counts from the top of the text."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return plain(self.cells.get(column, "")).strip()


@dataclass(frozen=True)
class Numbered:
    """Something to be given, and the line that says so."""

    number: int
    wish: Wish


class ImportForm(forms.Form):
    """A table of assignments: pasted, or as a file."""

    text = forms.CharField(
        label="Paste the table",
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
    )
    file = forms.FileField(label="Or choose a file", required=False, help_text="CSV, at most 500 lines and 200 kB.")

    def __init__(self, *args: object, act: Act, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.act = act
        self.numbered: list[Numbered] = []

    def clean(self) -> None:
        """Read the table, pasted or out of the file; every line has to be right."""
        if self.errors:
            return
        try:
            self.cleaned_data["text"] = text = self._text()
            lines = list(read(text))
        except TableError as error:
            self.add_error("text", str(error))
            return
        self.numbered, mistakes = understood(lines, self.act)
        for number, sentence in sorted(mistakes):
            self.add_error("text", f"Line {number}: {sentence}")

    def _text(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return str(self.cleaned_data["text"])
        if file.size > MOST_BYTES:
            raise TableError(f"The file has {file.size} bytes. Import at most {MOST_BYTES} at once.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TableError("The file is not text in UTF-8. Save it as “CSV UTF-8”, then choose it again.") from error
        if "\x00" in text:
            raise TableError("The file is not text. Save it as “CSV UTF-8”, then choose it again.")
        return text

    def wishes(self) -> list[Wish]:
        """What the table says, once all of it is right."""
        return [numbered.wish for numbered in self.numbered]


def read(text: str) -> Iterator[Line]:
    """The lines below the head. Raises `TableError` for what is no table of assignments."""
    text = text.removeprefix("\ufeff")
    head = text.lstrip("\r\n").partition("\n")[0]
    table = csv.reader(io.StringIO(text), delimiter=";" if ";" in head and "," not in head else ",", strict=True)
    columns: list[str] = []
    count, first = 0, 1
    try:
        for cells in table:
            number, first = first, table.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells)
                continue
            count += 1
            if count > MOST_LINES:
                raise TableError(f"There are more than {MOST_LINES} lines. Import at most {MOST_LINES} at once.")
            yield _line(number, columns, cells)
    except csv.Error as error:
        raise TableError(f"Line {first}: a quotation mark is not closed, or stands where none may.") from error
    if not count:
        raise TableError("There is no line below the head. Paste a table, or choose a file.")


def _columns(cells: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    if missing := [name for name in NEEDED if name not in columns]:
        raise TableError(f"The first line has to name the columns. Missing: {', '.join(missing)}.")
    if unknown := [name for name in columns if name not in (*IMPORTED, *TOLD)]:
        raise TableError(f"There is no column {', '.join(unknown)}. The columns are {', '.join(IMPORTED)}.")
    if len(set(columns)) != len(columns):
        raise TableError("A column stands there twice. Name each once.")
    return columns


def _line(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) > len(columns):
        sentence = f"Line {number}: there are {len(cells)} cells, and {len(columns)} columns."
        raise TableError(f"{sentence} Put text with commas in quotation marks.")
    return Line(number, dict(zip(columns, cells, strict=False)))


def understood(lines: list[Line], act: Act) -> tuple[list[Numbered], set[tuple[int, str]]]:
    """What the lines ask for, and every mistake and refusal with its line number."""
    reader = Reader(lines, act.at)
    numbered = [Numbered(line.number, wish) for line in lines if (wish := reader.wish(line))]
    mistakes = set(reader.mistakes)
    refusals = giving.refusals(act, [one.wish for one in numbered])
    for one, refused in zip(numbered, refusals, strict=True):
        mistakes |= {(one.number, refusal.sentence) for refusal in refused}
    return numbered, mistakes


class Reader:
    """Turns lines into wishes, and collects what is wrong with them."""

    def __init__(self, lines: list[Line], at: datetime) -> None:
        said = dict.fromkeys(line["member"] for line in lines if line["member"])
        self.members, self.catalogue, self.at = principals.who(list(said)), Catalogue(), at
        self.mistakes: list[tuple[int, str]] = []

    def wish(self, line: Line) -> Wish | None:
        """What one line asks for; None if anything is wrong with it."""
        before = len(self.mistakes)
        self._check(line)
        member = self._member(line) if line["member"] else None
        found = self._tried(line, lambda: self.catalogue.find(line["role"], line["scope"])) if line["role"] else None
        start_at = self._tried(line, lambda: moment(line["start"], "start"))
        end_at = self._tried(line, lambda: moment(line["end"], "end"))
        if len(self.mistakes) > before or member is None or found is None:
            return None
        # In an exported table most have begun. What has begun elsewhere begins here now.
        ask = GrantAsk(max(start_at or self.at, self.at), end_at, line["justification"])
        return Wish(found[0], member, found[1], Kind(line["type"].lower()), ask)

    def _member(self, line: Line) -> User | Group | None:
        found = self.members[line["member"]]
        if isinstance(found, str):
            self._wrong(line, found)
            return None
        return found

    def _check(self, line: Line) -> None:
        for column in NEEDED:
            if not line[column]:
                self._wrong(line, f"{column} is empty.")
        if line["type"] and line["type"].lower() not in list(Kind):
            self._wrong(line, f"the type {line['type']} is neither eligible nor active.")
        if line["state"].lower() == "activated":
            self._wrong(line, "this was activated from an eligibility. Leave the line out.")
        if len(line["justification"]) > LONGEST_REASON:
            self._wrong(line, f"the justification is longer than {LONGEST_REASON} characters.")

    def _tried(self, line: Line, find: Callable[[], T]) -> T | None:
        try:
            return find()
        except UnknownError as error:
            self._wrong(line, str(error))
            return None

    def _wrong(self, line: Line, sentence: str) -> None:
        self.mistakes.append((line.number, sentence))


def moment(text: str, name: str) -> datetime | None:
    """A time in ISO 8601, in the person's zone unless it names one; None for nothing, or permanent."""
    if not text or (name == "end" and text.lower() == "permanent"):
        return None
    try:
        said = datetime.fromisoformat(text)
        return (said if said.tzinfo else timezone.make_aware(said)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnknownError(f"{text} is not a time. Write the {name} as 2027-01-31T18:00.") from error
