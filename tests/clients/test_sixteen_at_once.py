"""Of sixteen who do the same, or the opposite, at the same moment, one does it; the others are told who and what.

Each round has people and roles of its own. An answer of 302 is done, 409 too late; nothing else may be answered.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from kernel.period import DAY, HOUR, MINUTE
from notifications.models import Email
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from roles.models import Assignment, Eligibility, Role
from tests import make, visit
from tests.clients.conftest import ROUNDS
from tests.clients.server import Answer, Post, post, session_of

CLIENTS = 16
DONE, TOO_LATE = 302, 409


@dataclass(frozen=True)
class Round:
    """Somebody, and what they may activate."""

    user: User
    eligibility: Eligibility
    now: datetime

    def asked(self) -> RoleRequest:
        """They have asked for it, a minute ago."""
        return make.role_request(by=self.user, for_=self.eligibility, at=self.now - MINUTE)

    def active(self) -> Assignment:
        """They have activated it, ten minutes ago."""
        return make.activation(by=self.user, of=self.eligibility, duration=2 * HOUR, at=self.now - 10 * MINUTE)


def begin(role: Role) -> Round:
    now = timezone.now()
    user = make.user()
    eligibility = make.eligibility(of=user, role=role, start_at=now - DAY, end_at=now + DAY, at=now - DAY)
    return Round(user, eligibility, now)


def approvers() -> tuple[tuple[User, ...], list[str]]:
    """Sixteen who may decide, and their sessions."""
    people = tuple(make.user(name=f"Approver {number}") for number in range(CLIENTS))
    return people, [session_of(one) for one in people]


def decisions(sessions: list[str], role_request: RoleRequest, *verbs: str) -> list[Post]:
    """Each sends one of these decisions, by turns."""
    return [
        post(session, f"/requests/{role_request.pk}/{verbs[number % len(verbs)]}/", justification="On call")
        for number, session in enumerate(sessions)
    ]


def asking(one: Round, *, form_keys: list[str]) -> list[Post]:
    """They send the form, each time as it was opened with this key."""
    path, typed, session = opened(one, f"/my-roles/{one.eligibility.pk}/activate/")
    return [post(session, path, **{**typed, "form_key": key}) for key in form_keys]


def opened(one: Round, path: str) -> tuple[str, dict[str, str], str]:
    """A page with a form, what it would send with a reason, and the session it was opened in."""
    browser = visit.by(one.user, proven_at=one.now)
    typed: dict[str, Any] = visit.typed(browser.get(path)) | {"justification": "On call"}
    fields = {name: value[0] if isinstance(value, list) else value for name, value in typed.items()}
    return path, fields, str(browser.cookies["session"].value)


def done(answers: list[Answer]) -> list[int]:
    """Which of them did it. Whoever did not was too late."""
    assert {answer.status for answer in answers} <= {DONE, TOO_LATE}
    return [number for number, answer in enumerate(answers) if answer.status == DONE]


def events(one: Round) -> list[str]:
    """What happened in this round, but for what it began with."""
    return list(
        Entry.objects.filter(person_id=one.user.pk, at__gt=one.now).order_by("at", "pk").values_list("kind", flat=True)
    )


def letters(one: Round) -> list[str]:
    """Which emails were promised in this round."""
    found = Email.objects.filter(promised_at__gt=one.now, facts__person_email=one.user.email)
    return sorted(found.values_list("template", flat=True))


# --- deciding


def test_sixteen_approve(race):
    people, sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()

        answers = race.run(decisions(sessions, role_request, "approve"))

        (winner,) = done(answers)
        told = f"{people[winner].name} has approved this request"
        assert all(told in answer.text for number, answer in enumerate(answers) if number != winner)
        assert list(Decision.objects.filter(role_request=role_request).values_list("approver", flat=True)) == [
            people[winner].pk
        ]
        assert Assignment.objects.filter(user=one.user).count() == 1
        assert events(one) == ["request.approved", "role.activated"]
        assert letters(one) == ["request_decided"] * (CLIENTS - 1) + ["your_request_decided"]


def test_sixteen_deny(race):
    people, sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()

        answers = race.run(decisions(sessions, role_request, "deny"))

        assert len(done(answers)) == 1
        assert (events(one), Assignment.objects.filter(user=one.user).count()) == (["request.denied"], 0)
        assert letters(one) == ["request_decided"] * (CLIENTS - 1) + ["your_request_decided"]


def test_eight_approve_while_eight_deny(race):
    people, sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()

        answers = race.run(decisions(sessions, role_request, "approve", "deny"))

        (winner,) = done(answers)
        approved = winner % 2 == 0
        assert events(one) == (["request.approved", "role.activated"] if approved else ["request.denied"])
        assert Assignment.objects.filter(user=one.user).exists() == approved


def test_fifteen_approve_while_the_asker_cancels(race):
    people, sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()
        cancel = post(session_of(one.user), f"/requests/{role_request.pk}/cancel/")

        answers = race.run([cancel, *decisions(sessions[1:], role_request, "approve")])

        (winner,) = done(answers)
        approved = winner != 0
        assert events(one) == (["request.approved", "role.activated"] if approved else ["request.cancelled"])
        status = RoleRequest.objects.get(pk=role_request.pk).status
        assert status == (Status.GRANTED if approved else Status.CANCELLED)
        assert Assignment.objects.filter(user=one.user).exists() == approved


def test_fifteen_approve_while_the_eligibility_is_removed(race):
    people, sessions = approvers()
    role, admin = make.role(approvers=people), session_of(make.administrator())
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()
        remove = post(admin, f"/assignments/eligible/{one.eligibility.pk}/remove/", justification="New job")

        answers = race.run([remove, *decisions(sessions[1:], role_request, "approve")])

        assert answers[0].status == DONE
        approved = any(answer.status == DONE for answer in answers[1:])
        assert len(done(answers[1:])) == approved
        assert not Assignment.objects.held_by(one.user, timezone.now()).exists()
        assert ("role.activation_revoked" in events(one)) == approved


def test_sixteen_tabs_cancel(race):
    people, _sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)
        role_request = one.asked()

        answers = race.run([post(session_of(one.user), f"/requests/{role_request.pk}/cancel/")] * CLIENTS)

        assert len(done(answers)) == 1
        assert (events(one), letters(one)) == (["request.cancelled"], ["request_closed"] * CLIENTS)


def test_sixteen_decide_on_the_same_three_at_once(race):
    people, sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        three = [begin(role) for _ in range(3)]
        numbers = [("request", str(one.asked().pk)) for one in three]
        bulk = [Post(session, "/approvals/approve/", (("justification", "Fine"), *numbers)) for session in sessions]

        answers = race.run(bulk)

        assert len(done(answers)) <= 1
        for one in three:
            assert events(one) == ["request.approved", "role.activated"]
            assert Assignment.objects.filter(user=one.user).count() == 1


# --- asking


def test_one_form_sent_sixteen_times(race):
    role = make.role(terms=make.EASY)
    for _round in range(ROUNDS):
        one = begin(role)

        answers = race.run(asking(one, form_keys=[str(uuid4())] * CLIENTS))

        assert done(answers) == list(range(CLIENTS))
        assert {answer.location for answer in answers} == {f"/requests/{RoleRequest.objects.get(user=one.user).pk}/"}
        assert events(one) == ["request.made", "role.activated"]


def test_sixteen_tabs_activate(race):
    role = make.role(terms=make.EASY)
    for _round in range(ROUNDS):
        one = begin(role)

        answers = race.run(asking(one, form_keys=[str(uuid4()) for _ in range(CLIENTS)]))

        assert len(done(answers)) == 1
        assert (Assignment.objects.filter(user=one.user).count(), events(one)) == (
            1,
            ["request.made", "role.activated"],
        )


def test_sixteen_tabs_ask_for_approval(race):
    people, _sessions = approvers()
    role = make.role(approvers=people)
    for _round in range(ROUNDS):
        one = begin(role)

        answers = race.run(asking(one, form_keys=[str(uuid4()) for _ in range(CLIENTS)]))

        assert len(done(answers)) == 1
        assert (events(one), letters(one)) == (["request.made"], ["approval_wanted"] * CLIENTS)


# --- extending


def test_sixteen_tabs_extend(race):
    role = make.role(terms=make.EASY)
    for _round in range(ROUNDS):
        one = begin(role)
        held = one.active()
        path, typed, session = opened(one, f"/my-roles/active/{held.pk}/extend/")
        forms = [post(session, path, **{**typed, "quick": "240", "form_key": str(uuid4())}) for _ in range(CLIENTS)]

        answers = race.run(forms)

        assert len(done(answers)) == 1
        assert (events(one), letters_of(one.user)) == (
            ["request.made", "role.activation_extended"],
            ["your_role_is_extended"],
        )


def test_eight_extend_while_eight_deactivate(race):
    role = make.role(terms=make.EASY)
    for _round in range(ROUNDS):
        one = begin(role)
        held = one.active()
        path, typed, session = opened(one, f"/my-roles/active/{held.pk}/extend/")
        extend = post(session, path, **{**typed, "quick": "240", "form_key": str(uuid4())})
        end = post(session, f"/my-roles/active/{held.pk}/deactivate/")

        race.run([extend, end] * (CLIENTS // 2))

        assert not Assignment.objects.held_by(one.user, timezone.now()).exists()
        assert events(one).count("role.deactivated") == 1
        assert events(one).count("role.activation_extended") == events(one).count("request.made") <= 1


# --- ending


def test_sixteen_tabs_deactivate(race):
    role = make.role(terms=make.EASY)
    for _round in range(ROUNDS):
        one = begin(role)
        path = f"/my-roles/active/{one.active().pk}/deactivate/"

        answers = race.run([post(session_of(one.user), path)] * CLIENTS)

        assert len(done(answers)) == 1
        assert all("You ended this at" in answer.text for answer in answers if answer.status == TOO_LATE)
        assert (events(one), letters_of(one.user)) == (["role.deactivated"], ["your_role_ended"])


def test_sixteen_tabs_of_an_administrator_revoke(race):
    role, admin = make.role(terms=make.EASY), session_of(make.administrator())
    for _round in range(ROUNDS):
        one = begin(role)
        path = f"/assignments/active/{one.active().pk}/remove/"

        answers = race.run([post(admin, path, justification="Incident closed")] * CLIENTS)

        assert len(done(answers)) == 1
        assert (events(one), letters_of(one.user)) == (["role.activation_revoked"], ["removed_from_you"])


def test_eight_deactivate_while_eight_revoke(race):
    role, admin = make.role(terms=make.EASY), session_of(make.administrator())
    for _round in range(ROUNDS):
        one = begin(role)
        held = one.active()
        mine = post(session_of(one.user), f"/my-roles/active/{held.pk}/deactivate/")
        theirs = post(admin, f"/assignments/active/{held.pk}/remove/", justification="Incident closed")

        answers = race.run([mine, theirs] * (CLIENTS // 2))

        (winner,) = done(answers)
        assert events(one) == (["role.deactivated"] if winner % 2 == 0 else ["role.activation_revoked"])
        assert len(letters_of(one.user)) == 1


def test_fifteen_tabs_activate_while_the_eligibility_is_removed(race):
    role, admin = make.role(terms=make.EASY), session_of(make.administrator())
    for _round in range(ROUNDS):
        one = begin(role)
        remove = post(admin, f"/assignments/eligible/{one.eligibility.pk}/remove/", justification="New job")
        forms = asking(one, form_keys=[str(uuid4()) for _ in range(CLIENTS - 1)])

        answers = race.run([remove, *forms])

        assert answers[0].status == DONE
        assert not Assignment.objects.held_by(one.user, timezone.now()).exists()
        assert events(one).count("role.activated") == events(one).count("role.activation_revoked") <= 1


def letters_of(user: User) -> list[str]:
    """Which emails this person was promised, but for those of being given something and beginning."""
    begins = ("assigned_to_you", "your_role_is_active")
    found = Email.objects.filter(to_address=user.email).exclude(template__in=begins)
    return sorted(found.values_list("template", flat=True))
