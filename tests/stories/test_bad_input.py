"""Whatever anybody sends: a sentence or a page, never a fault, nothing half done, and text stays text."""

import re

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from kernel.period import MINUTE
from notifications.models import Email
from requests_app.models import RoleRequest
from tests import make, queue, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

HUGE = "9" * 40
NASTY = {
    "nothing": "",
    "a NUL byte": "a\x00b",
    "a lone NUL byte": "\x00",
    "a megabyte": "x" * 1_000_000,
    "a huge number": HUGE,
    "a number just too large for the database": str(2**63),
    "a negative number": "-1",
    "zero": "0",
    "not a number": "NaN",
    "infinity": "1e999",
    "digits of another script": "٣٤",
    "markup": "<script>alert(1)</script>",
    "a template": "{{ settings.SECRET_KEY }}{% debug %}",
    "emoji": "💥" * 50,
    "right to left": "\u202egnp.exe",
    "half a character": "\ufffd\ufffe",
    "a far date": "9999-12-31T23:59",
    "an early date": "0001-01-01T00:00",
    "no date": "2026-02-30T25:61",
    "lines": "a\r\nb\nc\rd",
    "a header": "x\r\nSet-Cookie: a=b",
    "a path": "../../../etc/passwd",
    "SQL": "'; DROP TABLE audit_entry; --",
    "a pattern": "%_\\",
}


# Failed sign-ins and codes are counted, and told; a form on its way over the second factor is kept.
MAY_BE_WRITTEN = {
    "accounts_onetimecode",
    "audit_entry",
    "axes_accessattempt",
    "django_session",
    "otp_static_staticdevice",
    "otp_totp_totpdevice",
}


