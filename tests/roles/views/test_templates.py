"""Templates of settings: the list, one of them, making, bringing in, removing."""

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel.period import MINUTE
from roles import files
from roles.documents import settings_to
from roles.files import SettingsFile
from roles.models import Assignment, Role, SettingsTemplate
from roles.terms import DEFAULTS, ActivationTerms, ApprovalTerms, ApproverKind, Named, Stage
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

STRICT = replace(DEFAULTS, activation=ActivationTerms(needs_ticket=True))
TEXT = files.written(SettingsFile("Strict", "For what matters", STRICT))


def naming(*named):
    return replace(STRICT, approval=ApprovalTerms(stages=(Stage(named),)))


# --- the list


def test_every_template_says_who_changed_it_and_when(auditor, admin):
    make.template(name="Strict", description="For what matters", by=admin)
    make.template(name="Easy", at=NINE - MINUTE)

    response = visit.by(auditor).get("/templates/")

    assert [row[:2] for row in visit.table(response)] == [
        ["Easy", "23 Nov 2026, 08:59 UTCby the portal"],
        ["StrictFor what matters", "22 Nov 2026, 09:00 UTCby Ada Admin"],
    ]


def test_where_there_is_no_template_the_page_says_how_to_make_one(admin, auditor):
    pages = [visit.by(person).get("/templates/") for person in (admin, auditor)]

    assert ["or import settings that were exported" in visit.main(page).text for page in pages] == [True, False]
    assert ["Import" in visit.links(page) for page in pages] == [True, False]
    assert all("No templates yet" in visit.main(page).text for page in pages)


def test_many_templates_are_shown_page_by_page(auditor):
    made = make.template()
    rows = [SettingsTemplate(name=f"Copy {number}", document=made.document, changed_at=NINE) for number in range(50)]
    SettingsTemplate.objects.bulk_create(rows)
    browser = visit.by(auditor)

    pages = [visit.table(browser.get("/templates/", {"page": page})) for page in "12"]

    assert [len(page) for page in pages] == [50, 1]


def test_the_history_says_which_template_was_applied_to_which_roles(admin):
    template, role = make.template(name="Strict", of=STRICT), make.role()
    browser = visit.by(admin)
    browser.post(f"/templates/{template.pk}/apply/", {"version": "1", "seen": f"{role.pk}-0"})

    told = {row[1]: row[4] for row in visit.table(browser.get("/history/"))}

    proof = "Second factor: Phone (totp), 23 Nov 2026, 09:00 UTC"
    assert told["Template of settings applied"] == f"Template: Strict Roles: Teams Administrator {proof}"
    assert told["Role settings changed"] == f"Template Strict Require a ticket on activation: no → yes {proof}"


@pytest.mark.parametrize(
    "page",
    [
        "/templates/",
        "/templates/import/",
        "/templates/{template}/",
        "/templates/{template}/apply/",
        "/templates/{template}/remove/",
        "/roles/{role}/versions/",
        "/roles/{role}/save-template/",
        "/roles/compare/",
        "/roles/matrix/",
    ],
)
def test_in_the_navigation_all_of_this_is_part_of_the_roles(admin, page):
    path = page.format(template=make.template().pk, role=make.role().pk)

    response = visit.by(admin).get(path)

    here = [link.text for link in visit.html(response).all("a") if link.attributes.get("aria-current") == "page"]
    assert here == ["Roles", "Roles"]


def test_one_gets_there_from_the_roles(auditor):
    links = visit.links(visit.by(auditor).get("/roles/"))

    assert [links[name] for name in ("Matrix", "Templates", "Compare")] == [
        "/roles/matrix/",
        "/templates/",
        "/roles/compare/",
    ]


# --- one template


def test_a_template_tells_its_settings_in_words(auditor):
    template = make.template(name="Strict", of=STRICT, description="For what matters")

    response = visit.by(auditor).get(f"/templates/{template.pk}/")

    facts = visit.facts(response)
    assert (facts["Require a ticket on activation"], facts["Time to decide"], len(facts)) == ("yes", "1 day", 33)
    assert "For what matters" in visit.main(response).text
    assert visit.links(response)["Export JSON"] == f"/templates/{template.pk}.json"
    assert visit.links(response)["Compare"] == f"/roles/compare/?left=template-{template.pk}&right=defaults"


