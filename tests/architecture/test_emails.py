"""Every email has its three files, and every one of them can be read."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.operations import groups, mail
from kernel.period import DAY, HOUR, MINUTE
from notifications.email import render
from notifications.models import Email
from notifications.terms import Pace
from requests_app.operations import activation as asking
from requests_app.operations import approval, questions, renewals, starting, waiting
from reviews.operations import applying, closing, reminding
from reviews.terms import Reviewers, Silence, StagePlan
from roles.models import Assignment
from roles.operations import (
    absences,
    activation,
    administrators,
    amendments,
    batches,
    departures,
    grants,
    reminders,
    weekly,
)
from roles.operations import emails as sending
from roles.policy import GrantAsk
from roles.terms import DEFAULTS, ActivationTerms
from tests import make
from tests.make import EASY, NINE

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "templates" / "email"
THREE_FILES = {"subject.txt", "body.txt", "body.html"}


def templates_in_code() -> set[str]:
    """The names given to `Letter(template=…)` and to `_letter(…, "name")`."""
    names: set[str] = set()
    for path in (*ROOT.glob("*/email.py"), *ROOT.glob("*/email/*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Letter", "_letter"):
                given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "template")]
                names |= {str(name.value) for name in given if isinstance(name, ast.Constant)}
    return names


NAMES = (
    "to_name", "person_name", "role_name", "scope_name", "group_name", "actor_name", "approver_name", "inviter_name",
    "because", "justification", "ticket", "why", "waits_for", "approved_before", "allowed",
    "asked_by_name", "question", "answer",
    "review_name", "made_by_name", "description", "extra_text", "stopped_by_name",
)  # fmt: skip
TEMPLATES = sorted(templates_in_code())


def test_the_emails_are_found_in_the_code():
    assert {"approval_wanted", "invitation", "your_role_ended"} <= set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_email_has_its_three_files(name):
    assert {path.name for path in (FOLDER / name).glob("*")} == THREE_FILES
    for file in THREE_FILES:
        get_template(f"email/{name}/{file}")


def test_no_email_is_left_over_that_nobody_sends():
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == TEMPLATES


def test_every_email_stands_in_the_table_of_who_gets_which():
    table = (ROOT / "docs" / "emails.md").read_text().partition("|---|")[2]
    columns = [line.split("|")[2] for line in table.splitlines() if line.count("|") > 5]

    assert sorted({name for column in columns for name in re.findall("`([a-z_]+)`", column)}) == TEMPLATES


@pytest.fixture
def every_email(user, approver, other_approver, admin):
    """Everything the portal writes, as it writes it; by template."""
    make.invitation()
    sending.send_test(make.act(by=admin))
    easy = make.role(name="Groups Administrator", terms=make.EASY)
    terms = ActivationTerms(needs_approval=True, needs_ticket=True)
    role = make.role(terms=terms, approvers=(approver, other_approver))
    eligibility = make.eligibility(of=user, role=role)
    asked = make.ask(ticket_number="INC-7", ticket_system="Jira & Co")
    first = make.role_request(by=user, for_=eligibility, asking_for=asked)
    questions.answer(make.act(by=user), questions.ask(make.act(by=approver), first, "Which one?"), "The second one")
    approval.approve(make.act(by=approver), first, because="On call <tonight>")
    second = make.role_request(by=user, for_=eligibility, asking_for=asked, at=NINE + 2 * HOUR)
    asking.cancel(make.act(by=user, at=NINE + 2 * HOUR), second)
    third = make.role_request(by=user, for_=eligibility, asking_for=asked, at=NINE + 3 * HOUR)
    asking.time_out(make.act(at=NINE + 40 * HOUR), third.pk)
    fourth = make.role_request(by=user, for_=eligibility, asking_for=asked, at=NINE + 41 * HOUR)
    approval.deny(make.act(by=approver, at=NINE + 42 * HOUR), fourth, because="Not tonight")
    team = make.group(name="Night shift", members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team, role=easy))
    groups.remove(make.act(at=NINE + MINUTE), team, user)
    activation.end_lapsed(make.act(at=NINE + MINUTE), active.pk)
    make.assignment(of=user, role=make.role(name="Exchange Administrator"), end_at=None)
    _wait(approver, other_approver)
    _renew(approver, admin)
    _hold()
    _give_many_and_change_them(user, approver)
    _remove(eligibility)
    use = make.emergency_use(of=make.break_glass())
    administrators.alarm(make.act(), use.pk)
    administrators.remind_of_drills(make.act(at=NINE + 100 * DAY))
    privileged = make.role(name="Privileged Authentication Administrator")
    make.change_terms(of=privileged, to=replace(DEFAULTS.activation, max_duration=24 * HOUR, needs_ticket=True))
    _go_away(admin)
    _sum_up(admin)
    _review(admin)
    return {template: list(Email.objects.filter(template=template)) for template in TEMPLATES}


def _review(admin):
    """Reviews begin, are reminded of, end and are applied: first by the holders themselves, then by nobody;
    in one nobody could."""
    end, role = NINE + 14 * DAY, Assignment.objects.filter(user=admin).earliest("pk").role
    strict = {"if_silent": Silence.REMOVE, "extra_text": "Be <strict>.", "description": "Each quarter & always"}
    own = (StagePlan(Reviewers.SELF, duration=7 * DAY), StagePlan(chosen=make.named(make.user())))
    crew = make.group(name="Crew & Co", members=(make.user(),))
    make.review(of=crew, plan=make.plan(stages=(StagePlan(Reviewers.MANAGERS),)))
    for plan in (make.plan(stages=own), make.plan(make.user(), applies_itself=True, **strict)):
        for subject in (role, crew):
            review = make.review(of=subject, plan=plan)
            reminding.remind(make.act(at=NINE + 7 * DAY - HOUR), review.stages.get(number=1).pk)
            closing.close(make.act(at=NINE + 7 * DAY), review.pk)
            closing.close(make.act(at=end), review.pk)
            applying.apply(make.act(at=end), review.pk)
    stopped = make.review(of=crew, plan=make.plan(make.user(), **strict))
    closing.stop(make.act(by=admin), stopped, because="The crew <goes> away")


def _sum_up(admin):
    """Somebody gets in one email what was held back, and the week's numbers."""
    mail.choose(make.act(by=admin), pace=Pace.DAILY, wants_weekly_digest=True)
    ending = make.eligibility(
        of=make.user(name="Olaf <the> Old"), role=make.role(name="Teams Reader"), end_at=NINE + DAY
    )
    activation.tell_eligibility_end(make.act(at=NINE + DAY), ending.pk)
    mail.send_daily_digest(make.act(at=NINE + 3 * DAY), admin.pk)
    weekly.send(make.act(at=NINE + 8 * DAY))