def written(captured: CaptureQueriesContext) -> set[str]:
    """The tables that were written to."""
    found = (re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', query["sql"]) for query in captured)
    return {match[1] for match in found if match}


@pytest.fixture
def places(user, approver, admin):
    """The pages with forms, by who uses them."""
    make.device(of=user)
    eligibility = make.eligibility(
        of=user, role=make.role(name="Teams Reader", terms=make.ActivationTerms(needs_ticket=True))
    )
    role_request = make.role_request(by=user, approvers=(approver,), at=NINE - 10 * MINUTE)
    group = make.group(members=(approver,))
    _invited, secret = make.invitation(at=NINE - MINUTE)
    review = make.review(of=eligibility.role, plan=make.plan(approver), at=NINE - MINUTE)
    return {
        "/sign-in/": None,
        f"/invitation/{secret}/": None,
        "/verify/": user,
        "/security/": user,
        "/security/add-device/": user,
        f"/my-roles/{eligibility.pk}/activate/": user,
        f"/requests/{role_request.pk}/": approver,
        f"/my-reviews/{review.pk}/": approver,
        f"/my-reviews/{review.pk}/all/": approver,
        f"/roles/{eligibility.role_id}/settings/": admin,
        f"/roles/{eligibility.role_id}/settings/?tab=assignment": admin,
        f"/roles/{eligibility.role_id}/settings/?tab=notification": admin,
        "/assignments/add/": admin,
        "/assignments/many/": admin,
        "/assignments/like/": admin,
        "/assignments/import/": admin,
        f"/assignments/eligible/{eligibility.pk}/update/": admin,
        f"/assignments/eligible/{eligibility.pk}/convert/": admin,
        f"/assignments/eligible/{eligibility.pk}/remove/": admin,
        "/people/invite/": admin,
        "/groups/": admin,
        f"/groups/{group.pk}/": admin,
    }


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_no_field_of_any_form_breaks_the_portal(places, nasty):
    broken = {}

    for path, person in places.items():
        browser = visit.by(person, raise_request_exception=False)
        form = visit.typed(browser.get(path))
        target = f"{path}approve/" if path.startswith("/requests/") else path
        for field in form:
            untouched = transaction.savepoint()
            with CaptureQueriesContext(connection) as captured:
                response = browser.post(target, {**form, field: nasty})
            changed = written(captured) - MAY_BE_WRITTEN
            if response.status_code >= 500 or (response.status_code >= 400 and changed):
                broken[path, field] = (response.status_code, changed)
            transaction.savepoint_rollback(untouched)

    assert broken == {}


GRANT_FILTERS = ("role", "scope", "member", "time", "how", "days", "sort")
HISTORY_FILTERS = (
    "q", "kind", "days", "start", "end", "actor", "person", "role", "scope", "outcome", "person_id", "role_id",
    "request_id", "before", "after", "oldest",
)  # fmt: skip
SEARCHES = {
    "/": ("x",),
    "/my-roles/": ("tab",),
    "/requests/": ("page",),
    "/roles/": ("q", "changed", "page"),
    "/assignments/": ("tab", "q", "page", *GRANT_FILTERS),
    "/assignments/?tab=expired": ("page",),
    "/assignments/export/": ("tab", "q", *GRANT_FILTERS),
    "/assignments/add/": ("role", "renew"),
    "/people/": ("q", "page"),
    "/groups/": ("page",),
    "/history/": HISTORY_FILTERS,
    "/my-history/": HISTORY_FILTERS,
    "/history/who/": ("role", "person", "moment"),
    "/history/who/?moment=2026-11-01": ("role", "person"),
    "/mailbox/": ("to", "page"),
    "/access/check/": ("role", "scope"),
    "/sign-in/": ("next",),
    "/verify/": ("next",),
}


@pytest.mark.parametrize("nasty", [value[:2000] for value in NASTY.values()], ids=NASTY)
def test_no_search_breaks_the_portal(admin, nasty):
    browser = visit.by(admin, raise_request_exception=False)
    answers = {
        (path, name): browser.get(path, {"tab": "expired", name: nasty}).status_code
        for path, names in SEARCHES.items()
        for name in names
    }

    assert {where: status for where, status in answers.items() if status not in (200, 302, 400, 404)} == {}
    filters = {(path, name) for path in SEARCHES if "history" in path for name in SEARCHES[path]}
    filters |= {(f"/assignments/{page}", name) for page in ("", "export/") for name in ("q", *GRANT_FILTERS)}
    refusing = {where for where, status in answers.items() if status in (400, 404)}
    assert refusing <= {("/access/check/", "role"), ("/access/check/", "scope"), *filters}


VERBS = ("", "update/", "convert/", "remove/")


@pytest.mark.parametrize("number", ["0", "999999", str(2**31), str(2**63), HUGE])
@pytest.mark.parametrize("person", ["admin", "user"])
def test_no_made_up_number_is_found(request, user, admin, person, number):
    somebody = request.getfixturevalue(person)
    browser = visit.by(somebody, raise_request_exception=False)
    managing = ["people/{}/", "roles/{}/", "roles/{}/settings/", "groups/{}/"]
    managing += [f"assignments/{kind}/{{}}/{verb}" for kind in ("eligible", "active") for verb in VERBS]
    own = ["requests/{}/", "my-roles/{}/activate/", "my-roles/active/{}/deactivate/", "mailbox/{}/", "mailbox/{}/html/"]
    sent = ["requests/{}/approve/", "requests/{}/deny/", "requests/{}/cancel/"]

    answers = {path: browser.get("/" + path.format(number)).status_code for path in managing + own}
    answers |= {path: browser.post("/" + path.format(number), {"justification": "x"}).status_code for path in sent}

    forbidden = 404 if somebody == admin else 403
    assert answers == dict.fromkeys(managing, forbidden) | dict.fromkeys(own + sent, 404)


# --- text stays text

MARKUP = '<script>alert("x")</script><img src=x onerror=alert(1)> & {{ 7 }} "\'>'


def markup_in(element) -> list[str]:
    """What a browser would run or load of what somebody typed."""
    images = [image.attributes.get("src", "") for image in element.all("img")]
    inline = [script.raw for script in element.all("script") if "src" not in script.attributes]
    return inline + [source for source in images if source == "x"]


def test_what_people_type_is_shown_as_text_on_every_page_and_in_every_email(user, approver, auditor):
    for person in (user, approver, auditor):
        person.is_demo = True
        person.save()
    terms = make.ActivationTerms(needs_ticket=True)
    eligibility = make.eligibility(of=user, role=make.role(terms=terms, approvers=(approver,)))
    asker, decider, reader = visit.by(user), visit.by(approver), visit.by(auditor)
    typed = {"justification": MARKUP, "ticket_number": MARKUP, "ticket_system": MARKUP}

    form = visit.typed(asker.get(f"/my-roles/{eligibility.pk}/activate/"))
    asked = asker.post(f"/my-roles/{eligibility.pk}/activate/", {**form, **typed}, follow=True)
    asked_page = asked.redirect_chain[-1][0]
    lists = [decider.get("/approvals/"), decider.get("/")]
    decider.post(f"{asked_page}approve/", {"justification": MARKUP})
    queue.drain()
    pages = [
        asked,
        *lists,
        asker.get("/requests/"),
        asker.get(asked_page),
        asker.get("/my-history/"),
        reader.get("/history/"),
        reader.get("/mailbox/"),
        *(reader.get(f"/mailbox/{email.pk}/{part}") for email in Email.objects.all() for part in ("", "html/")),
    ]

    shown = " ".join(MARKUP.split())
    assert [markup_in(visit.html(page)) for page in pages] == [[]] * len(pages)
    assert visit.facts(asker.get(asked_page))["Reason"] == shown
    assert shown in visit.html(reader.get("/history/")).text
    assert RoleRequest.objects.get().justification == MARKUP
    assert Entry.objects.get(kind="request.approved").because == MARKUP
    texts = [message.body for message in mail.outbox if "approval" in message.subject or MARKUP in message.body]
    assert texts
    assert all("&lt;" not in text and "&quot;" not in text for text in texts)


@pytest.mark.parametrize("name", [MARKUP[:120], "💥 Nora \u202eN", "Nora\u200bNew"])
def test_a_name_is_text_wherever_it_is_shown(admin, user, name):
    user.display_name = name
    user.save()
    make.eligibility(of=user)
    manager = visit.by(admin)

    pages = [
        manager.get("/people/"),
        manager.get(f"/people/{user.pk}/"),
        manager.get("/assignments/"),
        manager.get("/assignments/add/"),
        manager.get("/history/"),
        visit.by(user).get("/"),
    ]

    assert [markup_in(visit.html(page)) for page in pages] == [[]] * len(pages)
    assert visit.title(pages[1]) == " ".join(name.split())


def test_a_line_break_in_a_name_makes_no_new_header_in_an_email(admin):
    browser = visit.by(admin)

    response = browser.post("/people/invite/", {"name": "Nora\r\nBcc: evil@example.com", "email": "nora@example.com"})
    queue.drain()

    assert response.status_code == 302
    assert {address for message in mail.outbox for address in message.recipients()} <= {
        "nora@example.com",
        "admin@example.com",
    }
    assert [message.subject for message in mail.outbox if "\n" in message.subject] == []
    assert "nora@example.com" in [address for message in mail.outbox for address in message.to]
