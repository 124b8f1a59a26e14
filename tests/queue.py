"""The django-q2 queue, worked off in the test's own process."""

from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import OrmQ


def drain() -> list[str]:
    """Do everything that waits in the queue, and what that puts there; return the names of what was done."""
    done = []
    while queued := OrmQ.objects.order_by("pk").first():
        task = queued.task
        queued.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
        done.append(task["func"])
    return done


def waiting() -> list[str]:
    """The names of what waits in the queue, oldest first."""
    return [queued.task["func"] for queued in OrmQ.objects.order_by("pk")]


def database_url() -> str:
    """Where the test's own database is, for processes that the test starts."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