def _go_away(admin):
    """Somebody is sent away and comes back; nobody is left who could decide, and somebody asks in vain."""
    asker, only, deputy = make.user(), make.user(), make.user()
    eligible = make.eligibility(of=asker, role=make.role(name="Search Administrator", approvers=(only,)))
    asked = make.role_request(by=asker, for_=eligible)
    make.absence(of=only, deputy=deputy, by=admin)
    departures.disable(make.act(), deputy)
    waiting.tell_stranded(make.act(at=NINE + MINUTE), asked.pk)
    waiting.tell_nobody_available(make.act(by=asker, at=NINE + MINUTE), eligible)
    absences.end(make.act(by=asker, at=NINE + HOUR), make.absence(of=asker, deputy=admin))


def _wait(approver, other_approver):
    """Somebody waits until they are reminded of and escalated, and then lose what they wait for."""
    asker, stage = make.user(), make.stage(approver, other_approver, quorum=2)
    rounds = make.stages(stage, escalation=(make.user(),))
    slow = make.eligibility(of=asker, role=make.role(name="Teams Reader", terms=EASY, approval=rounds))
    asked = make.role_request(by=asker, for_=slow)
    approval.approve(make.act(by=approver), asked, because="Fine")
    waiting.escalate(make.act(at=NINE + HOUR), asked.pk)
    waiting.remind(make.act(at=NINE + 12 * HOUR), asked.pk)
    grants.remove_eligibility(make.act(at=NINE + 13 * HOUR), slow, because="New job")
    waiting.lapse(make.act(at=NINE + 13 * HOUR), asked.pk)


