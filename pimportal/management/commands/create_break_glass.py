"""`manage.py create_break_glass`: an account for emergencies. Two of them are enough."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.act import Act
from accounts.models import User
from kernel.refusal import Refused
from roles.operations import administrators

ENOUGH = 2


class Command(BaseCommand):
    help = (
        "Add a break-glass account: permanently Global Administrator, never an approver; its sign-ins alarm everybody."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_demo=True).exists():
            raise CommandError("This database holds the demo. Use an empty one for real people.")
        try:
            user, secret = administrators.make(
                Act(None, timezone.now()), address=options["email"], name=options["name"], is_break_glass=True
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        count = User.objects.enabled().filter(is_break_glass=True).count()
        if count > ENOUGH:
            self.stderr.write(f"There are {count} break-glass accounts now. Two, kept at different places, are enough.")
        self.stdout.write(
            f"{user.name} is a break-glass account: Global Administrator, permanently, and never an approver.\n"
            "This is written into the history, and the administrators are told. Every sign-in of it alarms them.\n"
            "The link works once, for 7 days, and sets password and second factor. Keep both in a safe:\n"
            f"  {settings.PUBLIC_URL}/invitation/{secret}/"
        )
