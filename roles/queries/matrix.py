"""All roles and the settings that matter, on one page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kernel.period import HOUR, in_words
from roles.documents import named_words, yes_or_no
from roles.models import Role
from roles.queries.settings import by_label, defaults_of, label
from roles.terms import CELLS, DEFAULTS, ApproverKind, Named, SecondFactor, Settings


@dataclass(frozen=True)
class Column:
    """One setting: in as few words as a column bears, and what it is called elsewhere."""

    head: str
    title: str
    word: Callable[[Settings], str]


@dataclass(frozen=True)
class Cell:
    """One setting of one role. `default` is what the role came with."""

    word: str
    default: str

    @property
    def deviates(self) -> bool:
        """Whether somebody set it otherwise."""
        return self.word != self.default


@dataclass(frozen=True)
class MatrixRow:
    """One role."""

    role: Role
    label: str
    cells: list[Cell]
    deviations: int


@dataclass(frozen=True)
class Matrix:
    """What the page shows."""

    columns: tuple[Column, ...]
    rows: list[MatrixRow]


SECOND_FACTOR = {SecondFactor.NONE: "no", SecondFactor.SHOWN: "yes", SecondFactor.FRESH: "fresh"}


def _justification(one: Settings) -> str:
    if not one.activation.needs_justification:
        return "no"
    length = one.activation.justification_min_length
    return f"from {length} characters" if length else "yes"


def _ticket(one: Settings) -> str:
    if not one.activation.needs_ticket:
        return "no"
    return one.activation.ticket_pattern or "yes"


def _approval(one: Settings) -> str:
    if not one.activation.needs_approval:
        return "no"
    return " + ".join(str(stage.quorum) for stage in one.approval.stages)


def _approvers(one: Settings) -> str:
    return ", then ".join(_few_words(stage.approvers) for stage in one.approval.stages)


def _few_words(named: tuple[Named, ...]) -> str:
    """One name stands for itself, more are counted."""
    if len(named) == 1:
        return named_words(named)
    kinds = [one.kind for one in named]
    people, groups = kinds.count(ApproverKind.USER), kinds.count(ApproverKind.GROUP)
    words = [
        f"{people} {'person' if people == 1 else 'people'}" if people else "",
        f"{groups} {'group' if groups == 1 else 'groups'}" if groups else "",
        "manager" if ApproverKind.MANAGER in kinds else "",
    ]
    return ", ".join(word for word in words if word) or "administrators"


def _escalation(one: Settings) -> str:
    return f"after {in_words(one.approval.escalation_after)}" if one.approval.escalation_after else "never"


def _notices(one: Settings) -> str:
    count = sum(now != before for now, before in zip(one.notices.cells, DEFAULTS.notices.cells, strict=True))
    return f"{count} of {len(CELLS)} changed" if count else "default"


COLUMNS = (
    Column("Longest", "Activation maximum duration", lambda one: in_words(one.activation.max_duration)),
    Column(
        "Second factor",
        "Second factor required on activation",
        lambda one: SECOND_FACTOR[one.activation.second_factor],
    ),
    Column("Reason", "Justification required on activation", _justification),
    Column("Ticket", "Ticket required on activation", _ticket),
    Column("Approvals", "Approvals needed to activate", _approval),
    Column("Approvers", "Who approves, if approval is needed", _approvers),
    Column("Time to decide", "Time to decide", lambda one: f"{one.activation.decision_window // HOUR} h"),
    Column("Escalates", "Escalation to further approvers", _escalation),
    Column(
        "Permanent eligible",
        "Permanent eligible assignment allowed",
        lambda one: yes_or_no(one.eligible.permanent_allowed),
    ),
    Column("Eligible for", "Expire eligible assignments after", lambda one: in_words(one.eligible.max_duration)),
    Column(
        "Permanent active", "Permanent active assignment allowed", lambda one: yes_or_no(one.active.permanent_allowed)
    ),
    Column("Active for", "Expire active assignments after", lambda one: in_words(one.active.max_duration)),
    Column(
        "Assigner's second factor",
        "Second factor required of whoever assigns active",
        lambda one: yes_or_no(one.active.needs_second_factor),
    ),
    Column(
        "Assigner's reason",
        "Justification required of whoever assigns active",
        lambda one: yes_or_no(one.active.needs_justification),
    ),
    Column("Emails", "Emails changed from the default", _notices),
)


def matrix(roles: Iterable[Role], *, only_deviating: bool = False) -> Matrix:
    """These roles in all columns; with their settings and approvers read along, no query more."""
    rows = [_row(role) for role in by_label(roles)]
    return Matrix(COLUMNS, [row for row in rows if row.deviations or not only_deviating])


def _row(role: Role) -> MatrixRow:
    now, before = role.policy.settings(), defaults_of(role)
    cells = [Cell(column.word(now), column.word(before)) for column in COLUMNS]
    return MatrixRow(role, label(role), cells, sum(cell.deviates for cell in cells))
