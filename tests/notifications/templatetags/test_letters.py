"""What emails are put together from."""

from notifications.templatetags.letters import row


def test_a_row_shows_what_was_typed_as_it_was_typed():
    shown = row("Said", "<b>one</b>\n& two")

    assert ">Said</th>" in shown
    assert ">&lt;b&gt;one&lt;/b&gt;<br>&amp; two</td>" in shown


def test_where_there_is_nothing_to_say_there_is_no_row():
    assert [row("Said", nothing) for nothing in ("", None)] == ["", ""]
