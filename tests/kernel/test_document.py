"""Reading a document that somebody else wrote."""

from enum import StrEnum
from functools import partial

import pytest

from kernel.document import Misread, Place


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def place(value):
    return Place(value, "file")


def test_every_value_knows_its_place():
    found = place({"people": [{"name": "Ada"}, {"name": "Ben"}]})

    names = [person["name"] for person in found["people"].items()]

    assert [(name.path, name.text(10)) for name in names] == [
        ("file.people[0].name", "Ada"),
        ("file.people[1].name", "Ben"),
    ]


@pytest.mark.parametrize("value", [0, 7, 10])
def test_a_number_within_bounds_is_read(value):
    assert place(value).count(10) == value


@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_read(value):
    assert place(value).yes_or_no() is value


def test_one_of_several_words_is_read():
    assert place("blue").one_of(Colour) is Colour.BLUE


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        (lambda: place({})["name"], "file.name is missing."),
        (lambda: place([])["name"], "file has to be an object in braces, with name in it."),
        (lambda: place("x")["name"], "file has to be an object in braces, with name in it."),
        (lambda: place({}).items(), "file has to be a list in square brackets."),
        *(
            (partial(place(value).count, 10), "file has to be a whole number from 0 to 10.")
            for value in (-1, 11, 1.0, True, "1", None, float("nan"))
        ),
        *((place(value).yes_or_no, "file has to be true or false.") for value in (0, 1, "true", None)),
        *((partial(place(value).text, 3), "file has to be text in quotation marks.") for value in (1, None)),
        (lambda: place("abcd").text(3), "file has to be text of at most 3 characters."),
        (lambda: place("a\x00").text(3), "file holds a character that cannot be kept."),
        (lambda: place("a\ud800").text(3), "file holds a character that cannot be kept."),
        (lambda: place("a\udfff").text(3), "file holds a character that cannot be kept."),
        *(
            (partial(place(value).one_of, Colour), "file has to be one of these: red, blue.")
            for value in ("green", 1, None, ["red"], {"red": "blue"})
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_named_with_its_place(read, sentence):
    with pytest.raises(Misread) as caught:
        read()

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("document", "place_of_the_rest"),
    [
        ({"name": "Ada", "nmae": "Ada"}, "file.nmae"),
        ({"name": {"first": "Ada"}}, "file.name.first"),
        ({"name": [{"first": "Ada"}]}, "file.name[0].first"),
    ],
)
def test_what_nobody_asked_for_is_not_passed_over(document, place_of_the_rest):
    found = place(document)
    found["name"]

    with pytest.raises(Misread) as caught:
        found.refuse_the_rest()

    assert str(caught.value) == f"{place_of_the_rest} is not known here. Take it out."


def test_where_everything_was_taken_nothing_is_refused():
    found = place({"people": [{"name": "Ada"}]})

    names = [person["name"].text(10) for person in found["people"].items()]
    found.refuse_the_rest()

    assert names == ["Ada"]
