"""What can be told."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from accounts.events import DeviceAdded, SignedIn
from audit.events import Event, families, label_of


def test_two_events_are_never_called_the_same():
    with pytest.raises(TypeError, match=r"two events are called person\.signed_in"):

        @dataclass(frozen=True, kw_only=True)
        class Impostor(Event):
            kind: ClassVar[str] = "person.signed_in"
            label: ClassVar[str] = "Impostor"


def test_what_a_kind_tells_beyond_the_common_is_its_facts():
    assert DeviceAdded(device="Phone", because="New phone").facts() == {"device": "Phone"}
    assert SignedIn(because="x").facts() == {}


def test_a_kind_has_words_and_one_that_is_no_longer_told_keeps_its_name():
    assert label_of("person.signed_in") == "Signed in"
    assert label_of("person.waved") == "person.waved"


def test_kinds_stand_in_families_by_their_words():
    devices = families()["second_factor"]

    assert ("second_factor.added", "Second factor added") in devices
    assert devices == sorted(devices, key=lambda kind: kind[1])
    assert {kind.partition(".")[0] for kind, _label in devices} == {"second_factor"}
