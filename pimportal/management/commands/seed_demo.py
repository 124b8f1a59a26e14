"""`manage.py seed_demo`: the demo organisation, in an empty database only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from kernel.refusal import Refused
from pimportal import demo


class Command(BaseCommand):
    help = "Make the demo organisation. Works only with DEMO=on and in a database without people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if the demo is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo people have a public password. Set DEMO=on if that is what you want.")
        if options["if_empty"] and User.objects.filter(is_demo=True).exists():
            return
        try:
            demo.seed(timezone.now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write("The demo organisation is made.")
