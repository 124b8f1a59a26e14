"""Emails as bytes, read by the library that others read them with."""

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import mime

HEADERS = {"From": "PIM <pim@example.com>", "To": "ada@example.com"}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def lines(text):
    """However its lines ended."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_text_and_its_html_are_two_ways_to_read_one_email():
    content = mime.together("alternative", mime.part("text/plain", "Grüße\n"), mime.part("text/html", "<p>Grüße</p>"))

    message = read(mime.message("Hello", HEADERS, content))

    assert [(name, str(value)) for name, value in message.items()] == [
        ("Subject", "Hello"),
        ("From", "PIM <pim@example.com>"),
        ("To", "ada@example.com"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/alternative; boundary="=_alternative"'),
    ]
    assert [(part.get_content_type(), part.get_content().strip()) for part in message.iter_parts()] == [
        ("text/plain", "Grüße"),
        ("text/html", "<p>Grüße</p>"),
    ]
    assert message.defects == []


@given(TEXT)
def test_whatever_is_written_is_read_as_it_was(text):
    content = mime.together("alternative", mime.part("text/plain", text), mime.part("text/html", text))

    message = read(mime.message("Hello", HEADERS, mime.together("mixed", content)))

    (both,) = message.iter_parts()
    assert [lines(part.get_content()) for part in both.iter_parts()] == [lines(text)] * 2


@given(TEXT)
def test_it_is_in_seven_bits_and_short_lines_that_end_with_crlf(text):
    written = mime.message(" ".join(text.split()), HEADERS, mime.together("mixed", mime.part("text/plain", text)))

    rows = written.decode("ascii").split("\r\n")
    assert max(map(len, rows)) <= 78
    assert [row for row in rows if "\r" in row or "\n" in row] == []


@given(TEXT)
def test_a_subject_is_one_header_and_read_as_it_was_written(text):
    said = " ".join(text.split())

    message = read(mime.message(said, HEADERS, mime.part("text/plain", "")))

    assert list(message) == ["Subject", "From", "To", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    assert " ".join(str(email.header.make_header(email.header.decode_header(written_subject(said)))).split()) == said


def written_subject(said):
    """As it stands in the email, unfolded."""
    head = mime.message(said, {}, b"").decode("ascii").removeprefix("Subject: ").rpartition("\r\nMIME-Version")[0]
    return head.replace("\r\n", "")


def test_what_looks_like_an_encoded_word_is_read_as_it_was_written():
    message = read(mime.message("=?utf-8?q?Free_money?=", HEADERS, mime.part("text/plain", "")))

    assert message["Subject"] == "=?utf-8?q?Free_money?="


@pytest.mark.parametrize("address", ["ada@example.com\r\nBcc: all@example.com", "ada@example.com\n", "adä@example.com"])
def test_a_header_that_would_break_its_line_is_refused(address):
    with pytest.raises(ValueError, match="cannot stand in the header To"):
        mime.message("Hello", {"To": address}, mime.part("text/plain", ""))
