"""`manage.py demo_signins`: where the demo is and how to get in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from pimportal import demo


class Command(BaseCommand):
    help = "Print the address of the portal and the sign-ins of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        width = max(len(person.email) for person in demo.PEOPLE)
        lines = [
            "",
            f"  Portal     {settings.PUBLIC_URL}/",
            f"  Mailbox    {settings.PUBLIC_URL}/mailbox/",
            f"  Behind it  {settings.PUBLIC_URL}/demo/teams-admin-center/",
            "",
            *(f"  {person.email:{width}}  {person.what}" for person in demo.PEOPLE),
            "",
            f"  Password for all     {demo.PASSWORD}",
            f"  Second factor (TOTP) {demo.TOTP_SECRET}   (the page shows the current code)",
            "",
        ]
        self.stdout.write("\n".join(lines))
