"""Who may do what: every operation, and every kind of person. A new operation that is missing here fails."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import Group, User
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from requests_app.operations import activation as asking
from requests_app.operations import approval, extension, offers, questions, renewals, waiting
from requests_app.operations.renewals import Given
from reviews.operations import (
    answers,
    applying,
    closing,
    deleting,
    exports,
    reminding,
    resetting,
    reviewers,
    series,
    whole_series,
)
from reviews.terms import Applied, Silence, Verdict
from roles.models import Resource
from roles.operations import (
    absences,
    activation,
    administrators,
    amendments,
    batches,
    custom_roles,
    departures,
    emails,
    grants,
    groups,
    resources,
    settings,
    templates,
    versions,
)
from roles.policy import GrantAsk, Kind
from roles.queries.giving import Wish
from roles.terms import DEFAULTS
from tests import make
from tests.make import IN_30_DAYS, NINE
from tests.reviews import acts

pytestmark = pytest.mark.django_db

PACKAGES = ("accounts.operations", "roles.operations", "requests_app.operations", "reviews.operations")
BY_ROLE = {
    "global_reader": "Global Reader",
    "security_reader": "Security Reader",
    "security_administrator": "Security Administrator",
    "privileged_role_administrator": "Privileged Role Administrator",
    "global_administrator": "Global Administrator",
}
# In the order of the columns below.
PEOPLE = (
    "nobody_special", "eligible", "approver", "group_owner", "global_reader", "security_reader",
    "security_administrator", "privileged_role_administrator", "global_administrator", "break_glass",
    "disabled_administrator", "the_portal",
)  # fmt: skip
DONE = "done"


def row(refused: str, **but: str) -> dict[str, str]:
    """One code of refusal for everybody but those named."""
    return {**dict.fromkeys(PEOPLE, refused), **but}


MANAGERS = dict.fromkeys(("privileged_role_administrator", "global_administrator", "break_glass", "the_portal"), DONE)
MANAGED = row("power", **MANAGERS)

# What each operation answers to each kind of person: done, or the code of the refusal.
CHECKED: dict[str, dict[str, str]] = {
    "roles.operations.grants.make_eligible": MANAGED,
    "roles.operations.grants.assign": MANAGED,
    "roles.operations.grants.remove_eligibility": MANAGED,
    "roles.operations.grants.remove_assignment": MANAGED,
    "roles.operations.amendments.update": MANAGED,
    "roles.operations.amendments.convert": MANAGED,
    "roles.operations.batches.give": MANAGED,
    "roles.operations.settings.change": MANAGED,
    "roles.operations.versions.revert": MANAGED,
    "roles.operations.templates.save": MANAGED,
    "roles.operations.templates.remove": MANAGED,
    "roles.operations.templates.apply": MANAGED,
    "roles.operations.resources.add": MANAGED,
    "roles.operations.resources.rename": MANAGED,
    "roles.operations.resources.move": MANAGED,
    "roles.operations.resources.delete": MANAGED,
    "roles.operations.custom_roles.add": MANAGED,
    "roles.operations.custom_roles.edit": MANAGED,
    "roles.operations.custom_roles.retire": MANAGED,
    "roles.operations.custom_roles.delete": MANAGED,
    "roles.operations.groups.make": MANAGED,
    "roles.operations.groups.add_member": {**MANAGED, "group_owner": DONE},
    "roles.operations.groups.add_owner": MANAGED,
    "roles.operations.groups.remove_owner": MANAGED,
    "roles.operations.groups.delete": MANAGED,
    "roles.operations.groups.bring_under_roles": MANAGED,
    "roles.operations.departures.leave_group": {**MANAGED, "group_owner": DONE},
    "roles.operations.departures.disable": MANAGED,
    "roles.operations.absences.announce": {**MANAGED, "eligible": DONE},
    "roles.operations.absences.end": {**MANAGED, "eligible": DONE},
    "roles.operations.emails.send_again": MANAGED,
    "roles.operations.emails.send_test": {**MANAGED, "the_portal": "a person"},
    "roles.operations.administrators.note": {**MANAGED, "break_glass": "oneself", "the_portal": "a person"},
    "roles.operations.administrators.make": row("console", the_portal=DONE),
    "reviews.operations.applying.ask": MANAGED,
    "reviews.operations.applying.again": MANAGED,
    "reviews.operations.closing.stop": MANAGED,
    "reviews.operations.closing.stop_stage": MANAGED,
    "reviews.operations.reminding.remind": MANAGED,
    "roles.operations.activation.deactivate": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.activation.submit": row("not_eligible", eligible=DONE, the_portal="a person"),
    "requests_app.operations.offers.mark": row("not_eligible", eligible=DONE, the_portal="a person"),
    "requests_app.operations.offers.save_set": row("not_eligible", eligible=DONE, the_portal="a person"),
    "requests_app.operations.offers.delete_set": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.activation.cancel": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.renewals.ask": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.renewals.cancel": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.renewals.grant": {**MANAGED, "eligible": "own_request", "the_portal": "a person"},
    "requests_app.operations.renewals.deny": {**MANAGED, "eligible": "own_request", "the_portal": "a person"},
    "requests_app.operations.extension.extend": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.approval.approve": row(
        "no_approver", eligible="own_request", approver=DONE, the_portal="a person"
    ),
    "requests_app.operations.approval.deny": row(
        "no_approver", eligible="own_request", approver=DONE, the_portal="a person"
    ),
    "requests_app.operations.questions.ask": row(
        "no_approver", eligible="own_request", approver=DONE, the_portal="a person"
    ),
    "requests_app.operations.questions.answer": row("not_yours", eligible=DONE, the_portal="a person"),
    "requests_app.operations.waiting.resend": row("not_yours", eligible=DONE, the_portal="a person"),
    "reviews.operations.exports.export": row(
        "power",
        **MANAGERS,
        **dict.fromkeys(("global_reader", "security_reader", "security_administrator"), DONE),
    ),
    **dict.fromkeys(
        (
            "reviews.operations.series.plan",
            "reviews.operations.series.change",
            "reviews.operations.resetting.reset",
            "reviews.operations.reviewers.change",
            "reviews.operations.deleting.delete",
            "reviews.operations.deleting.restore",
            "reviews.operations.whole_series.end",
            "reviews.operations.whole_series.delete",
            "reviews.operations.whole_series.restore",
        ),
        MANAGED,
    ),
    **{
        f"reviews.operations.answers.{verb}": row(
            "not_yours", eligible="own_line", approver=DONE, the_portal="a person"
        )
        for verb in ("answer", "answer_each", "follow_recommendations")
    },
}

ITS_PAGE = "its page asks for people.manage: tests/architecture/test_urls.py"
ABOVE = "the operation of roles that does it asks first: tests/architecture/test_departures.py"
ONESELF = "whoever is signed in does it to themselves"
WORKER = "the worker does it, for whatever is due; it changes nothing else"
PART = "a part of other operations, which ask first; no page reaches it"
PURE = "asks, and changes nothing"
CONSOLE = "a command on the console does it"

# Those that do not ask who acts, and why they need not.
NOT_CHECKED: dict[str, str] = {
    **{f"accounts.operations.groups.{verb}": ABOVE for verb in
       ("make", "add", "remove", "add_owner", "remove_owner", "delete")},
    "accounts.operations.people.disable": ABOVE,
    **{f"accounts.operations.people.{verb}": ITS_PAGE for verb in
       ("invite", "invite_again", "issue_enrolment_code", "enable")},
    "accounts.operations.people.accept_invitation": "whoever holds the secret of the link",
    "accounts.operations.people.add": PART,
    "accounts.operations.people.choose_time_zone": ONESELF,
    "accounts.operations.mail.choose": ONESELF,
    "accounts.operations.mail.send_daily_digest": WORKER,
    "roles.operations.weekly.send": WORKER,
    "reviews.operations.applying.apply": WORKER,
    "reviews.operations.applying.begin": PART,
    "reviews.operations.taking.take_all": PART,
    "reviews.operations.closing.hand_on": WORKER,
    "reviews.operations.closing.close": WORKER,
    "reviews.operations.reviewers.fall_back": WORKER,
    "accounts.operations.codes.issue": PART,
    "accounts.operations.codes.check_enrolment": ONESELF,
    **{f"accounts.operations.second_factor.{verb}": ONESELF for verb in
       ("show", "propose", "take_permit", "add", "make_recovery_codes")},
    "accounts.operations.sign_in.succeeded": ONESELF,
    "accounts.operations.sign_in.failed": "whoever tries to sign in",
    "accounts.operations.sign_in.blocked": "whoever tries to sign in",
    "accounts.operations.sign_in.ended": ONESELF,
    "accounts.operations.sign_in.note_emergency": PART,
    "roles.operations.catalogue.load": CONSOLE,
    **{f"roles.operations.activation.{verb}": PART for verb in
       ("begin", "call_off", "end_now", "end_what_is_lost", "ending_membership")},
    "roles.operations.activation.may_deactivate": PURE,
    **{f"roles.operations.activation.{verb}": WORKER for verb in
       ("tell_start", "warn", "end_lapsed", "tell_assignment_end", "tell_eligibility_end")},
    **{f"roles.operations.endings.{verb}": WORKER for verb in ("tell_assignments", "tell_eligibilities")},
    "roles.operations.endings.note": PART,
    "requests_app.operations.starting.start_many": WORKER,
    "roles.operations.administrators.alarm": WORKER,
    "roles.operations.administrators.remind_of_drills": WORKER,
    **{f"roles.operations.grants.{verb}": PART for verb in
       ("create", "create_eligibility", "create_assignment", "record_made", "guarded", "take_away",
        "revoke_activations")},
    **{f"roles.operations.grants.{verb}": PURE for verb in ("refusals_of", "removable", "too_early")},
    "roles.operations.guard.administrators_stay": PART,
    "roles.operations.guard.somebody_stays": PART,
    "roles.operations.guard.only_active": PURE,
    "roles.operations.resources.may_move": PURE,
    "roles.operations.settings.check": PURE,
    **{f"requests_app.operations.granting.{verb}": PART for verb in ("grant", "prolong", "settle")},
    **{f"requests_app.operations.activation.{verb}": PART for verb in ("clear_ended", "create")},
    "requests_app.operations.extension.new_end": PURE,
    "requests_app.operations.ending.end_everything": "what ends each of them asks first: activation.deactivate",
    "requests_app.operations.starting.start": WORKER,
    "requests_app.operations.starting.check": WORKER,
    "requests_app.operations.starting.no_longer_allowed": PURE,
    "requests_app.operations.granting.close": PART,
    "requests_app.operations.granting.lock_pending": PART,
    "requests_app.operations.granting.already_closed": PURE,
    "requests_app.operations.questions.may_ask": PURE,
    "requests_app.operations.activation.time_out": WORKER,
    "requests_app.operations.baskets.send": "asks `activation.submit` for each line",
    "requests_app.operations.approval.may_decide": PURE,
    "requests_app.operations.approval.may_approve": PURE,
    "roles.operations.reminders.remind_assignment": WORKER,
    "roles.operations.reminders.remind_eligibility": WORKER,
    "requests_app.operations.renewals.time_out": WORKER,
    "requests_app.operations.renewals.lapse": WORKER,
    "requests_app.operations.renewals.assess": PURE,
    "requests_app.operations.renewals.may_decide": PURE,
    "requests_app.operations.waiting.remind": WORKER,
    "reviews.operations.occurrences.begin": WORKER,
    "roles.operations.retractions.take_back_assignment": WORKER,
    "roles.operations.retractions.take_back_eligibility": WORKER,
    "reviews.operations.series.check": PURE,
    "reviews.operations.series.check_change": PURE,
    "requests_app.operations.waiting.escalate": WORKER,
    "requests_app.operations.waiting.lapse": WORKER,
    "requests_app.operations.waiting.hand_over": WORKER,
    "requests_app.operations.waiting.tell_stranded": WORKER,
    "requests_app.operations.waiting.note_decidable": WORKER,
    "requests_app.operations.waiting.tell_nobody_available": ONESELF,
    "reviews.operations.resetting.may_reset": PURE,
    "reviews.operations.reviewers.may_change": PURE,
    "reviews.operations.closing.may_stop": PURE,
    "reviews.operations.closing.may_stop_stage": PURE,
    "reviews.operations.reminding.may_remind": PURE,
    **{f"reviews.operations.applying.may_{verb}": PURE for verb in ("ask", "try_again")},
    **{f"reviews.operations.deleting.may_{verb}": PURE for verb in ("delete", "restore")},
    **{f"reviews.operations.whole_series.may_{verb}": PURE for verb in ("end", "delete", "restore")},
}  # fmt: skip


def every_operation() -> Iterator[str]:
    """Every public function of the operations that is told who acts."""
    for package in PACKAGES:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            found = importlib.import_module(f"{package}.{module.name}")
            for name, thing in vars(found).items():
                if name.startswith("_") or not inspect.isfunction(thing) or thing.__module__ != found.__name__:
                    continue
                if next(iter(inspect.signature(thing).parameters), "") == "act":
                    yield f"{found.__name__}.{name}"


@pytest.fixture
def team(db: Any) -> Group:
    """A group with one member."""
    return make.group(name="Team", members=(make.user(name="Member"),))


@pytest.fixture
def somebody(team: Group) -> dict[str, User | None]:
    """One of each kind."""
    known = {kind: make.user(name=kind) for kind in ("nobody_special", "eligible", "approver", "group_owner")}
    for kind, name in BY_ROLE.items():
        known[kind] = make.user(name=kind)
        make.assignment(of=known[kind], role=make.role(name=name), end_at=None)
    known["break_glass"] = make.break_glass()
    known["disabled_administrator"] = make.administrator(name="disabled", email="disabled@example.com")
    departures.disable(make.act(at=make.THE_DAY_BEFORE), known["disabled_administrator"])
    groups.add_owner(make.act(at=make.THE_DAY_BEFORE), team, known["group_owner"])
    return {**known, "the_portal": None}


Call = Callable[[Any], Any]


@pytest.fixture
def calls(somebody: dict[str, User | None], team: Group) -> dict[str, Call]:
    """Each operation, ready to be done by an act that is all right but for who acts."""
    return {**_about_grants(), **_about_settings(), **_about_resources(), **_about_people(somebody, team),
            **_about_requests(somebody), **_about_reviews(somebody), **_about_ends_of_reviews(somebody),
            **_about_series(), **_about_acts_on_reviews()}  # fmt: skip


def _about_series() -> dict[str, Call]:
    role, plan = make.role(name="Reports Reader"), make.plan(make.user())
    planned = make.series(of=role, plan=plan)
    return {
        "reviews.operations.series.plan": lambda act: series.plan(act, [role], plan),
        "reviews.operations.exports.export": exports.export,
        "reviews.operations.series.change": lambda act: series.change(
            act, planned, make.replace(plan, name="Another", start_at=NINE), stand=planned.stand
        ),
    }


def _about_grants() -> dict[str, Call]:
    easy, free, other = (
        make.role(name="Teams Reader", terms=make.EASY),
        make.role(name="User Administrator"),
        make.user(),
    )
    spare, held = make.eligibility(of=other, role=easy), make.assignment(of=other, role=easy)
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")
    longer = make.replace(ask, start_at=spare.start_at, end_at=IN_30_DAYS + DAY)
    wish = Wish(free, other, free.resource, Kind.ELIGIBLE, ask)
    return {
        "roles.operations.grants.make_eligible": lambda act: grants.make_eligible(act, free, ask, to=other),
        "roles.operations.grants.assign": lambda act: grants.assign(act, free, ask, to=other),
        "roles.operations.grants.remove_eligibility": lambda act: grants.remove_eligibility(act, spare, because="Done"),
        "roles.operations.grants.remove_assignment": lambda act: grants.remove_assignment(act, held, because="Done"),
        "roles.operations.amendments.update": lambda act: amendments.update(act, spare, longer),
        "roles.operations.amendments.convert": lambda act: amendments.convert(
            act, make.eligibility(of=make.user(), role=free), ask
        ),
        "roles.operations.batches.give": lambda act: batches.give(act, [wish]),
    }


def _about_settings() -> dict[str, Call]:
    role, wanted = make.role(name="Message Center Reader"), make.replace(DEFAULTS, activation=make.EASY)
    template = make.template()
    make.change_settings(of=role, to=wanted, at=make.THE_DAY_BEFORE)
    return {
        "roles.operations.settings.change": lambda act: settings.change(act, role, DEFAULTS, version=1),
        "roles.operations.versions.revert": lambda act: versions.revert(act, role, 0, version=1),
        "roles.operations.templates.save": lambda act: templates.save(act, wanted, name="Another"),
        "roles.operations.templates.remove": lambda act: templates.remove(act, template, version=template.version),
        "roles.operations.templates.apply": lambda act: templates.apply(
            act, template, {role.pk: 1}, version=template.version
        ),
    }


def _about_resources() -> dict[str, Call]:
    directory = make.resource()
    shop = make.resource(name="Shop", below=directory)
    empty = make.resource(name="Empty", below=directory)
    role = make.role(name="Operator", on=shop)
    return {
        "roles.operations.resources.add": lambda act: resources.add(
            act, name="New", kind=Resource.Kind.APPLICATION, parent=directory
        ),
        "roles.operations.resources.rename": lambda act: resources.rename(act, shop, name="Store"),
        "roles.operations.resources.move": lambda act: resources.move(act, empty, to=shop),
        "roles.operations.resources.delete": lambda act: resources.delete(act, empty),
        "roles.operations.custom_roles.add": lambda act: custom_roles.add(act, shop, name="New role"),
        "roles.operations.custom_roles.edit": lambda act: custom_roles.edit(
            act, role, name="Runner", description="", is_privileged=False
        ),
        "roles.operations.custom_roles.retire": lambda act: custom_roles.retire(act, role, because="Nobody needs it"),
        "roles.operations.custom_roles.delete": lambda act: custom_roles.delete(
            act, make.role(name=f"Spare {act.actor_name}", on=shop)
        ),
    }


def _about_people(somebody: dict[str, User | None], team: Group) -> dict[str, Call]:
    member, other, owner, glass = team.members.get(), make.user(), somebody["group_owner"], somebody["break_glass"]
    assert owner and glass
    use = make.emergency_use(of=glass, at=NINE - MINUTE)
    eligible = somebody["eligible"]
    assert eligible
    absence = make.absence(of=eligible, deputy=owner, start_at=NINE + 9 * DAY)
    letter = make.email(to=owner)
    return {
        "roles.operations.groups.make": lambda act: groups.make(act, name="New"),
        "roles.operations.groups.add_member": lambda act: groups.add_member(act, team, other),
        "roles.operations.groups.add_owner": lambda act: groups.add_owner(act, team, other),
        "roles.operations.groups.remove_owner": lambda act: groups.remove_owner(act, team, owner),
        "roles.operations.groups.delete": lambda act: groups.delete(act, team),
        "roles.operations.groups.bring_under_roles": lambda act: groups.bring_under_roles(act, team),
        "roles.operations.departures.leave_group": lambda act: departures.leave_group(act, team, member),
        "roles.operations.departures.disable": lambda act: departures.disable(act, other),
        "roles.operations.absences.announce": lambda act: absences.announce(
            act, eligible, deputy=other, start_at=NINE, end_at=NINE + DAY
        ),
        "roles.operations.absences.end": lambda act: absences.end(act, absence),
        "roles.operations.emails.send_again": lambda act: emails.send_again(act, letter),
        "roles.operations.emails.send_test": emails.send_test,
        "roles.operations.administrators.note": lambda act: administrators.note(
            act, use, purpose="drill", text="Drill"
        ),
        "roles.operations.administrators.make": lambda act: administrators.make(
            act, address="new@example.com", name="New"
        ),
    }


def _about_requests(somebody: dict[str, User | None]) -> dict[str, Call]:
    eligible, approver = somebody["eligible"], somebody["approver"]
    assert eligible and approver
    asked_role, easy = make.role(approvers=(approver,)), make.role(name="Teams Reader", terms=make.EASY)
    pending = make.role_request(by=eligible, for_=make.eligibility(of=eligible, role=asked_role), at=NINE - HOUR)
    question = questions.ask(make.act(by=approver, at=NINE - MINUTE), pending, "Which mailbox?")
    to_use = make.eligibility(of=eligible, role=make.role(name="Exchange Administrator", terms=make.EASY))
    role_set = offers.save_set(make.act(by=eligible), [to_use], name="Monday patching")
    active = make.activation(by=eligible, of=make.eligibility(of=eligible, role=easy), at=NINE - 10 * MINUTE)
    return {
        "roles.operations.activation.deactivate": lambda act: activation.deactivate(act, active),
        "requests_app.operations.activation.submit": lambda act: asking.submit(
            act, to_use, make.ask(), form_key=uuid4()
        ),
        "requests_app.operations.offers.mark": lambda act: offers.mark(act, to_use, is_favourite=True),
        "requests_app.operations.offers.save_set": lambda act: offers.save_set(act, [to_use], name="Mine"),
        "requests_app.operations.offers.delete_set": lambda act: offers.delete_set(act, role_set),
        "requests_app.operations.extension.extend": lambda act: extension.extend(
            act, active, make.ask(duration=2 * HOUR), form_key=uuid4()
        ),
        "requests_app.operations.activation.cancel": lambda act: asking.cancel(act, pending),
        **_about_renewals(eligible),
        "requests_app.operations.approval.approve": lambda act: approval.approve(act, pending, because="On call"),
        "requests_app.operations.approval.deny": lambda act: approval.deny(act, pending, because="Not tonight"),
        "requests_app.operations.questions.ask": lambda act: questions.ask(act, pending, "Which one?"),
        "requests_app.operations.questions.answer": lambda act: questions.answer(act, question, "The second one"),
        "requests_app.operations.waiting.resend": lambda act: waiting.resend(act, pending),
    }


def _about_renewals(holder: User) -> dict[str, Call]:
    ending = NINE + 10 * DAY
    asked = make.renewal(of=make.eligibility(of=holder, role=make.role(name="Groups Administrator"), end_at=ending),
                         by=holder, at=NINE - MINUTE)  # fmt: skip
    free = make.eligibility(of=holder, role=make.role(name="User Administrator"), end_at=ending)
    longer, given = GrantAsk(NINE, IN_30_DAYS, "Falcon"), Given(Kind.ELIGIBLE, IN_30_DAYS)
    return {
        "requests_app.operations.renewals.ask": lambda act: renewals.ask(act, free, longer, form_key=uuid4()),
        "requests_app.operations.renewals.cancel": lambda act: renewals.cancel(act, asked),
        "requests_app.operations.renewals.grant": lambda act: renewals.grant(act, asked, given, because="Fine"),
        "requests_app.operations.renewals.deny": lambda act: renewals.deny(act, asked, because="No"),
    }


def _about_acts_on_reviews() -> dict[str, Call]:
    role, other, reviewer = make.role(name="Reports Reader"), make.user(), make.user()
    make.eligibility(of=make.user(name="Anna"), role=role)
    plan, before = make.plan(reviewer), make.THE_DAY_BEFORE
    running, gone = (make.review(of=role, plan=plan, at=before) for _ in range(2))
    acts.answered(running, Anna="deny")
    acts.deleted(gone, before)
    ahead, hidden = (make.series(of=role, plan=plan, at=before) for _ in range(2))
    whole_series.delete(make.act(at=before), hidden)
    return {
        "reviews.operations.series.plan": lambda act: series.plan(act, [role], plan),
        "reviews.operations.resetting.reset": lambda act: resetting.reset(act, running, because="Wrong list"),
        "reviews.operations.reviewers.change": lambda act: reviewers.change(
            act, running.stages.get(), reviewers.Change(add=[other])
        ),
        "reviews.operations.deleting.delete": lambda act: deleting.delete(act, running),
        "reviews.operations.deleting.restore": lambda act: deleting.restore(act, gone),
        "reviews.operations.whole_series.end": lambda act: whole_series.end(act, ahead),
        "reviews.operations.whole_series.delete": lambda act: whole_series.delete(act, ahead),
        "reviews.operations.whole_series.restore": lambda act: whole_series.restore(act, hidden),
    }


def _about_ends_of_reviews(somebody: dict[str, User | None]) -> dict[str, Call]:
    """One review that runs; one that has ended, all of whose lines are to go; one that could not be applied."""
    approver, early = somebody["approver"], NINE - 2 * HOUR
    assert approver
    role = make.role(name="Search Administrator")
    make.eligibility(of=make.user(), role=role)
    plan = make.plan(approver, if_silent=Silence.REMOVE)
    running, over, refused = (make.review(of=role, plan=plan, at=early) for _ in range(3))
    for review in (over, refused):
        closing.stop(make.act(at=NINE - HOUR), review, because="Enough")
    applying.ask(make.act(at=NINE - HOUR), refused)
    refused.items.update(applied=Applied.REFUSED, applied_note="The last one stays.")
    applying.apply(make.act(at=NINE - HOUR), refused.pk)
    stage = running.stages.get()
    return {
        "reviews.operations.applying.ask": lambda act: applying.ask(act, over),
        "reviews.operations.applying.again": lambda act: applying.again(act, refused),
        "reviews.operations.closing.stop": lambda act: closing.stop(act, running, because="Enough"),
        "reviews.operations.closing.stop_stage": lambda act: closing.stop_stage(act, stage),
        "reviews.operations.reminding.remind": lambda act: reminding.remind(act, stage.pk),
    }


def _about_reviews(somebody: dict[str, User | None]) -> dict[str, Call]:
    """The line of who is eligible, reviewed by the approver."""
    eligible, approver = somebody["eligible"], somebody["approver"]
    assert eligible and approver
    role = make.role(name="Helpdesk Administrator")
    make.eligibility(of=eligible, role=role)
    review = make.review(of=role, plan=make.plan(approver), at=NINE - MINUTE)
    items = [review.items.get().pk]
    marks = [answers.Mark(items[0], Verdict.DENY, "Left")]
    return {
        "reviews.operations.answers.answer": lambda act: answers.answer(
            act, review, items, Verdict.DENY, because="Left"
        ),
        "reviews.operations.answers.answer_each": lambda act: answers.answer_each(act, review, marks),
        "reviews.operations.answers.follow_recommendations": lambda act: answers.follow_recommendations(
            act, review, items
        ),
    }


def answer(call: Callable[[Any], Any], by: User | None) -> str:
    """Done, or why not; undone in either case."""
    untouched = transaction.savepoint()
    try:
        call(make.act(by=by))
    except Refused as refused:
        return refused.codes[0]
    except TypeError as error:
        return "a person" if "a person has to do this" in str(error) else str(error)
    else:
        return DONE
    finally:
        transaction.savepoint_rollback(untouched)


def test_every_operation_is_in_the_tables():
    assert sorted(every_operation()) == sorted([*CHECKED, *NOT_CHECKED])
    assert all(set(expected) == set(PEOPLE) for expected in CHECKED.values())


@pytest.mark.parametrize("kind", PEOPLE)
def test_who_may_do_what(somebody, calls, kind):
    answers = {name: answer(call, somebody[kind]) for name, call in calls.items()}

    assert answers == {name: expected[kind] for name, expected in CHECKED.items()}