def test_an_auditor_reads_a_template_and_can_do_nothing_with_it(auditor):
    template = make.template()

    response = visit.by(auditor).get(f"/templates/{template.pk}/")

    assert ("Remove" in visit.links(response), visit.buttons(response)) == (False, [])


def test_whoever_is_named_and_not_here_is_told(auditor, approver):
    team = Named(ApproverKind.GROUP, "Night shift")
    nobody, alva = (Named(ApproverKind.USER, email) for email in ("nobody@example.com", approver.email))
    template = make.template(of=naming(nobody, alva, team))

    response = visit.by(auditor).get(f"/templates/{template.pk}/")

    assert visit.notices(response) == [
        "Somebody named here is missing Nobody here has the email nobody@example.com. No group here is called "
        "Night shift. Until they are here, this template cannot be applied."
    ]


def boxes(response):
    """The roles to choose, and whether they are ticked."""
    ticks = [box for box in visit.main(response).all("input") if box.attributes.get("name") == "role"]
    labels = {label.attributes["for"]: label.text for label in visit.main(response).all("label")}
    return {labels[box.attributes["id"]]: "checked" in box.attributes for box in ticks}


@pytest.fixture
def roles(admin):
    """Two roles beside the administrator's own."""
    return [make.role(name="Teams Administrator"), make.role(name="Teams Reader")]


def test_every_role_can_be_chosen_but_those_that_were_retired(admin, roles):
    template = make.template()
    Role.objects.filter(name="Teams Reader").update(retired_at=NINE)
    make.role(name="Operator", on=make.resource(name="Shop", below=make.resource()))

    response = visit.by(admin).get(f"/templates/{template.pk}/")

    assert boxes(response) == {"Global Administrator": False, "Operator (Shop)": False, "Teams Administrator": False}


def test_what_was_chosen_stays_chosen_while_one_searches(admin, roles):
    template = make.template()

    response = visit.by(admin).get(f"/templates/{template.pk}/", {"q": "reader\x00", "role": [roles[0].pk, "x", "²"]})

    assert boxes(response) == {"Teams Administrator": True, "Teams Reader": False}


def test_roles_are_found_by_their_resource_too(admin, roles):
    make.role(name="Operator", on=make.resource(name="Shop", below=make.resource()))

    response = visit.by(admin).get(f"/templates/{make.template().pk}/", {"q": "shop"})

    assert boxes(response) == {"Operator (Shop)": False}


def test_all_that_are_listed_can_be_ticked_at_once(admin, roles):
    response = visit.by(admin).get(f"/templates/{make.template().pk}/", {"q": "teams", "all": "yes"})

    assert boxes(response) == {"Teams Administrator": True, "Teams Reader": True}


def test_a_search_that_finds_no_role_says_so(admin):
    response = visit.by(admin).get(f"/templates/{make.template().pk}/", {"q": "<nothing>"})

    assert "No role is called “<nothing>”." in visit.main(response).text


# --- saving a role's settings


def test_the_settings_of_a_role_become_a_template(admin):
    role = make.role(terms=STRICT.activation)
    browser = visit.by(admin)

    saved = browser.post(f"/roles/{role.pk}/save-template/", {"name": "Strict", "description": "All"}, follow=True)

    template = SettingsTemplate.objects.get()
    assert saved.redirect_chain == [(f"/templates/{template.pk}/", 302)]
    assert visit.notices(saved) == ["Strict holds the settings of Teams Administrator now."]
    assert (template.name, template.description, template.settings()) == ("Strict", "All", STRICT)


def test_one_gets_there_from_the_role(admin):
    role = make.role()

    links = visit.links(visit.by(admin).get(f"/roles/{role.pk}/"))

    assert links["Save as template"] == f"/roles/{role.pk}/save-template/"


def test_whether_a_template_shall_be_replaced_is_asked(admin):
    role = make.role(terms=STRICT.activation)
    template = make.template(name="Strict", by=admin)
    browser, page = visit.by(admin), f"/roles/{role.pk}/save-template/"

    asked = browser.post(page, {"name": "Strict", "description": "All"})

    assert (asked.status_code, visit.sentences(asked)) == (
        400,
        ["There is a template called Strict. Replace it, or choose another name."],
    )
    assert "Replace Strict, changed last by Ada Admin" in visit.main(asked).text
    assert visit.typed(asked) == {"name": "Strict", "description": "All"}
    assert SettingsTemplate.objects.get().settings() == DEFAULTS
    browser.post(page, {"name": "Strict", "description": "All", "replace": f"{template.pk}-1"})
    assert SettingsTemplate.objects.get().settings() == STRICT


