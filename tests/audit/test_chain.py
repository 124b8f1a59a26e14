"""What is hashed, and how. Published examples, and rows as both databases give them back."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import chain
from audit.events import KINDS, About, Event
from audit.log import record
from audit.models import Entry
from audit.operations.sealing import COLUMNS
from kernel.period import HOUR
from tests import make
from tests.make import NINE

ROW = {"id": 7, "at": NINE, "kind": "a", "actor_id": 1, "because": "a", "ip": "192.0.2.1", "facts": {"a": 1}}


@pytest.fixture
def told():
    """A kind of event that tells whatever it is given."""

    @dataclass(frozen=True, kw_only=True)
    class Told(Event):
        kind: ClassVar[str] = "test.told"
        label: ClassVar[str] = "Told in a test"
        what: Any = None

    yield Told
    del KINDS["test.told"]


def columns(entry):
    return Entry.objects.values(*COLUMNS).get(pk=entry.pk)


# --- entries


@pytest.mark.postgres
def test_an_entry_read_back_still_has_the_digest_it_was_written_with(user, told):
    at = (NINE + make.MICROSECOND).astimezone(timezone(timedelta(hours=-3)))
    what = {"größe": "– 100 %", "at": NINE, "for": HOUR, "many": [1, 2**70, True, None], "none": {}}
    written = record(
        make.act(by=user, at=at, ip="2001:DB8:0:0::1"), told(because=" \u2028ü\U0001f600 ", what=what), about=About()
    )

    kept = columns(written)

    assert kept["at"] == NINE + make.MICROSECOND
    assert chain.sha256(chain.content(kept)) == kept["digest"] == written.digest


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abäß"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.postgres
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    what=JSON,
    because=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50),
    ip=st.none() | st.ip_addresses().map(str) | st.sampled_from(["::ffff:192.0.2.1", "::FFFF:c000:201", ""]),
    at=st.datetimes(timezones=st.just(timezone(HOUR)), min_value=NINE.replace(tzinfo=None)),
)
def test_whatever_is_told_keeps_its_digest_on_its_way_through_the_database(user, told, what, because, ip, at):
    if at.year > 9990:
        at = at.replace(year=9990)
    written = record(make.act(by=user, at=at, ip=ip), told(because=because, what=what))

    kept = columns(written)

    assert chain.sha256(chain.content(kept)) == kept["digest"]


@pytest.mark.postgres
def test_entries_written_before_there_were_seals_keep_their_digests(db):
    row = {
        "at": NINE + 1234 * make.MICROSECOND, "kind": "a", "actor_id": 1, "actor_name": "John Doe",
        "ip": "2001:db8::1", "proof_method": "", "proof_device": "", "proof_at": None, "person_id": None,
        "person_name": "", "role_id": None, "role_name": "", "scope_name": "", "request_id": None, "because": "Größe",
        "approver_name": "", "ticket_number": "", "ticket_system": "", "outcome": "", "facts": {"count": 2},
    }  # fmt: skip
    text = (
        '{"actor_id":1,"actor_name":"John Doe","approver_name":"","at":"2026-11-23T09:00:00.001Z","because":"Größe",'
        '"facts":{"count":2},"ip":"2001:db8::1","kind":"a","outcome":"","person_id":null,"person_name":"",'
        '"proof_at":null,"proof_device":"","proof_method":"","request_id":null,"role_id":null,"role_name":"",'
        '"scope_name":"","ticket_number":"","ticket_system":""}'
    )
    digest = hashlib.sha256(text.encode()).hexdigest()

    kept = columns(Entry.objects.create(**row, digest=digest))

    assert chain.first_digest(kept) == kept["digest"]


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("at", NINE + make.MICROSECOND),
        ("kind", "b"),
        ("actor_id", None),
        ("actor_id", 0),
        ("because", ""),
        ("ip", "192.0.2.2"),
        ("facts", {"a": "1"}),
    ],
)
def test_whatever_is_changed_changes_the_digest(column, other):
    assert chain.content({**ROW, column: other}) != chain.content(ROW)


def test_every_column_is_covered():
    assert {*COLUMNS} == {field.attname for field in Entry._meta.concrete_fields}
    assert {*COLUMNS} - {*chain.BESIDE} == {*COLUMNS} - {"id", "digest"}


def test_a_column_added_later_leaves_earlier_digests_as_they_are():
    assert chain.content({**ROW, "added": "", "added_id": None}) == chain.content(ROW)
    assert chain.content({**ROW, "added": "x"}) != chain.content(ROW)


def test_what_is_hashed_is_canonical_json():
    expected = (
        '{"actor_id":1,"at":"2026-11-23T09:00:00.000000+00:00","because":"\\u00fc","facts":{"a":1,"b":[]},"ip":"2001:db8::1",'
        '"kind":"a"}'
    )

    told = chain.content({**ROW, "because": "ü", "facts": {"b": [], "a": 1}, "ip": "2001:0DB8::0:1", "proof_at": None})

    assert told == expected
    line = chain.entry_line(7, "d1", told)
    assert line == f'{{"digest":"d1","entry":{expected},"id":7}}'
    assert json.loads(line)["entry"]["because"] == "ü"


# --- trees

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots over the first 0 to 8 of these leaves, as Certificate Transparency publishes them with its own tests."""


def rfc_root(leaves):
    """RFC 6962, 2.1, word by word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_certificate_transparency(count):
    leaves = [bytes.fromhex(leaf).decode("ascii") for leaf in LEAVES[:count]]

    assert chain.Tree(leaves).root() == ROOTS[count]


@pytest.mark.parametrize("count", [*range(1, 35), 1000])
def test_roots_are_as_the_standard_defines_them(count):
    leaves = [f"leaf {number}" for number in range(count)]

    assert chain.Tree(leaves).root() == rfc_root([leaf.encode() for leaf in leaves]).hex()


def test_the_list_of_a_seal_tells_numbers_and_beginnings_of_digests():
    packed = chain.pack({7: "ab" * 32, 2**40: "cd" * 32})

    assert len(packed) == 32
    assert chain.unpack(packed) == chain.unpack(packed + b"rest") == {7: "ab" * 8, 2**40: "cd" * 8}
