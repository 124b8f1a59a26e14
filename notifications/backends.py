"""How emails leave: SMTP, with the certificates the operator trusts."""

import ssl

from django.conf import settings
from django.core.mail.backends import smtp
from django.utils.functional import cached_property


class EmailBackend(smtp.EmailBackend):
    """Django's own, which checks the server's certificate against `EMAIL_CA_FILE` where that is set."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """Certificate and host name are always checked; with a file of authorities, against these alone."""
        return ssl.create_default_context(cafile=settings.EMAIL_CA_FILE or None)