def _renew(approver, admin):
    """Somebody is reminded that a role ends, and asks to keep it: denied once, cancelled once."""
    ending = make.eligibility(of=approver, role=make.role(name="Groups Administrator"), end_at=NINE + 10 * DAY)
    reminders.remind_eligibility(make.act(at=NINE + 9 * DAY), ending.pk)
    renewals.deny(make.act(by=admin), make.renewal(of=ending, by=approver), because="Not <now>")
    renewals.cancel(make.act(by=approver), make.renewal(of=ending, by=approver))


def _hold():
    """Somebody extends, is warned, and what they had planned is called off."""
    holder, role = make.user(), make.role(name="Global Reader", terms=EASY)
    eligibility = make.eligibility(of=holder, role=role)
    running = make.activation(by=holder, of=eligibility)
    make.extension(of=running, duration=2 * HOUR)
    activation.warn(make.act(at=NINE + 2 * HOUR - MINUTE), running.pk)
    planned = make.activation(by=holder, of=eligibility, start_at=NINE + 5 * HOUR)
    activation.tell_assignment_end(make.act(at=NINE + 3 * HOUR), running.pk)
    make.change_terms(of=role, to=replace(EASY, needs_ticket=True), at=NINE + HOUR)
    starting.check(make.act(at=NINE + HOUR), planned.pk)


def _give_many_and_change_them(user, approver):
    roles = [make.role(name=name) for name in ("Teams Reader", "User Administrator")]
    given = batches.give(make.act(), [make.wish(role=role, to=user) for role in roles])
    amendments.update(make.act(at=NINE + HOUR), given[0], GrantAsk(NINE, None, "Longer <than> thought"))
    amendments.convert(make.act(at=NINE + HOUR), given[1], GrantAsk(NINE, NINE + 50 * HOUR, "Every day now"))
    amendments.convert(make.act(at=NINE + 2 * HOUR), make.assignment(of=approver), GrantAsk(NINE, None, "Seldom"))


def _remove(eligibility):
    grants.remove_eligibility(make.act(at=NINE + 50 * HOUR), eligibility, because="New job")


def test_no_email_loads_anything_and_every_one_is_readable_in_light_and_in_dark(every_email):
    """Mail programs turn light pages dark by themselves where the page says that it bears it."""
    for email in (email for emails in every_email.values() for email in emails):
        html = render(email).html
        assert re.findall(r"(?i)<(?:img|link|script|style|iframe|object|video|audio|svg|form|base)\b", html) == []
        assert re.findall(r"(?i)url\(|@import|\bsrc=|background=", html) == [], email.template
        assert '<meta name="color-scheme" content="light dark">' in html
        links = re.findall(r'href="([^"]+)"', html)
        assert [link for link in links if not link.startswith(settings.PUBLIC_URL)] == [], email.template
        # Text in a colour of its own stands on a ground of its own, so that no program makes it dark on dark.
        assert html.count("bgcolor=") == 3, email.template


def test_every_email_can_be_read_and_says_why_one_got_it(every_email):
    assert [template for template, emails in every_email.items() if not emails] == []

    for email in (email for emails in every_email.values() for email in emails):
        read = render(email)
        assert 5 < len(read.subject) <= 300, email.template
        assert "\n" not in read.subject, email.template
        for part in (read.text, read.html):
            assert email.why in " ".join(part.split()), email.template
            assert settings.PUBLIC_URL in part, email.template
            assert "None" not in part, email.template
            assert "{{" not in part, email.template
            assert "{%" not in part, email.template


def test_the_text_of_an_email_is_text_and_its_html_is_escaped(every_email):
    (email,) = [email for email in every_email["your_request_decided"] if email.facts["verdict"] == "approve"]

    read = render(email)

    assert "On call <tonight>" in read.text
    assert "On call &lt;tonight&gt;" in read.html
    assert "On call <tonight>" not in read.html


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.txt")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_text_part_is_escaped_as_if_it_were_html(path):
    """Django escapes text templates too, unless they say otherwise: `O'Brien` would be `O&#x27;Brien`."""
    context = dict.fromkeys(NAMES, "O'Brien & <Co>")

    text = get_template(f"email/{path.relative_to(FOLDER)}").render(context)

    assert "&#x27;" not in text
    assert "&amp;" not in text
