"""EMAIL_URL, and what is refused at the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from pimportal.mail_server import mail_server


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mail.example.org", "EMAIL_URL begins with smtp+tls://, smtps:// or smtp:// and names a mail server."),
        ("http://mail.example.org", "EMAIL_URL begins with smtp+tls://, smtps:// or smtp:// and names a mail server."),
        ("smtp+tls://", "EMAIL_URL begins with smtp+tls://, smtps:// or smtp:// and names a mail server."),
        ("smtps://mail.example.org:much", "EMAIL_URL cannot be read: "),
        ("smtp://pim:secret@mail.example.org", "EMAIL_URL would send its password in plain text. Use smtp+tls:// or"),
    ],
)
def test_an_address_that_cannot_be_meant_so_stops_the_start_with_a_sentence(url, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        mail_server(url, is_safe=False)

    assert str(refused.value).startswith(sentence)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_password_may_go_to_this_machine_in_plain_text(host):
    assert mail_server(f"smtp://pim:secret@{host}", is_safe=False)["EMAIL_HOST_PASSWORD"] == "secret"
