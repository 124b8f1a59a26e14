"""What is written down for ever has to be unique, known and total."""

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from audit.events import KINDS, Event
from kernel.lifecycle import Lifecycle
from pimportal import duties
from roles.queries import due
from tests.make import NINE

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "audit", "kernel", "notifications", "pimportal", "requests_app", "reviews", "roles")
TASK = re.compile(r"(?:\w+\.)+tasks\.\w+")
SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def every_event() -> list[type[Event]]:
    for app in APPS:
        if (ROOT / app / "events.py").exists():
            importlib.import_module(f"{app}.events")
    return [kind for kind in KINDS.values() if kind.__module__.split(".")[0] in APPS]


def strings() -> set[str]:
    """Every plain string in the code."""
    nodes = (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text())))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


# --- events


@pytest.mark.parametrize("event", every_event(), ids=lambda event: event.kind)
def test_every_kind_of_event_has_a_name_for_ever_and_words_for_people(event):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.kind)
    assert len(event.kind) <= 60
    assert re.fullmatch(r"[A-Z][^.]+", event.label)


def test_no_two_events_are_called_the_same():
    events = every_event()
    defined = {cls for cls in Event.__subclasses__() if cls.__module__.split(".")[0] in APPS}

    assert len({event.kind for event in events}) == len({event.label for event in events}) == len(events)
    assert set(events) == defined


def test_kinds_that_were_written_down_are_never_renamed():
    """Kinds may be added here, never changed: the history holds them."""
    assert sorted(event.kind for event in every_event()) == [
        "absence.announced",
        "absence.ended",
        "assignment.converted",
        "assignment.ended",
        "assignment.made",
        "assignment.removed",
        "assignment.updated",
        "break_glass.alarmed",
        "break_glass.made",
        "break_glass.noted",
        "catalogue.loaded",
        "clock.put_right",
        "eligibility.assigned",
        "eligibility.converted",
        "eligibility.ended",
        "eligibility.removed",
        "eligibility.updated",
        "email.sent_again",
        "email.tested",
        "group.brought_under_roles",
        "group.deleted",
        "group.made",
        "group.member_added",
        "group.member_removed",
        "group.owner_added",
        "group.owner_removed",
        "history.archived",
        "history.contradicted",
        "history.exported",
        "person.added",
        "person.disabled",
        "person.emails_chosen",
        "person.enabled",
        "person.enrolment_code_issued",
        "person.enrolment_code_refused",
        "person.invitation_accepted",
        "person.invited",
        "person.sign_in_blocked",
        "person.sign_in_failed",
        "person.signed_in",
        "person.signed_out",
        "renewal.asked",
        "renewal.cancelled",
        "renewal.denied",
        "renewal.granted",
        "renewal.lapsed",
        "renewal.timed_out",
        "request.approved",
        "request.cancelled",
        "request.denied",
        "request.escalated",
        "request.handed_over",
        "request.lapsed",
        "request.made",
        "request.nobody_available",
        "request.question_answered",
        "request.question_asked",
        "request.reminded",
        "request.resent",
        "request.stranded",
        "request.timed_out",
        "resource.added",
        "resource.deleted",
        "resource.moved",
        "resource.renamed",
        "review.answered",
        "review.applied",
        "review.apply_asked",
        "review.changed",
        "review.deleted",
        "review.exported",
        "review.finished",
        "review.item_applied",
        "review.planned",
        "review.reminded",
        "review.reset",
        "review.restored",
        "review.reviewers_changed",
        "review.series_ended",
        "review.skipped",
        "review.stage_ended",
        "review.started",
        "review.stopped",
        "role.activated",
        "role.activation_called_off",
        "role.activation_ended",
        "role.activation_extended",
        "role.activation_revoked",
        "role.activation_shortened",
        "role.activation_started",
        "role.added",
        "role.deactivated",
        "role.deleted",
        "role.edited",
        "role.retired",
        "second_factor.added",
        "second_factor.recovery_codes_made",
        "second_factor.refused",
        "second_factor.shown",
        "settings.changed",
        "template.applied",
        "template.made",
        "template.removed",
        "template.replaced",
    ]


# --- tasks


@pytest.mark.parametrize("name", sorted(filter(TASK.fullmatch, strings())))
def test_every_task_named_in_a_string_is_there(name):
    assert callable(import_string(name))


def test_every_task_named_in_a_string_is_a_duty_so_that_health_shows_when_it_was_done():
    assert set(filter(TASK.fullmatch, strings())) - set(duties.BY_TASK) == {"pimportal.tasks.canary"}


@pytest.mark.parametrize("name", [duty.task for duty in duties.DUTIES])
def test_every_duty_is_a_task(name):
    assert TASK.fullmatch(name)
    assert callable(import_string(name))


def test_every_kind_of_due_thing_has_its_task(db):
    assert all(callable(import_string(f"roles.tasks.{task}")) for task in due.due(NINE))
    assert len(due.due(NINE)) == 6


# --- lifecycles


def lifecycles() -> list[Lifecycle]:
    modules = [importlib.import_module(f"{app}.lifecycle") for app in APPS if (ROOT / app / "lifecycle.py").exists()]
    return [thing for module in modules for thing in vars(module).values() if isinstance(thing, Lifecycle)]


@pytest.mark.parametrize("lifecycle", lifecycles(), ids=lambda lifecycle: f"from-{lifecycle.start}")
def test_every_table_of_moves_is_total_and_everything_in_it_can_be_reached(lifecycle):
    reached, ahead = set(), {lifecycle.start}
    while ahead:
        reached |= ahead
        ahead = {after for before in ahead for after in lifecycle.moves[before]} - reached

    assert reached == set(lifecycle.moves)
    assert lifecycle.final != ()
