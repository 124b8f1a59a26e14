"""The emails about extensions and renewals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts.act import Act
from accounts.models import User
from notifications.operations.outbox import Letter, post
from requests_app.models import RenewalRequest
from roles.email.telling import ADMINISTERS, facts_of, occasion_of, tell
from roles.models import Assignment, Eligibility
from roles.queries import people
from roles.terms import Audience

ASKED = "you asked for it"


def _letter(renewal: RenewalRequest, template: str, **facts: Any) -> Letter:
    about = {
        **facts_of(renewal.grant),
        "held_until": renewal.held_until,
        "action": renewal.get_action_display().lower(),
        "kind": renewal.grant.kind,
        "wanted_end_at": renewal.end_at,
        "justification": renewal.justification,
        "decide_by_at": renewal.decide_until,
    }
    return Letter(
        template=template,
        key=f"{template}:{renewal.pk}",
        facts={**about, **facts},
        path=f"/renewals/{renewal.pk}/",
    )


def wanted(act: Act, renewal: RenewalRequest) -> None:
    """To the administrators who can decide, never the asker: who wants to keep what, until when, why."""
    _tell_administrators(act, renewal, _letter(renewal, "renewal_wanted"), but=[renewal.user], is_critical=True)


def decided(act: Act, renewal: RenewalRequest) -> None:
    """To the asker, whatever the role's notification settings say: it was denied, by whom and why."""
    letter = _letter(renewal, "renewal_decided", approver_name=act.actor_name, because=renewal.decision_reason)
    post(letter, to=renewal.user, why=ASKED, at=act.at)


def granted(act: Act, renewal: RenewalRequest, made: Eligibility | Assignment) -> None:
    """To the asker, where the role's notification settings keep the email about assigning from them: what is given."""
    notice = made.role.policy.notice_terms().of(occasion_of(made), Audience.HOLDER)
    if notice.by_default and not notice.only_critical:
        return
    given = {**facts_of(made), "kind": made.kind, "is_granted": True}
    because = renewal.decision_reason
    letter = _letter(renewal, "renewal_decided", **given, approver_name=act.actor_name, because=because)
    post(letter, to=renewal.user, why=ASKED, at=act.at)


def closed(act: Act, renewal: RenewalRequest, *, because: str, but: Sequence[User] = ()) -> None:
    """To the administrators who were asked: nothing is left to decide; and to the asker, if they do not know."""
    letter = _letter(renewal, "renewal_closed", because=because)
    if act.actor is None:
        post(letter, to=renewal.user, why=ASKED, at=act.at)
    others = replace(letter, only_informs=True)
    _tell_administrators(act, renewal, others, but=[renewal.user, *but])


def _tell_administrators(
    act: Act, renewal: RenewalRequest, letter: Letter, *, but: Sequence[User], is_critical: bool = False
) -> None:
    others = [person for person in people.administrators(act.at) if person not in but]
    on = (occasion_of(renewal.grant), Audience.APPROVERS)
    tell(act, letter, role=renewal.grant.role, on=on, to=others, why=ADMINISTERS, is_critical=is_critical)
