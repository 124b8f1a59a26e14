"""Whatever people do in whatever order, what is always true stays true."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Entry
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from requests_app.lifecycle import REQUEST, Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import activation, approval
from roles.models import Assignment, Eligibility
from roles.operations import activation as holding
from roles.operations import grants
from roles.queries.access import access
from tests import make
from tests.make import NINE

PAUSES = st.sampled_from([timedelta(), MINUTE, 5 * MINUTE, 40 * MINUTE, 3 * HOUR, 25 * HOUR])
DEEDS = ("ask", "ask_for_later", "approve", "deny", "cancel", "time_out", "deactivate", "remove", "tell")
JOURNEYS = st.lists(st.tuples(st.sampled_from(DEEDS), PAUSES), min_size=1, max_size=12)


class Undo(Exception):
    """Ends an example, so that the next one begins afresh."""


@given(journey=JOURNEYS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_journey_leads_where_nobody_should_be(user, approver, journey):
    try:
        with transaction.atomic():
            _walk(user, approver, journey)
            raise Undo
    except Undo:
        return


def _walk(user, approver, journey):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    final: dict[int, str] = {}
    at, told = NINE, 0
    for deed, pause in journey:
        at += pause
        try:
            _deeds(user, approver, eligibility, at)[deed]()
        except Refused as refused:
            assert all(refusal.sentence for refusal in refused.refusals)
        final = _still_final(final)
        told = _history_grew(told)
        _what_is_always_true(user, eligibility, at)


def _deeds(user, approver, eligibility, at: datetime) -> dict[str, Callable[[], object]]:
    latest, held = RoleRequest.objects.first(), Assignment.objects.order_by("-pk").first()
    mine, theirs, portal = make.act(by=user, at=at), make.act(by=approver, at=at), make.act(at=at)

    def submit(**asked):
        return lambda: activation.submit(mine, eligibility, make.ask(**asked), form_key=uuid4())

    deeds = {
        "ask": submit(),
        "ask_for_later": submit(start_at=at + HOUR),
        "remove": lambda: grants.remove_eligibility(portal, eligibility, because="New job"),
    }
    if latest:
        deeds |= {
            "approve": lambda: approval.approve(theirs, latest, because="On call"),
            "deny": lambda: approval.deny(theirs, latest, because="Not tonight"),
            "cancel": lambda: activation.cancel(mine, latest),
            "time_out": lambda: activation.time_out(portal, latest.pk),
        }
    if held:
        deeds |= {
            "deactivate": lambda: holding.deactivate(mine, held),
            "tell": lambda: (holding.tell_start(portal, held.pk), holding.tell_assignment_end(portal, held.pk)),
        }
    return {**dict.fromkeys(DEEDS, lambda: None), **deeds}


def _still_final(final):
    now = dict(RoleRequest.objects.filter(status__in=REQUEST.final).values_list("pk", "status"))
    assert now.items() >= final.items()
    return now


def _history_grew(told):
    assert Entry.objects.count() >= told
    return Entry.objects.count()


def _what_is_always_true(user, eligibility, at):
    requests = RoleRequest.objects.all()
    granted, denied = requests.filter(status=Status.GRANTED), requests.filter(status=Status.DENIED)
    assert requests.filter(status=Status.PENDING).count() <= 1
    assert Decision.objects.count() == granted.count() + denied.count()
    assert set(granted.values_list("assignment", flat=True)) == set(Assignment.objects.values_list("pk", flat=True))
    assert Entry.objects.filter(kind="request.made").count() == requests.count()
    assert Entry.objects.filter(kind="role.activated").count() == Assignment.objects.count()
    assert not Email.objects.filter(template="approval_wanted", to_address=user.email).exists()
    _access_is_what_the_periods_say(user, eligibility, at)


def _access_is_what_the_periods_say(user, eligibility, at):
    stands = Eligibility.objects.get(pk=eligibility.pk).end_at > at
    covering = [one for one in Assignment.objects.all() if one.start_at <= at < (one.end_at or at)]
    assert len(covering) <= 1
    assert (access(user, eligibility.role, at=at) is not None) == bool(stands and covering)
