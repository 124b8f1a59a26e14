"""The first administrator of a real portal gets in by the link on the console; the demo stays out of it."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import OneTimeCode, User
from audit.models import Entry
from notifications.models import Email
from roles.models import Assignment
from tests import make

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "seven-lakes-and-no-boat"


def link() -> str:
    """Make the first administrator on the console; the path of the link it prints."""
    said = StringIO()
    call_command("create_admin", "ada@example.org", "Ada Lovelace", stdout=said)
    (found,) = re.findall(r"http://testserver(/invitation/[\w-]+/)$", said.getvalue(), re.MULTILINE)
    return str(found)


def traces() -> tuple[int, int, int, list[str]]:
    """What accepting an invitation changes."""
    return (
        Entry.objects.count(), TOTPDevice.objects.count(), OneTimeCode.objects.exclude(used_at=None).count(),
        [user.password[:1] for user in User.objects.all()],
    )  # fmt: skip


def test_the_first_administrator_gets_in_by_the_link(client: Client) -> None:
    invitation = link()

    before = traces()
    assert client.get(invitation).status_code == 200
    assert client.head(invitation).status_code in (200, 405)
    assert traces() == before
    assert client.get("/roles/").status_code == 302

    answer = client.post(invitation, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/security/add-device/")
    assert client.get("/roles/")["Location"] == "/verify/?next=/roles/"

    assert client.get("/security/add-device/").status_code == 200
    device = TOTPDevice.objects.get()
    answer = client.post("/security/add-device/", {"name": "Ada's phone", "code": make.code(device)})
    assert (answer.status_code, answer["Location"]) == (302, "/security/")
    assert client.get("/roles/").status_code == 200

    mine = Assignment.objects.get()
    assert (mine.user.email, mine.role.name, mine.end_at) == ("ada@example.org", "Global Administrator", None)
    assert list(Entry.objects.filter(person_name="Ada Lovelace").order_by("pk").values_list("kind", flat=True)) == [
        "person.added", "person.invited", "assignment.made", "person.invitation_accepted", "second_factor.added",
    ]  # fmt: skip


def test_the_link_works_once(client: Client) -> None:
    invitation = link()
    client.post(invitation, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    somebody_else = Client()
    answer = somebody_else.post(invitation, {"password": "another-long-password", "again": "another-long-password"})

    assert answer.status_code == 410
    assert User.objects.get().check_password(NEW_PASSWORD)


@pytest.mark.parametrize("passwords", [("short", "short"), ("seven-lakes-and-no-boat", "seven-lakes-and-a-boat")])
def test_a_password_that_will_not_do_does_not_use_the_link_up(client: Client, passwords: tuple[str, str]) -> None:
    invitation = link()
    before = traces()

    answer = client.post(invitation, dict(zip(("password", "again"), passwords, strict=True)))

    assert (answer.status_code, traces()) == (400, before)
    assert client.get(invitation).status_code == 200


def test_the_accounts_for_emergencies_are_made_on_the_console_and_get_in_by_the_link(client: Client) -> None:
    said, warned = StringIO(), StringIO()
    link()

    for number in ("one", "two", "three"):
        call_command("create_break_glass", f"{number}@example.org", f"Glass {number}", stdout=said, stderr=warned)

    links = re.findall(r"http://testserver(/invitation/[\w-]+/)$", said.getvalue(), re.MULTILINE)
    assert said.getvalue().count("is a break-glass account: Global Administrator, permanently") == 3
    assert warned.getvalue() == ("There are 3 break-glass accounts now. Two, kept at different places, are enough.\n")
    client.post(links[0], {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert client.get("/roles/")["Location"] == "/verify/?next=/roles/"
    assert Email.objects.filter(template="assigned", to_address="ada@example.org").count() == 3


@pytest.mark.parametrize("command", ["create_admin", "create_break_glass"])
def test_the_console_opens_a_portal_nobody_can_open_any_more(command: str, admin: User) -> None:
    make.role(name="Global Administrator", active=make.GrantTerms(permanent_allowed=False))
    User.objects.filter(pk=admin.pk).update(is_enabled=False)

    call_command(command, "grace@example.org", "Grace Hopper", stdout=StringIO())

    grace = User.objects.get(email="grace@example.org")
    assert [held.end_at for held in Assignment.objects.filter(user=grace)] == [None]
    told = Entry.objects.filter(person_name="Grace Hopper").order_by("pk")
    assert [entry.kind for entry in told if entry.kind != "break_glass.made"] == [
        "person.added", "person.invited", "assignment.made",
    ]  # fmt: skip
    assert {entry.actor_name for entry in told} == {"The portal"}


def test_there_is_no_real_administrator_in_the_demo() -> None:
    call_command("seed_demo", stdout=StringIO())
    before = User.objects.count()

    with pytest.raises(CommandError, match="This database holds the demo"):
        call_command("create_admin", "ada@example.org", "Ada Lovelace")
    with pytest.raises(CommandError, match="This database holds the demo"):
        call_command("create_break_glass", "glass@example.org", "Glass")

    assert User.objects.count() == before


@pytest.mark.parametrize("arguments", [[], ["--if-empty"]])
def test_the_demo_is_never_mixed_with_real_people(arguments: list[str]) -> None:
    link()

    with pytest.raises(CommandError, match="There are people in this database"):
        call_command("seed_demo", *arguments)

    assert [user.email for user in User.objects.all()] == ["ada@example.org"]


def test_the_demo_is_made_once_and_then_left_alone() -> None:
    said = StringIO()

    call_command("seed_demo", "--if-empty", stdout=said)
    made = Entry.objects.count()
    call_command("seed_demo", "--if-empty", stdout=said)

    assert said.getvalue() == "The demo organisation is made.\n"
    assert Entry.objects.count() == made


def test_without_the_demo_switched_on_there_are_no_demo_people(settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="Set DEMO=on"):
        call_command("seed_demo")

    assert not User.objects.exists()
