"""`manage.py worker`: tells of ends, writes emails. Several may run at once."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from pimportal import worker


class Command(BaseCommand):
    help = "Run the worker: clock, queue, emails. Stop it with SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
        worker.run(stop)
