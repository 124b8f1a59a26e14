"""Half-open periods, and durations in words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.period import DAY, HOUR, MINUTE, SECOND, Period, earliest, in_words, last_time
from tests.make import MICROSECOND, NINE

AN_HOUR = Period(NINE, NINE + HOUR)


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        (NINE - MICROSECOND, False),
        (NINE, True),
        (NINE + HOUR - MICROSECOND, True),
        (NINE + HOUR, False),
    ],
)
def test_a_period_includes_its_start_and_not_its_end(at, inside):
    assert (at in AN_HOUR) == inside


def test_a_permanent_period_has_a_start_only():
    assert NINE - MICROSECOND not in Period(NINE)
    assert NINE + 36500 * DAY in Period(NINE)


def test_an_empty_period_holds_nothing():
    assert NINE not in Period(NINE, NINE)


def test_a_period_knows_how_long_it_is():
    assert (AN_HOUR.duration, Period(NINE).duration) == (HOUR, None)


@pytest.mark.parametrize(
    ("moments", "first"),
    [
        ((), None),
        ((None, None), None),
        ((NINE, None), NINE),
        ((None, NINE + HOUR, NINE), NINE),
        ((NINE, NINE + HOUR), NINE),
    ],
)
def test_the_earliest_is_the_first_that_is_known(moments, first):
    assert earliest(*moments) == first


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (90 * MINUTE, "1 h 30 min"),
        (HOUR, "1 h"),
        (30 * MINUTE, "30 min"),
        (45 * SECOND, "45 s"),
        (61 * SECOND, "1 min 1 s"),
        (DAY, "1 day"),
        (365 * DAY, "365 days"),
        (2 * DAY + 3 * HOUR + 4 * MINUTE, "2 days 3 h"),
        (DAY + MINUTE, "1 day"),
        (HOUR + SECOND, "1 h"),
        (24 * HOUR, "1 day"),
        (timedelta(), "0 s"),
        (999 * timedelta(milliseconds=1), "0 s"),
        (-HOUR, "0 s"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration, words):
    assert in_words(duration) == words


# --- times of day


@pytest.mark.parametrize(
    ("zone", "at", "last"),
    [
        ("UTC", NINE, NINE - HOUR),
        ("UTC", NINE - HOUR, NINE - HOUR),
        ("UTC", NINE - HOUR - MICROSECOND, NINE - HOUR - DAY),
        ("Europe/Berlin", NINE, NINE - 2 * HOUR),
        ("Pacific/Auckland", NINE, datetime(2026, 11, 22, 19, tzinfo=UTC)),
        # The clocks went forward in the night, so it was eight after 23 hours.
        ("Europe/Berlin", datetime(2026, 3, 29, 7, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 29, 5, tzinfo=UTC), datetime(2026, 3, 28, 7, tzinfo=UTC)),
    ],
)
def test_the_last_time_it_was_eight_is_told_by_the_clocks_of_the_zone(zone, at, last):
    assert last_time(time(8), ZoneInfo(zone), at) == last
