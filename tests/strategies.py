"""What Hypothesis makes up."""

from datetime import timedelta

from hypothesis import strategies as st

from roles.policy import EXPIRY_CHOICES
from roles.terms import (
    CELLS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    GrantTerms,
    Named,
    Notice,
    Notices,
    SecondFactor,
    Settings,
    Stage,
)

EMAILS = st.sampled_from([f"{name}@example.com" for name in ("ada", "ben", "cleo", "d.o'hara", "é")])
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=40)
NAMES = TEXT.filter(bool)


def minutes(least: int, most: int, step: int = 1) -> st.SearchStrategy[timedelta]:
    """Durations in whole steps of minutes."""
    return st.integers(least // step, most // step).map(lambda count: timedelta(minutes=count * step))


def _named() -> st.SearchStrategy[tuple[Named, ...]]:
    one = st.one_of(
        EMAILS.map(lambda email: Named(ApproverKind.USER, email)),
        NAMES.map(lambda name: Named(ApproverKind.GROUP, name)),
        st.just(MANAGER),
    )
    return st.frozensets(one, max_size=4).map(lambda named: tuple(sorted(named)))


def _stages() -> st.SearchStrategy[tuple[Stage, ...]]:
    return st.lists(st.builds(Stage, _named(), st.integers(1, 10)), min_size=1, max_size=2).map(tuple)


def _grants(**rest: st.SearchStrategy[bool]) -> st.SearchStrategy[GrantTerms]:
    return st.builds(GrantTerms, st.booleans(), st.sampled_from(EXPIRY_CHOICES), **rest)


def _notices() -> st.SearchStrategy[Notices]:
    notice = st.builds(Notice, st.booleans(), st.lists(EMAILS, max_size=3).map(tuple), st.booleans())
    return st.lists(notice, min_size=len(CELLS), max_size=len(CELLS)).map(lambda cells: Notices(tuple(cells)))


def every_settings() -> st.SearchStrategy[Settings]:
    """Settings of every kind, sensible or not."""
    return st.builds(
        Settings,
        activation=st.builds(
            ActivationTerms,
            max_duration=minutes(30, 24 * 60, 30),
            second_factor=st.sampled_from(SecondFactor),
            needs_justification=st.booleans(),
            justification_min_length=st.integers(0, 500),
            needs_ticket=st.booleans(),
            ticket_pattern=TEXT,
            needs_approval=st.booleans(),
            decision_window=minutes(60, 168 * 60, 60),
            warning=minutes(0, 60),
        ),
        approval=st.builds(
            ApprovalTerms,
            stages=_stages(),
            reminds_at_half_time=st.booleans(),
            escalation_after=st.none() | minutes(1, 168 * 60),
            escalation=_named(),
            needs_reason=st.booleans(),
            needs_second_factor=st.booleans(),
        ),
        eligible=_grants(),
        active=_grants(needs_second_factor=st.booleans(), needs_justification=st.booleans()),
        notices=_notices(),
    )
