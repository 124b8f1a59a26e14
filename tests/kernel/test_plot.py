"""Where the bars of a plot stand."""

import itertools

from kernel import plot


def test_the_highest_bar_is_as_high_as_there_is_room_and_the_others_in_proportion():
    low, none, high = plot.bars([("Mon", 2), ("Tue", 0), ("Wed", 8)])

    assert (low.height, none.height, high.height) == (28.5, 0, 114)
    assert {bar.y + bar.height for bar in (low, none, high)} == {136}


def test_bars_stand_beside_each_other_inside_the_plot():
    found = plot.bars([(str(week), week) for week in range(12)])

    assert all(left.x + left.width < right.x for left, right in itertools.pairwise(found))
    assert found[0].x > 0
    assert found[-1].x + found[-1].width < plot.WIDTH


def test_few_bars_are_not_broader_than_they_need_be():
    (only,) = plot.bars([("Mon", 1)])

    assert (only.width, only.middle) == (plot.MOST_WIDE, plot.WIDTH / 2)


def test_where_there_is_nothing_bars_are_flat():
    assert [bar.height for bar in plot.bars([("Mon", 0), ("Tue", 0)])] == [0, 0]
    assert plot.bars([]) == []


def test_one_bar_can_be_marked():
    assert [bar.is_marked for bar in plot.bars([("W46", 1), ("W47", 2)], marked="W47")] == [False, True]


def test_shares_are_in_percent_of_the_greatest():
    assert plot.shares([8, 2, 0]) == [100, 25, 0]
    assert plot.shares([]) == []
