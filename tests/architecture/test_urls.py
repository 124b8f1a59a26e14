"""Every address, and who may open it. An address that is missing here fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Group, User
from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import RoleSet
from requests_app.operations import baskets, offers, questions
from reviews.operations import applying, closing, whole_series
from reviews.terms import Applied, Recurrence
from roles.models import Assignment, Eligibility, Role
from roles.operations import departures, groups
from tests import make, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PEOPLE = ("nobody", "stranger", "user", "approver", "auditor", "admin")
# Further kinds of people, each answered as one of those above, but for what OPENED_EXCEPT and SENT_EXCEPT say.
LIKE = {
    "group_owner": "stranger",
    "disabled": "nobody",
    "global_reader": "auditor",
    "security_administrator": "auditor",
    "privileged_role_administrator": "admin",
    "break_glass": "admin",
}
ROLES = {
    "global_reader": "Global Reader",
    "security_administrator": "Security Administrator",
    "privileged_role_administrator": "Privileged Role Administrator",
}
TO_SIGN_IN = "sign-in"
REVIEW_PAGES = (
    "review", "review_results", "review_reviewers", "review_settings", "review_history", "remind_reviewers",
    "stop_review", "stop_review_stage", "reset_review", "delete_review", "review_export",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """The people and the things addresses are about."""

    people: dict[str, User | None]
    numbers: dict[str, dict[str, Any]]

    def path(self, name: str) -> str:
        return reverse(name, kwargs=self.numbers.get(name, {}))


@pytest.fixture
def world(user: User, approver: User, stranger: User, auditor: User, admin: User) -> World:
    """One of everything: John may activate, has activated, and asks; Alva decides; the demo has written."""
    role = make.role(approvers=(approver,))
    eligibility = make.eligibility(of=user, role=role)
    role_request = make.role_request(by=user, for_=eligibility, at=NINE - 20 * MINUTE)
    question = questions.ask(make.act(by=approver, at=NINE - MINUTE), role_request, "Which mailbox?")
    activated = make.eligibility(of=user, role=make.role(name="Teams Reader", terms=make.EASY))
    activation = make.activation(by=user, of=activated, at=NINE - 10 * MINUTE)
    group = make.group(members=(stranger,))
    custom = make.role(name="Shop Operator", on=make.resource(name="Shop", below=make.resource()))
    _invited, secret = make.invitation()
    demo_person = make.user(is_demo=True)
    email = make.email(to=demo_person)
    use = make.emergency_use(of=make.break_glass())
    one = {"user_id": user.pk}
    ending = make.eligibility(of=user, role=make.role(name="User Administrator"), end_at=NINE + 9 * DAY)
    renewal = {"renewal_id": make.renewal(of=ending, by=user, at=NINE - MINUTE).pk}
    held = make.assignment(of=user, role=make.role(name="User Administrator"), end_at=NINE + 9 * DAY)
    template = {"template_id": make.template().pk}
    review = {"review_id": make.review(of=activated.role, plan=make.plan(approver), at=NINE - MINUTE).pk}
    return World(
        {
            "nobody": None,
            "stranger": stranger,
            "user": user,
            "approver": approver,
            "auditor": auditor,
            "admin": admin,
            **_further_people(group),
        },
        {
            "accept_invitation": {"secret": secret},
            "person": one,
            "issue_enrolment_code": one,
            "change_person": {**one, "verb": "disable"},
            "absence_of": one,
            "end_absence": {"absence_id": make.absence(of=approver, deputy=stranger, start_at=NINE + 9 * DAY).pk},
            "group": {"group_id": group.pk},
            "remove_member": {"group_id": group.pk, "user_id": stranger.pk},
            "remove_owner": {"group_id": group.pk, "user_id": stranger.pk},
            "delete_group": {"group_id": group.pk},
            "bring_under_roles": {"group_id": group.pk},
            "activate": {"eligibility_id": eligibility.pk},
            "favourite": {"eligibility_id": eligibility.pk},
            "basket_outcome": {"basket_id": _basket(user)},
            "delete_set": {"set_id": _role_set(user, eligibility).pk},
            "deactivate": {"assignment_id": activation.pk},
            "extend": {"assignment_id": activation.pk},
            "request": {"request_id": role_request.pk},
            "evidence": {"request_id": role_request.pk},
            "decide": {"request_id": role_request.pk, "verb": "approve"},
            "cancel": {"request_id": role_request.pk},
            "renew_eligibility": {"grant_id": ending.pk},
            "renew_assignment": {"grant_id": held.pk},
            **dict.fromkeys(("renewal", "grant_renewal", "deny_renewal", "cancel_renewal"), renewal),
            "ask": {"request_id": role_request.pk},
            "answer": {"request_id": role_request.pk, "question_id": question.pk},
            "resend": {"request_id": role_request.pk},
            "decide_many": {"verb": "approve"},
            "note_break_glass": {"use_id": use.pk},
            "role": {"role_id": role.pk},
            "edit_role": {"role_id": custom.pk},
            "retire_role": {"role_id": custom.pk},
            "delete_role": {"role_id": custom.pk},
            "resource": {"resource_id": custom.resource_id},
            "rename_resource": {"resource_id": custom.resource_id},
            "move_resource": {"resource_id": custom.resource_id},
            "delete_resource": {"resource_id": custom.resource_id},
            "add_role": {"resource_id": custom.resource_id},
            "role_settings": {"role_id": role.pk},
            "role_versions": {"role_id": role.pk},
            "revert_settings": {"role_id": role.pk},
            "export_settings": {"role_id": role.pk},
            "save_template": {"role_id": role.pk},
            "settings_template": template,
            "export_template": template,
            "apply_template": template,
            "remove_template": template,
            "eligibility": {"grant_id": eligibility.pk},
            "update_eligibility": {"grant_id": eligibility.pk},
            "convert_eligibility": {"grant_id": eligibility.pk},
            "remove_eligibility": {"grant_id": eligibility.pk},
            "assignment": {"grant_id": activation.pk},
            "update_assignment": {"grant_id": activation.pk},
            "convert_assignment": {"grant_id": activation.pk},
            "remove_assignment": {"grant_id": activation.pk},
            "update_series": {"series_id": make.series(of=role, plan=make.plan(stranger)).pk},
            **_reviews(),
            "email": {"email_id": email.pk},
            "send_again": {"email_id": email.pk},
            "mailbox_email": {"email_id": email.pk},
            "mailbox_html": {"email_id": email.pk},
            "my_review": review,
            "answer_all": review,
        },
    )


def _reviews() -> dict[str, dict[str, int]]:
    """Reviews of a role with two stages: one runs, with an answer; one has ended, to be applied; one is deleted."""
    role, before = make.role(name="Reports Reader"), NINE - 2 * HOUR
    make.eligibility(of=make.user(name="Anna"), role=role)
    rounds = make.plan(make.user()).stages * 2
    plan = make.plan(stages=rounds, recurrence=Recurrence.YEARLY)
    running, over, gone, refused = (make.review(of=role, plan=plan, at=before) for _ in range(4))
    for review in (running, over, refused):
        acts.answered(review, at=before, Anna="deny")
    for review in (over, refused):
        closing.stop(make.act(at=before), review, because="Enough")
    applying.ask(make.act(at=before), refused)
    refused.items.update(applied=Applied.REFUSED, applied_note="The last one stays.")
    applying.apply(make.act(at=before), refused.pk)
    acts.deleted(gone, before)
    hidden = make.series(of=role, plan=plan, at=before)
    whole_series.delete(make.act(at=before), hidden)
    return {
        **{name: {"review_id": running.pk} for name in REVIEW_PAGES},
        **{name: {"review_id": running.pk, "number": 1} for name in ("change_reviewers", "stop_review_stage")},
        "apply_review": {"review_id": over.pk},
        "apply_review_again": {"review_id": refused.pk},
        "restore_review": {"review_id": gone.pk},
        **{name: {"series_id": running.series_id} for name in ("review_series", "end_series", "delete_series")},
        "restore_series": {"series_id": hidden.pk},
    }


def _basket(user: User) -> UUID:
    """What John asked for together with nothing else."""
    basket = uuid4()
    line = baskets.Line(make.eligibility(of=user, role=make.role(name="Basket", terms=make.EASY)), make.ask())
    baskets.send(make.act(by=user, at=NINE - MINUTE), [line], basket=basket)
    return basket


def _role_set(user: User, eligibility: Eligibility) -> RoleSet:
    """A set of John's."""
    return offers.save_set(make.act(by=user), [eligibility], name="Monday patching")


