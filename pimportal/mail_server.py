"""EMAIL_URL: where emails go, and how."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BACKENDS = {
    "dummymail": "django.core.mail.backends.dummy.EmailBackend",
    "memorymail": "django.core.mail.backends.locmem.EmailBackend",
    "consolemail": "django.core.mail.backends.console.EmailBackend",
}
SMTP = "notifications.backends.EmailBackend"
# What the connection is wrapped in, and the port where none is named.
SCHEMES = {
    "smtp": ("", 25),
    "smtp+tls": ("EMAIL_USE_TLS", 587),
    "smtps": ("EMAIL_USE_SSL", 465),
    "smtp+ssl": ("EMAIL_USE_SSL", 465),
}
HERE = ("localhost", "127.0.0.1", "::1")


def mail_server(url: str, *, is_safe: bool) -> dict[str, Any]:
    """Django's settings for an address like `smtp+tls://name:password@mail.example.org:587`.

    `smtp+tls` begins in plain text and goes on with STARTTLS, `smtps` is TLS from the first byte, `smtp` neither.
    Raises `ImproperlyConfigured`, also for a password that would cross the network in plain text, unless `is_safe`.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"EMAIL_URL cannot be read: {error}.") from error
    if scheme in BACKENDS:
        return {"EMAIL_BACKEND": BACKENDS[scheme]}
    if scheme not in SCHEMES or not host:
        raise ImproperlyConfigured("EMAIL_URL begins with smtp+tls://, smtps:// or smtp:// and names a mail server.")
    wrapped, usual_port = SCHEMES[scheme]
    if parts.password and not (wrapped or is_safe or host in HERE):
        raise ImproperlyConfigured("EMAIL_URL would send its password in plain text. Use smtp+tls:// or smtps://.")
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": host,
        "EMAIL_PORT": port or usual_port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": wrapped == "EMAIL_USE_TLS",
        "EMAIL_USE_SSL": wrapped == "EMAIL_USE_SSL",
    }
