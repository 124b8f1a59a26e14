"""No is a value."""

import pytest
from django import forms

from kernel.refusal import Refusal, Refused, refuse_if_any, show_on

TOO_LONG = Refusal("too_long", "Choose at most 1 h.", "duration")
NO_REASON = Refusal("justification", "Say why.", "justification")
NOT_YOURS = Refusal("not_yours", "This is not yours.")


class DurationForm(forms.Form):
    duration = forms.CharField(required=False)


def test_who_is_refused_learns_every_reason():
    refused = Refused(TOO_LONG, NO_REASON)

    assert refused.refusals == (TOO_LONG, NO_REASON)
    assert refused.codes == ("too_long", "justification")
    assert str(refused) == "Choose at most 1 h. Say why."


def test_nothing_is_refused_without_a_reason():
    with pytest.raises(ValueError, match="a refusal needs a reason"):
        Refused()


def test_no_reasons_is_no_refusal():
    refuse_if_any()
    refuse_if_any([], [])


def test_the_reasons_of_all_groups_are_raised_in_order():
    with pytest.raises(Refused) as caught:
        refuse_if_any([NOT_YOURS], [], [TOO_LONG, NO_REASON])

    assert caught.value.codes == ("not_yours", "too_long", "justification")


def test_each_sentence_is_shown_beside_its_field_or_above_the_form():
    form = DurationForm({})

    show_on(form, Refused(TOO_LONG, NO_REASON, NOT_YOURS))

    assert form.errors == {
        "duration": ["Choose at most 1 h."],
        "__all__": ["Say why.", "This is not yours."],
    }
