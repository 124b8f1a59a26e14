"""The portal's figures in the text format of Prometheus 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

Gauges only. What is counted, is counted in the database when it is asked for, so any number of web processes tell the
same, and a restart loses nothing.
"""

from collections.abc import Iterator
from datetime import datetime

from kernel.period import seconds
from pimportal import health
from requests_app.models import RenewalRequest, RoleRequest
from roles.models import Assignment

Figure = tuple[str, str, float | None]
"""Name without its prefix, what it tells, and the value; None where there is nothing to tell yet."""


def text(at: datetime) -> str:
    """All figures at a moment."""
    lines = []
    for name, tells, value in _figures(at):
        if value is not None:
            lines += [f"# HELP pim_{name} {tells}", f"# TYPE pim_{name} gauge", f"pim_{name} {value:g}"]
    return "\n".join(lines) + "\n"


def _figures(at: datetime) -> Iterator[Figure]:
    found = health.look(at)
    alarms, ends, emails = found.alarms, found.ends, found.emails
    pending = RoleRequest.objects.undecided(at).count() + RenewalRequest.objects.undecided(at).count()
    yield "active_roles", "Assignments and activations in force.", Assignment.objects.in_force(at).count()
    yield "pending_requests", "Requests that wait for a decision.", pending
    yield "queue_length", "Tasks that wait or are in hand.", found.queue_length
    yield "worker_heartbeat_age_seconds", "Since the worker was last seen.", seconds(alarms.worker_age)
    yield "ends_last_hour", "Ends written down within the last hour.", ends.in_last_hour
    yield "ends_lateness_median_seconds", "Lateness of the last ends, in the middle.", seconds(ends.usual_lateness)
    yield "ends_lateness_max_seconds", "Lateness of the last ends, the worst.", seconds(ends.worst_lateness)
    yield "emails_waiting", "Emails promised and not sent.", emails.waiting
    yield "emails_failing", "Of these, tried in vain so far.", emails.failing
    yield (
        "emails_oldest_unsent_seconds",
        "How long the oldest of these has waited; 0 without.",
        (seconds(alarms.email_age) or 0),
    )
    yield "emails_sent_last_hour", "Emails promised and sent within the last hour.", emails.sent_last_hour
    yield "emails_given_up", "Emails of the last 30 days that were given up.", emails.given_up
    yield (
        "clock_ahead_seconds_web",
        "The web host's clock, ahead of the database's.",
        seconds(found.clocks.web),
    )
    yield "clock_ahead_seconds_worker", "The same of the worker's host.", seconds(found.clocks.worker)
