"""A table of assignments, as text."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from roles.forms.tables import ImportForm, TableError, read
from roles.models import Role
from roles.policy import Kind
from tests import make
from tests.make import NINE, THE_DAY_BEFORE

HEAD = "member,role,type\n"


def test_lines_are_counted_as_an_editor_counts_them():
    text = '\n\nmember,role,type,justification\na,b,c,"one\ntwo"\n\nd,e,f,\n'

    assert [(line.number, line["member"], line["justification"]) for line in read(text)] == [
        (4, "a", "one\ntwo"),
        (7, "d", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "member,role,type\nJohn,Reader,eligible",
        "\ufeffmember,role,type\r\nJohn,Reader,eligible\r\n",
        "Type;MEMBER; role \neligible;John;Reader",
        'member,role,type\n"John"," Reader ",eligible',
    ],
)
def test_the_table_may_come_from_any_spreadsheet(text):
    (line,) = read(text)

    assert (line["member"], line["role"], line["type"]) == ("John", "Reader", "eligible")


def test_a_semicolon_in_a_reason_separates_nothing():
    (line,) = read("member,role,type,justification\nJohn,Reader,eligible,one; two")

    assert line["justification"] == "one; two"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no line below the head. Paste a table, or choose a file."),
        ("member,role,type\n\n", "There is no line below the head. Paste a table, or choose a file."),
        ("name,role\nx,y", "The first line has to name the columns. Missing: member, type."),
        (
            "member,role,type,colour\n",
            "There is no column colour. The columns are member, role, scope, type, start, end, justification.",
        ),
        ("member,role,type,role\n", "A column stands there twice. Name each once."),
        (
            HEAD + "a,b,c\na,b,c,d",
            "Line 3: there are 4 cells, and 3 columns. Put text with commas in quotation marks.",
        ),
        (HEAD + 'a,b,c\na,"b', "Line 3: a quotation mark is not closed, or stands where none may."),
        (HEAD + 'a,"b"x,c', "Line 2: a quotation mark is not closed, or stands where none may."),
        (HEAD + "a,b,c\n" * 501, "There are more than 500 lines. Import at most 500 at once."),
    ],
)
def test_what_is_no_table_is_told_so(text, sentence):
    with pytest.raises(TableError) as caught:
        list(read(text))

    assert str(caught.value) == sentence


def test_five_hundred_lines_are_read():
    assert len(list(read(HEAD + "a,b,c\n" * 500))) == 500


# --- what the lines ask for


def imported(text="", *, file=None, by=None):
    """The form, with this typed."""
    files = {"file": SimpleUploadedFile("a.csv", file)} if file is not None else {}
    return ImportForm({"text": text}, files, act=make.act(by=by))


def mistakes(form):
    """Every sentence against it."""
    assert not form.is_valid()
    return [sentence for sentences in form.errors.values() for sentence in sentences]


def test_a_line_becomes_what_it_asks_for(user):
    role = make.role()

    form = imported(
        "member,role,type,end,justification\nUser@Example.com,teams administrator,ELIGIBLE,Permanent,'=Falcon"
    )

    assert form.is_valid()
    (wish,) = form.wishes()
    assert (wish.to, wish.role, wish.scope, wish.kind) == (user, role, role.resource, Kind.ELIGIBLE)
    assert (wish.ask.start_at, wish.ask.end_at, wish.ask.justification) == (NINE, None, "=Falcon")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-12-01T10:00", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        ("2026-12-01 10:00", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, 0, tzinfo=UTC)),
        ("2026-12-01T10:00Z", datetime(2026, 12, 1, 10, 0, tzinfo=UTC)),
        ("2026-12-01T10:00:30-05:00", datetime(2026, 12, 1, 15, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_in_the_zone_of_whoever_types(user, said, means):
    make.role()

    with timezone.override(timezone.get_fixed_timezone(60)):
        form = imported(f"{HEAD.strip()},start,end\n{user.email},Teams Administrator,eligible,{said},2027-01-01")
        assert form.is_valid()

    assert form.wishes()[0].ask.start_at == means
    assert form.wishes()[0].ask.end_at == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


def test_what_began_elsewhere_begins_now(user):
    make.role()

    form = imported(f"{HEAD.strip()},start\n{user.email},Teams Administrator,eligible,2020-01-01")

    assert form.is_valid()
    assert form.wishes()[0].ask.start_at == NINE


@pytest.mark.parametrize("said", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-02-30", "permanent", "x"])
def test_a_time_that_is_none_is_refused(user, said):
    make.role()

    form = imported(f"{HEAD.strip()},start\n{user.email},Teams Administrator,eligible,{said}")

    assert mistakes(form) == [f"Line 2: {said} is not a time. Write the start as 2027-01-31T18:00."]


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        (",Teams Administrator,eligible", ["Line 2: member is empty."]),
        ("user@example.com,,eligible", ["Line 2: role is empty."]),
        ("user@example.com,Teams Administrator,", ["Line 2: type is empty."]),
        (
            "user@example.com,Teams Adminstrator,eligible",
            ["Line 2: There is no role Teams Adminstrator. Did you mean Teams Administrator?"],
        ),
        ("user@example.com,zzz,eligible", ["Line 2: There is no role zzz. Check how it is written."]),
        (
            "user@example.com,Owner,eligible",
            ["Line 2: 2 roles are called Owner. Name the scope of the one you mean."],
        ),
        (
            "user@example.com,Owner,eligible,Directory",
            ["Line 2: Owner cannot be held on Directory: it belongs to Payroll or Shop."],
        ),
        (f"user@example.com,Teams Administrator,eligible,,{'x' * 2001}", [
            "Line 2: the justification is longer than 2000 characters."
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_told(user, line, sentences):
    make.role()
    for name in ("Shop", "Payroll"):
        make.role(name="Owner", on=make.resource(name=name, below=make.resource()))

    assert mistakes(imported(f"{HEAD.strip()},scope,justification\n{line}")) == sentences


def test_a_scope_tells_two_roles_of_one_name_apart(user):
    roles = [
        make.role(name="Owner", on=make.resource(name=name, below=make.resource())) for name in ("Shop", "Payroll")
    ]

    form = imported(f"{HEAD.strip()},scope\n{user.email},Owner,eligible,payroll")

    assert form.is_valid()
    assert (form.wishes()[0].role, form.wishes()[0].scope) == (roles[1], roles[1].resource)


def test_of_two_roles_of_one_name_the_retired_one_is_not_meant(user):
    retired, kept = [
        make.role(name="Owner", on=make.resource(name=name, below=make.resource())) for name in ("Shop", "Payroll")
    ]
    Role.objects.filter(pk=retired.pk).update(retired_at=THE_DAY_BEFORE)

    form = imported(f"{HEAD}{user.email},Owner,eligible")

    assert form.is_valid()
    assert form.wishes()[0].role == kept


def test_the_same_line_twice_is_told_with_its_number(user):
    make.role()
    line = "user@example.com,Teams Administrator,eligible\n"

    assert mistakes(imported(HEAD + line + line)) == [
        "Line 3: John Doe is eligible for Teams Administrator for all of that time already."
    ]


# --- files


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("é".encode("latin-1"), "The file is not text in UTF-8. Save it as “CSV UTF-8”, then choose it again."),
        (b"a\x00b", "The file is not text. Save it as “CSV UTF-8”, then choose it again."),
        (b"x" * 200_001, "The file has 200001 bytes. Import at most 200000 at once."),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_file_that_is_no_table_is_refused(db, file, sentence):
    assert mistakes(imported(file=file)) == [sentence]


def test_a_file_goes_before_what_was_pasted(user):
    make.role()

    form = imported("nonsense", file=f"{HEAD}{user.email},Teams Administrator,eligible".encode())

    assert form.is_valid()
    assert form.cleaned_data["text"].startswith("member,role,type")


def test_too_much_pasted_is_refused(db):
    assert mistakes(imported("x" * 200_001)) == ["Ensure this value has at most 200000 characters (it has 200001)."]


def test_whoever_reads_it_needs_the_power_to_assign(user, stranger):
    make.role()

    form = imported(f"{HEAD}{user.email},Teams Administrator,eligible", by=User.objects.get(pk=stranger.pk))

    assert mistakes(form) == ["Line 2: You no longer hold a role that allows this. Activate it, then try again."]