def test_the_box_to_tick_holds_what_was_looked_at(admin):
    template = make.template(name="Strict")
    page = f"/roles/{make.role().pk}/save-template/"

    asked = visit.by(admin).post(page, {"name": "Strict"})

    found = [one for one in visit.main(asked).all("input") if one.attributes.get("name") == "replace"]
    ticks = [box.attributes["value"] for box in found]
    assert ticks == [f"{template.pk}-1"]
    assert "Replace Strict, changed last by the portal" in visit.main(asked).text


def test_a_template_that_was_changed_meanwhile_is_asked_for_again(admin):
    template = make.template(name="Strict")
    make.replace_template(template, of=STRICT, by=admin)
    page = f"/roles/{make.role().pk}/save-template/"

    asked = visit.by(admin).post(page, {"name": "Strict", "replace": f"{template.pk}-1"})

    assert visit.sentences(asked) == [
        "Ada Admin changed the template Strict while you were looking at it. Look at it again."
    ]
    assert (asked.status_code, visit.typed(asked)) == (400, {"name": "Strict", "description": ""})
    assert SettingsTemplate.objects.get().settings() == STRICT


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters (it has 121)."),
        ({"name": "x", "description": "x" * 301}, "Ensure this value has at most 300 characters (it has 301)."),
        ({"name": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(admin, typed, sentence):
    response = visit.by(admin).post(f"/roles/{make.role().pk}/save-template/", typed)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert SettingsTemplate.objects.count() == 0


@pytest.mark.parametrize("replace_it", ["x", "1-", "-1", "1-1-1", "9" * 30])
def test_what_makes_no_sense_replaces_nothing(admin, replace_it):
    make.template(name="Strict")

    response = visit.by(admin).post(
        f"/roles/{make.role().pk}/save-template/", {"name": "Strict", "replace": replace_it}
    )

    assert visit.sentences(response) == ["There is a template called Strict. Replace it, or choose another name."]


# --- bringing in


def bring_in(browser, **sent):
    return browser.post("/templates/import/", sent, follow=True)


def test_what_was_exported_is_pasted_and_becomes_a_template(admin):
    response = bring_in(visit.by(admin), text=TEXT)

    template = SettingsTemplate.objects.get()
    assert visit.notices(response) == ["Strict is imported. Apply it to roles now."]
    assert (template.name, template.description, template.settings()) == ("Strict", "For what matters", STRICT)
    assert seen.events() == ["template.made"]


def test_what_was_exported_is_uploaded_and_becomes_a_template_of_another_name(admin):
    file = SimpleUploadedFile("strict.json", b"\xef\xbb\xbf" + TEXT.encode())

    bring_in(visit.by(admin), text="what stood here before", file=file, name="Tight")

    assert [(one.name, one.settings()) for one in SettingsTemplate.objects.all()] == [("Tight", STRICT)]


def test_what_a_role_exports_can_be_brought_in(admin):
    browser, role = visit.by(admin), make.role(terms=STRICT.activation)

    bring_in(browser, text=browser.get(f"/roles/{role.pk}/settings.json").content.decode())

    assert [(one.name, one.settings()) for one in SettingsTemplate.objects.all()] == [("Teams Administrator", STRICT)]


def broken(**changes):
    """A file with this wrong."""
    document = {"format": files.FORMAT, "name": "Strict", "description": "", "settings": settings_to(STRICT)}
    return json.dumps(document | changes)


TOO_SHORT = settings_to(replace(STRICT, activation=ActivationTerms(max_duration=MINUTE)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste the exported settings, or choose a file."),
        (" \n", "Paste the exported settings, or choose a file."),
        ("x" * 100_001, "Paste at most 100 kB."),
        ("ö" * 50_001, "Paste at most 100 kB."),
        ("\x00", "Null characters are not allowed."),
        (
            "hello",
            "This is not JSON: it cannot be read from line 1, column 1 on. "
            "Paste what was exported by a portal like this one.",
        ),
        (broken(settings={}), "settings.activation is missing."),
        (broken(name=" "), "Give the template a name."),
        (
            broken(settings=TOO_SHORT),
            "settings.activation.max_minutes: Choose a maximum from 0.5 to 24 hours, in half hours.",
        ),
    ],
    ids=range(9),
)
def test_whatever_is_wrong_is_said_and_what_was_pasted_stays(admin, text, sentence):
    response = bring_in(visit.by(admin), text=text)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["text"].strip("\r\n") == text.strip("\r\n")
    assert (SettingsTemplate.objects.count(), seen.events()) == (0, [])


def test_a_file_with_a_mistake_can_be_mended_on_the_page(admin):
    response = bring_in(visit.by(admin), file=SimpleUploadedFile("x.json", b"{}"), name="Strict")

    assert visit.typed(response) == {"text": "{}", "file": "", "name": "Strict", "replace": ""}
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * 100_001, "Choose a file of at most 100 kB."),
        (b"\xff\xfe\x00", "This file is not text in UTF-8. Choose one that was exported here."),
    ],
)
def test_a_file_that_is_no_text_or_too_large_is_refused(admin, content, sentence):
    response = bring_in(visit.by(admin), file=SimpleUploadedFile("x.json", content), text="kept")

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["text"] == "kept"


