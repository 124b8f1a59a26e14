"""What may become of a request."""

from requests_app.lifecycle import REQUEST, TONES, Status, badge_of_request
from requests_app.models import RoleRequest


def test_the_table_of_moves_knows_every_status():
    assert set(REQUEST.moves) == set(Status)
    assert {after for nexts in REQUEST.moves.values() for after in nexts} <= set(Status)


def test_a_request_begins_by_waiting_and_can_become_anything_else():
    assert REQUEST.start == RoleRequest._meta.get_field("status").default == Status.PENDING
    assert REQUEST.moves[Status.PENDING] == set(Status) - {Status.PENDING}


def test_everything_but_waiting_is_final():
    assert set(REQUEST.final) == set(Status) - {Status.PENDING}


def test_every_status_has_a_tone_and_words():
    assert set(TONES) == set(Status)
    assert len({status.label for status in Status}) == len(Status)


def test_a_pending_request_shows_what_the_worker_has_not_told_yet():
    def shown(status, ran_out, lapsed):
        badge = badge_of_request(status, ran_out=ran_out, lapsed=lapsed)
        return (badge.label, badge.status)

    assert shown(Status.PENDING, False, False) == ("Waiting for approval", Status.PENDING)
    assert shown(Status.PENDING, False, True) == ("No longer possible", Status.LAPSED)
    assert shown(Status.PENDING, True, True) == ("Not decided in time", Status.TIMED_OUT)
    assert shown(Status.GRANTED, True, True) == ("Granted", Status.GRANTED)