def _further_people(group: Group) -> dict[str, User | None]:
    """Those of `LIKE`."""
    further: dict[str, User | None] = {}
    for kind, name in ROLES.items():
        further[kind] = holder = make.user()
        make.assignment(of=holder, role=Role.objects.filter(name=name).first() or make.role(name=name))
    owner, disabled = make.user(), make.administrator(email="gone@example.com")
    groups.add_owner(make.act(at=make.THE_DAY_BEFORE), group, owner)
    departures.disable(make.act(at=make.THE_DAY_BEFORE), disabled)
    glass = User.objects.filter(is_break_glass=True).first() or make.break_glass()
    return further | {"group_owner": owner, "disabled": disabled, "break_glass": glass}


def every_name(resolver: URLResolver | None = None) -> Iterator[str]:
    """The names of all addresses."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name
        else:
            yield from every_name(pattern)


# What opening a page answers to nobody, the stranger, the user, the approver, the auditor, the administrator.
EVERYBODY = (200,) * 6
SIGNED_IN = (TO_SIGN_IN, 200, 200, 200, 200, 200)
READERS = (TO_SIGN_IN, 403, 403, 403, 200, 200)
MANAGERS = (TO_SIGN_IN, 403, 403, 403, 403, 200)
ONLY_SENT_TO = (TO_SIGN_IN, 405, 405, 405, 405, 405)

OPENED: dict[str, tuple[int | str, ...]] = {
    "home": SIGNED_IN,
    # getting in
    "sign_in": (200, "/", "/", "/", "/", "/"),
    "sign_out": ONLY_SENT_TO,
    "verify": SIGNED_IN,
    "security": SIGNED_IN,
    "add_device": SIGNED_IN,
    "recovery_codes": ONLY_SENT_TO,
    "accept_invitation": EVERYBODY,
    # people
    "groups": MANAGERS,
    "group": MANAGERS,
    "remove_member": ONLY_SENT_TO,
    "remove_owner": ONLY_SENT_TO,
    "delete_group": ONLY_SENT_TO,
    "bring_under_roles": MANAGERS,
    "people": MANAGERS,
    "invite": MANAGERS,
    "person": MANAGERS,
    "issue_enrolment_code": ONLY_SENT_TO,
    "change_person": ONLY_SENT_TO,
    "break_glass": READERS,
    "note_break_glass": MANAGERS,
    # asking and deciding
    "absence": SIGNED_IN,
    "notifications": SIGNED_IN,
    "digest": READERS,
    "absence_of": MANAGERS,
    "end_absence": ONLY_SENT_TO,
    "my_roles": SIGNED_IN,
    "activate": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "favourite": ONLY_SENT_TO,
    "basket": SIGNED_IN,
    "basket_outcome": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "save_set": SIGNED_IN,
    "delete_set": ONLY_SENT_TO,
    "deactivate": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "extend": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "end_everything": SIGNED_IN,
    "my_requests": SIGNED_IN,
    "request": (TO_SIGN_IN, 404, 200, 200, 200, 200),
    "evidence": (TO_SIGN_IN, 404, 200, 200, 200, 200),
    "decide": ONLY_SENT_TO,
    "cancel": ONLY_SENT_TO,
    "ask": ONLY_SENT_TO,
    "answer": ONLY_SENT_TO,
    "resend": ONLY_SENT_TO,
    "decide_many": ONLY_SENT_TO,
    "approvals": SIGNED_IN,
    # reviewing
    "my_reviews": SIGNED_IN,
    "my_review": (TO_SIGN_IN, 404, 404, 200, 404, 404),
    "answer_all": (TO_SIGN_IN, 404, 404, 200, 404, 404),
    # keeping
    "renew_eligibility": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "renew_assignment": (TO_SIGN_IN, 404, 200, 404, 404, 404),
    "renewal": (TO_SIGN_IN, 404, 200, 404, 200, 200),
    "grant_renewal": ONLY_SENT_TO,
    "deny_renewal": ONLY_SENT_TO,
    "cancel_renewal": ONLY_SENT_TO,
    # roles
    "roles": READERS,
    "role": READERS,
    "role_settings": MANAGERS,
    "role_versions": READERS,
    "revert_settings": ONLY_SENT_TO,
    "export_settings": READERS,
    "compare_settings": READERS,
    "settings_matrix": READERS,
    "settings_templates": READERS,
    "settings_template": READERS,
    "export_template": READERS,
    "save_template": MANAGERS,
    "import_template": MANAGERS,
    "apply_template": MANAGERS,
    "remove_template": MANAGERS,
    "edit_role": MANAGERS,
    "retire_role": MANAGERS,
    "delete_role": ONLY_SENT_TO,
    "resources": READERS,
    "resource": READERS,
    "add_resource": MANAGERS,
    "rename_resource": MANAGERS,
    "move_resource": MANAGERS,
    "delete_resource": ONLY_SENT_TO,
    "add_role": MANAGERS,
    "assignments": READERS,
    "assignments_export": READERS,
    "add_assignment": MANAGERS,
    "assign_many": MANAGERS,
    "same_as_colleague": MANAGERS,
    "import_assignments": MANAGERS,
    "eligibility": READERS,
    "update_eligibility": MANAGERS,
    "convert_eligibility": MANAGERS,
    "remove_eligibility": MANAGERS,
    "assignment": READERS,
    "update_assignment": MANAGERS,
    "convert_assignment": MANAGERS,
    "remove_assignment": MANAGERS,
    # access reviews
    "add_review": MANAGERS,
    "update_series": MANAGERS,
    **dict.fromkeys(
        (
            "reviews",
            "review_coverage",
            "reviews_report",
            "review",
            "review_results",
            "review_reviewers",
            "review_settings",
            "review_history",
            "review_series",
        ),
        READERS,
    ),
    **dict.fromkeys(
        (
            "change_reviewers",
            "stop_review",
            "stop_review_stage",
            "reset_review",
            "apply_review",
            "apply_review_again",
            "delete_review",
            "restore_review",
            "end_series",
            "delete_series",
            "restore_series",
        ),
        MANAGERS,
    ),
    "review_export": ONLY_SENT_TO,
    "remind_reviewers": ONLY_SENT_TO,
    # history
    "history": READERS,
    "history_export": ONLY_SENT_TO,
    "my_history": SIGNED_IN,
    "who_could": READERS,
    "my_history_export": ONLY_SENT_TO,
    "emails": READERS,
    "email": READERS,
    "send_again": ONLY_SENT_TO,
    "send_test_email": ONLY_SENT_TO,
    # machines; the access check is asked without a role here
    "access_check": (401, 400, 400, 400, 400, 400),
    "healthz": EVERYBODY,
    "readyz": EVERYBODY,
    "health": MANAGERS,
    "metrics": (404,) * 6,
    # the demo
    "mailbox": EVERYBODY,
    "mailbox_email": EVERYBODY,
    "mailbox_html": EVERYBODY,
    "teams_admin_center": (TO_SIGN_IN, 403, 403, 403, 403, 403),
}

# A browser sends a form with nothing in it so.
EMPTY = {"csrfmiddlewaretoken": "x"}

# What an empty form answers. 400: the page, with sentences. Below 400: it was done.
READ_ONLY = (TO_SIGN_IN, 405, 405, 405, 405, 405)
READ_ONLY_FOR_ALL = (405,) * 6
MANAGED = (TO_SIGN_IN, 403, 403, 403, 403, 400)
DONE_BY_MANAGERS = (TO_SIGN_IN, 403, 403, 403, 403, 302)

SENT: dict[str, tuple[int | str, ...]] = {
    "sign_in": (401,) * 6,
    "sign_out": (TO_SIGN_IN, *["/sign-in/"] * 5),
    "verify": (TO_SIGN_IN, *[400] * 5),
    "security": (TO_SIGN_IN, *[400] * 5),
    "add_device": SIGNED_IN,
    "recovery_codes": SIGNED_IN,
    "accept_invitation": (400,) * 6,
    "groups": MANAGED,
    "group": MANAGED,
    "remove_member": DONE_BY_MANAGERS,
    "remove_owner": DONE_BY_MANAGERS,
    "delete_group": DONE_BY_MANAGERS,
    "bring_under_roles": DONE_BY_MANAGERS,
    "invite": MANAGED,
    "issue_enrolment_code": MANAGERS,
    "change_person": DONE_BY_MANAGERS,
    "note_break_glass": MANAGED,
    "absence": (TO_SIGN_IN, *[400] * 5),
    "notifications": (TO_SIGN_IN, *[400] * 5),
    "absence_of": MANAGED,
    "end_absence": (TO_SIGN_IN, 404, 404, 302, 404, 302),
    "activate": (TO_SIGN_IN, 404, 400, 404, 404, 404),
    "favourite": (TO_SIGN_IN, 404, 302, 404, 404, 404),
    "basket": (TO_SIGN_IN, *[400] * 5),
    "save_set": (TO_SIGN_IN, *[400] * 5),
    "delete_set": (TO_SIGN_IN, 404, 302, 404, 404, 404),
    "deactivate": (TO_SIGN_IN, 404, 302, 404, 404, 404),
    "extend": (TO_SIGN_IN, 404, 400, 404, 404, 404),
    "end_everything": (TO_SIGN_IN, 302, 302, 302, 302, 302),
    "renew_eligibility": (TO_SIGN_IN, 404, 400, 404, 404, 404),
    "renew_assignment": (TO_SIGN_IN, 404, 400, 404, 404, 404),
    "grant_renewal": (TO_SIGN_IN, 404, 400, 404, 400, 400),
    "deny_renewal": (TO_SIGN_IN, 404, 400, 404, 400, 400),
    "cancel_renewal": (TO_SIGN_IN, 404, 302, 404, 400, 400),
    "decide": (TO_SIGN_IN, 404, 400, 400, 400, 400),
    "cancel": (TO_SIGN_IN, 404, 302, 400, 400, 400),
    "ask": (TO_SIGN_IN, 404, 400, 400, 400, 400),
    "answer": (TO_SIGN_IN, 404, 400, 400, 400, 400),
    "resend": (TO_SIGN_IN, 404, 302, 400, 400, 400),
    "decide_many": (TO_SIGN_IN, *[400] * 5),
    "my_review": (TO_SIGN_IN, 404, 404, 400, 404, 404),
    "answer_all": (TO_SIGN_IN, 404, 404, 400, 404, 404),
    "role_settings": MANAGED,
    "revert_settings": MANAGED,
    "save_template": MANAGED,
    "import_template": MANAGED,
    "apply_template": MANAGED,
    "remove_template": MANAGED,
    "edit_role": MANAGED,
    "retire_role": MANAGED,
    "delete_role": DONE_BY_MANAGERS,
    "add_resource": MANAGED,
    "rename_resource": MANAGED,
    "move_resource": MANAGED,
    "delete_resource": DONE_BY_MANAGERS,
    "add_role": MANAGED,
    "add_assignment": MANAGED,
    "assign_many": MANAGED,
    "same_as_colleague": MANAGED,
    "import_assignments": MANAGED,
    "update_eligibility": MANAGED,
    "convert_eligibility": MANAGED,
    "remove_eligibility": MANAGED,
    "update_assignment": MANAGED,
    "convert_assignment": MANAGED,
    "remove_assignment": MANAGED,
    "add_review": MANAGED,
    "update_series": MANAGED,
    **dict.fromkeys(("change_reviewers", "stop_review", "reset_review"), MANAGED),
    **dict.fromkeys(
        (
            "remind_reviewers",
            "stop_review_stage",
            "apply_review",
            "apply_review_again",
            "delete_review",
            "restore_review",
            "end_series",
            "delete_series",
            "restore_series",
        ),
        DONE_BY_MANAGERS,
    ),
    "review_export": READERS,
    "reviews_report": (TO_SIGN_IN, 403, 403, 403, 400, 400),
    "history_export": READERS,
    "my_history_export": SIGNED_IN,
    "send_again": DONE_BY_MANAGERS,
    "send_test_email": DONE_BY_MANAGERS,
    **dict.fromkeys(
        ("access_check", "healthz", "readyz", "metrics", "mailbox", "mailbox_email", "mailbox_html"), READ_ONLY_FOR_ALL
    ),
    **dict.fromkeys(
        (
            "home",
            "people",
            "person",
            "break_glass",
            "my_roles",
            "basket_outcome",
            "my_requests",
            "renewal",
            "request",
            "evidence",
            "approvals",
            "my_reviews",
            "roles",
            "role",
            "role_versions",
            "export_settings",
            "compare_settings",
            "settings_matrix",
            "settings_templates",
            "settings_template",
            "export_template",
            "resources",
            "resource",
            "assignments",
            "assignments_export",
            "eligibility",
            "assignment",
            "health",
            "history",
            "emails",
            "email",
            "digest",
            "my_history",
            "reviews",
            "review_coverage",
            "review",
            "review_results",
            "review_reviewers",
            "review_settings",
            "review_history",
            "review_series",
            "who_could",
            "teams_admin_center",
        ),
        READ_ONLY,
    ),
}


Answers = dict[str, int | str]

# What is otherwise for one of the further kinds of people.
OPENED_EXCEPT: dict[str, Answers] = {"group_owner": {"groups": 200, "group": 200}}
SENT_EXCEPT: dict[str, Answers] = {"group_owner": {"group": 400, "remove_member": 302}}


def expected_of(person: str, table: dict[str, tuple[int | str, ...]], but: dict[str, Answers]) -> Answers:
    """What this person is answered, by address."""
    like = PEOPLE.index(LIKE.get(person, person))
    return {name: answers[like] for name, answers in table.items()} | but.get(person, {})


def answer(response: Any) -> int | str:
    """The status; where it leads elsewhere within the portal, whereto if that is one fixed page."""
    location: str = response.headers.get("Location", "")
    status: int = response.status_code
    if location.startswith("/sign-in/?next="):
        return TO_SIGN_IN
    return location if location in ("/", "/sign-in/") else status


def not_kept(response: Any) -> Any:
    """Read a download to its end, as a browser does."""
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- who


def test_every_address_is_in_the_tables():
    names = list(every_name())

    assert sorted(names) == sorted(set(names)) == sorted(OPENED) == sorted(SENT)


@pytest.mark.parametrize("person", [*PEOPLE, *LIKE])
def test_who_may_open_which_page(world, person):
    browser = visit.by(world.people[person])

    answers = {name: answer(browser.get(world.path(name))) for name in OPENED}

    assert answers == expected_of(person, OPENED, OPENED_EXCEPT)


@pytest.mark.parametrize("person", [*PEOPLE, *LIKE])
def test_who_may_send_which_form(world, person):
    somebody = world.people[person]
    answers = {}

    for name in SENT:
        untouched = transaction.savepoint()
        answers[name] = answer(visit.by(somebody).post(world.path(name), EMPTY))
        transaction.savepoint_rollback(untouched)

    assert answers == expected_of(person, SENT, SENT_EXCEPT)


def test_every_page_that_asks_for_sign_in_leads_back_afterwards(world):
    asking = [name for name, expected in OPENED.items() if expected[0] == TO_SIGN_IN]

    locations = {name: Client().get(world.path(name)).headers["Location"] for name in asking}

    assert locations == {name: f"/sign-in/?next={world.path(name)}" for name in asking}


@pytest.mark.parametrize("verb", ["put", "patch", "delete", "trace"])
def test_no_page_takes_any_other_verb(world, verb):
    browser = visit.by(world.people["admin"])

    answers = {name: browser.generic(verb.upper(), world.path(name)).status_code for name in OPENED}

    assert answers == dict.fromkeys(OPENED, 405)


# --- reading changes nothing


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but the sessions'."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.model_name != "session"]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """The rows that are there now and were not so before."""
    assert {table: len(rows) for table, rows in before.items()}.keys() == after.keys()
    news = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}
    gone = {table: [row for row in rows if row not in after[table]] for table, rows in before.items()}
    assert not any(gone.values()), gone
    return {table: rows for table, rows in news.items() if rows}


@pytest.mark.parametrize(
    ("person", "verb"),
    [
        *((person, "get") for person in ("nobody", "user", "approver", "admin")),
        *((person, verb) for person in ("approver", "admin") for verb in ("head", "options")),
    ],
)
def test_opening_a_page_changes_nothing_whoever_opens_it(world, person, verb):
    browser = visit.by(world.people[person])
    before = everything()

    for name in OPENED:
        if name != "add_device":
            not_kept(getattr(browser, verb)(world.path(name)))

    assert changed(before, everything()) == {}


def test_only_the_page_with_the_secret_of_a_new_device_makes_one_that_counts_for_nothing_yet(world):
    browser = visit.by(world.people["approver"])
    before = everything()

    for _ in range(2):
        browser.get(world.path("add_device"))

    news = changed(before, everything())
    assert {table: len(rows) for table, rows in news.items()} == {"otp_totp.TOTPDevice": 1}
    assert apps.get_model("otp_totp.TOTPDevice").objects.get().confirmed is False


# --- headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def headers(response: Any) -> dict[str, Any]:
    """What an answer says about how it may be used."""
    cached = response.headers["Cache-Control"]
    return {
        "Content-Security-Policy": sorted(response.headers["Content-Security-Policy"].split("; ")),
        "no-store": "no-store" in cached and "private" in cached and "public" not in cached,
        **{
            name: response.headers[name]
            for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
        },
    }


@pytest.mark.parametrize("person", ["nobody", "user", "admin"])
def test_every_answer_says_how_it_may_be_used(world, person):
    browser = visit.by(world.people[person])
    addresses = {name: world.path(name) for name in OPENED if name != "mailbox_html"} | {"nowhere": "/nowhere/"}

    found = {name: headers(browser.get(path)) for name, path in addresses.items()}

    safe = {
        "Content-Security-Policy": sorted(POLICY.split("; ")),
        "no-store": True,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert found == dict.fromkeys(addresses, safe)


def test_no_page_holds_a_script_or_a_style_of_its_own(world):
    browser = visit.by(world.people["admin"])
    pages = {name: browser.get(world.path(name)) for name in OPENED if name != "mailbox_html"}

    found = {
        name: [one.tag for one in visit.html(page).all("script", "style") if one.raw or "src" not in one.attributes]
        + [word for word in (" style=", " onclick=", " onload=", "javascript:") if word in page.content.decode()]
        for name, page in pages.items()
        if page.headers.get("Content-Type", "").startswith("text/html") and not page.streaming
    }

    assert {name: inside for name, inside in found.items() if inside} == {}


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(user):
    browser = Client()

    browser.post("/sign-in/", {"username": user.email, "password": make.PASSWORD})

    assert [(name, cookie["httponly"], cookie["samesite"]) for name, cookie in sorted(browser.cookies.items())] == [
        ("csrf", True, "Lax"),
        ("session", True, "Lax"),
    ]


# --- forms from elsewhere


def test_a_form_without_the_token_of_its_page_is_refused_everywhere(world):
    browser = visit.by(world.people["admin"], enforce_csrf_checks=True)
    before = everything()

    answers = {}
    for name in SENT:
        response = browser.post(world.path(name), {})
        answers[name] = (response.status_code, visit.title(response))

    assert answers == dict.fromkeys(SENT, (403, "This form was opened too long ago"))
    assert changed(before, everything()) == {}


# --- powers go with the assignment


def test_pages_close_the_moment_the_role_ends(world):
    browser = visit.by(world.people["admin"])
    Assignment.objects.filter(user=world.people["admin"]).update(end_at=NINE)

    closing = [name for name, expected in OPENED.items() if expected in (READERS, MANAGERS)]
    answers = {name: browser.get(world.path(name)).status_code for name in closing}

    assert answers == dict.fromkeys(closing, 403)