def test_whether_a_template_shall_be_replaced_by_a_file_is_asked(admin):
    template = make.template(name="Strict")
    browser = visit.by(admin)

    asked = bring_in(browser, file=SimpleUploadedFile("strict.json", TEXT.encode()))

    assert visit.sentences(asked) == ["There is a template called Strict. Replace it, or choose another name."]
    assert visit.typed(asked) == {"text": TEXT, "file": "", "name": ""}
    assert SettingsTemplate.objects.get().settings() == DEFAULTS
    bring_in(browser, text=TEXT, replace=f"{template.pk}-1")
    assert SettingsTemplate.objects.get().settings() == STRICT


# --- removing


def test_a_template_is_removed_after_a_second_thought(admin):
    template = make.template(name="Strict")
    browser = visit.by(admin)
    page = browser.get(visit.links(browser.get(f"/templates/{template.pk}/"))["Remove"])

    response = browser.post(f"/templates/{template.pk}/remove/", {"version": "1"}, follow=True)

    assert visit.title(page) == "Remove Strict"
    assert visit.notices(response) == ["The template Strict is removed."]
    assert SettingsTemplate.objects.count() == 0


def test_the_page_sends_the_version_one_looks_at(admin):
    template = make.template()

    page = visit.by(admin).get(f"/templates/{template.pk}/remove/")

    assert [field.attributes["value"] for field in visit.main(page).all("input")][1:] == ["1"]


def test_a_template_that_was_changed_meanwhile_is_not_removed(admin):
    template = make.template(name="Strict")

    response = visit.by(admin).post(f"/templates/{template.pk}/remove/", {"version": "0"})

    assert (response.status_code, visit.notices(response)) == (
        409,
        ["The portal changed the template Strict while you were looking at it. Look at it again."],
    )
    assert SettingsTemplate.objects.count() == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_what_was_sent_incompletely_removes_nothing(admin, version):
    response = visit.by(admin).post(f"/templates/{make.template().pk}/remove/", {"version": version})

    assert (response.status_code, visit.notices(response)) == (
        400,
        ["This page was sent incompletely. Open it again and send it once more."],
    )
    assert SettingsTemplate.objects.count() == 1


def test_whoever_lost_the_power_meanwhile_makes_and_removes_nothing(admin):
    browser, template, role = visit.by(admin), make.template(), make.role()
    Assignment.objects.update(end_at=NINE, removed_at=NINE)

    answers = [
        browser.post(path, {"name": "Strict", "text": TEXT, "version": "1"}).status_code
        for path in (f"/roles/{role.pk}/save-template/", "/templates/import/", f"/templates/{template.pk}/remove/")
    ]

    assert (answers, SettingsTemplate.objects.count()) == ([403] * 3, 1)


@pytest.mark.parametrize("page", ["", "apply/", "remove/"])
def test_a_template_that_does_not_exist_is_not_found(admin, page):
    assert visit.by(admin).get(f"/templates/999999/{page}").status_code == 404
