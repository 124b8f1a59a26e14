"""Every filter of the history is answered by its index, in its order: a page costs the same at any length."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events import SignedIn, SignedOut
from audit.events import About
from audit.log import record_all
from audit.models import Entry
from audit.queries import pages
from audit.queries.filters import Filters, parts
from kernel.period import DAY
from requests_app.events import RequestDenied
from tests import make
from tests.make import NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

KINDS = ("request.denied", "person.signed_out")
KEY = f"{(NINE - 20 * DAY).isoformat()}_1"
RARE = (RequestDenied, SignedOut)


def tell_much(user):
    """2,000 events over 40 days, of 40 people, 20 roles and 50 requests; one of 50 was denied, one a sign-out."""
    for day in range(40):
        told = []
        for number in range(50):
            who, outcome = day % 8 * 5 + number % 5 + 1, "" if number else "refused"
            about = About(person_id=who, role_id=who % 20 + 1, role_name=f"Role {who % 20 + 1:02}", request_id=number)
            event = RARE[number] if number < len(RARE) else SignedIn
            told.append((event(outcome=outcome), about))
        record_all(make.act(by=user, at=NINE - day * DAY), told)


def plans(captured):
    """How the database would read the entries for each of these queries, if it had very many."""
    found = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE audit_entry")
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        for query in captured:
            if 'FROM "audit_entry"' in query["sql"] and " IN (" not in query["sql"]:
                cursor.execute(f"{EXPLAIN[connection.vendor]} {query['sql']}")
                found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return found


EXPLAIN = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}
# What would read everything there is, or everything that fits, before it has the first.
READS_ALL = re.compile(r"Seq Scan|(?<!Incremental )Sort  \(|SCAN audit_entry$|TEMP B-TREE FOR ORDER BY", re.MULTILINE)
INDEX = re.compile(r"(?:using|INDEX) (entry_\w+)")


@pytest.mark.parametrize("turn", [{}, {"before": KEY}, {"after": KEY}, {"oldest": True}])
@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        ({}, {"entry_newest"}),
        ({"start": NINE - 30 * DAY, "end": NINE - DAY}, {"entry_newest"}),
        ({"kinds": KINDS[:1]}, {"entry_kind"}),
        ({"kinds": KINDS}, {"entry_kind"}),
        ({"person_id": 7}, {"entry_actor", "entry_person"}),
        ({"person_id": 7, "start": NINE - 30 * DAY}, {"entry_actor", "entry_person"}),
        ({"role_id": 7}, {"entry_role"}),
        ({"role_id": 7, "kinds": KINDS[:1]}, {"entry_role_kind"}),
        ({"role_id": 7, "kinds": KINDS}, {"entry_role_kind"}),
        ({"role": "role 07"}, {"entry_role"}),
        ({"request_id": 7}, {"entry_request"}),
        ({"is_refused": True}, {"entry_outcome"}),
    ],
)
def test_a_page_is_read_from_the_index_of_its_filters(user, monkeypatch, wanted, indexes, turn):
    monkeypatch.setattr("audit.queries.search.LOOKED_AT", 9)
    tell_much(user)
    found = parts([Entry.objects.all()], Filters(**wanted))
    with CaptureQueriesContext(connection) as captured:
        pages.page(found, **turn)

    read = plans(captured)

    assert [plan for plan in read if READS_ALL.search(plan)] == []
    assert {index for plan in read for index in INDEX.findall(plan)} == indexes
