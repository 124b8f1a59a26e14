"""`manage.py create_admin`: the first administrator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.act import Act
from accounts.models import User
from kernel.refusal import Refused
from roles.operations import administrators


class Command(BaseCommand):
    help = "Add a permanently active Global Administrator and print the link with which they get in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_demo=True).exists():
            raise CommandError("This database holds the demo. Use an empty one for real people.")
        try:
            user, secret = administrators.make(
                Act(None, timezone.now()), address=options["email"], name=options["name"]
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{user.name} is Global Administrator, permanently. This is written into the history.\n"
            f"The link works once, for 7 days, and sets password and second factor:\n"
            f"  {settings.PUBLIC_URL}/invitation/{secret}/"
        )
