"""The portal's figures in the text format of Prometheus 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

Gauges only. What is counted, is counted in the database when it is asked for, so any number of web processes tell the
same, and a restart loses nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from kernel.period import seconds
from pimportal import health
from requests_app.models import RenewalRequest, RoleRequest
from roles.models import Assignment

Figure = tuple[str, str, float | Mapping[str, float | None] | None]
"""Name without its prefix, what it tells, and the value, or one for each stream; None: there is nothing to tell yet."""


def text(at: datetime) -> str:
    """All figures at a moment."""
    lines = []
    found = health.look(at)
    for name, tells, value in (*_figures(found, at), *_of_history(found), *_of_streams(found)):
        samples = _samples(value)
        if samples:
            lines += [f"# HELP pim_{name} {tells}", f"# TYPE pim_{name} gauge"]
            lines += [f"pim_{name}{labels} {value:g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _samples(value: float | Mapping[str, float | None] | None) -> list[tuple[str, float]]:
    """What is known of it, each with its labels."""
    if isinstance(value, Mapping):
        return [(f'{{stream="{name}"}}', one) for name, one in value.items() if one is not None]
    return [] if value is None else [("", value)]


def _figures(found: health.Health, at: datetime) -> Iterator[Figure]:
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


def _of_history(found: health.Health) -> Iterator[Figure]:
    history, contradicted_at = found.history, found.alarms.history_contradicted_at
    yield (
        "history_sealed_lag_seconds",
        "How long the oldest unsealed event has waited; 0 without.",
        seconds(history.lag),
    )
    yield "history_unsealed_entries", "Events that are not sealed yet, counted up to 1001.", history.waiting
    yield "history_checkpoint_age_seconds", "Since the last checkpoint was made.", seconds(history.checkpoint_age)
    is_signed = float(history.is_signed) if history.checkpoint_at else None
    yield "history_checkpoint_signed", "1 if the last checkpoint is signed.", is_signed
    yield (
        "history_contradicted",
        "1 if the history does not fit a checkpoint kept outside the database.",
        float(contradicted_at is not None),
    )


def _of_streams(found: health.Health) -> Iterator[Figure]:
    streams = {stream.name: stream for stream in found.streams}
    yield (
        "stream_entries_behind",
        "Events a stream has not delivered yet, counted up to 1001.",
        {name: stream.behind for name, stream in streams.items()},
    )
    yield (
        "stream_lag_seconds",
        "How long the oldest of these has waited; 0 without.",
        {name: seconds(stream.lag) for name, stream in streams.items()},
    )
    yield (
        "stream_failures",
        "Tries in vain since something was last delivered.",
        {name: stream.tries for name, stream in streams.items()},
    )
    yield (
        "stream_last_delivered_age_seconds",
        "Since something was last delivered.",
        {name: seconds(stream.last_age) for name, stream in streams.items()},
    )
