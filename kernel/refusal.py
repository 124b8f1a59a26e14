"""No is a value: what is refused, in a sentence that says what to do."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Refusal:
    """One reason why something may not be done.

    `code` names the rule, `sentence` is shown to the person as it stands, `field` is the form's field, if any.
    `is_conflict` where nothing is wrong with what was sent, but something else happened first.
    """

    code: str
    sentence: str
    field: str | None = None
    is_conflict: bool = False


class Refused(Exception):
    """An operation was refused. Carries every reason, never only the first."""

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise ValueError("a refusal needs a reason")
        self.refusals = refusals
        super().__init__(" ".join(refusal.sentence for refusal in refusals))

    @property
    def codes(self) -> tuple[str, ...]:
        """The names of the rules that refused, in the order they were asked."""
        return tuple(refusal.code for refusal in self.refusals)

    @property
    def status(self) -> int:
        """What HTTP answers: 409 where somebody was faster, 400 where what was sent is to be mended."""
        return 409 if any(refusal.is_conflict for refusal in self.refusals) else 400


def refuse_if_any(*groups: list[Refusal]) -> None:
    """Raise `Refused` with the refusals of all groups; return quietly only if there are none."""
    refusals = [refusal for group in groups for refusal in group]
    if refusals:
        raise Refused(*refusals)


class ShowsErrors(Protocol):
    """A form, as far as refusals care."""

    @property
    def fields(self) -> Container[str]: ...
    def add_error(self, field: str | None, error: Any) -> None: ...


def show_on(form: ShowsErrors, refused: Refused) -> None:
    """Put each sentence beside the field it is about, and above the form where it is about none of them."""
    for refusal in refused.refusals:
        field = refusal.field if refusal.field is not None and refusal.field in form.fields else None
        form.add_error(field, refusal.sentence)
