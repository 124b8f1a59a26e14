"""What every page shows: the navigation, and what waits for this person."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from kernel.powers import Power
from pimportal.health import alarms
from requests_app.queries import lists, renewals
from requests_app.queries.deciding import inbox
from reviews.queries.answerable import waiting_for

MOST_COUNTED = 100


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    name: str
    label: str
    needs: Power | None = None
    or_needs: Power | None = None
    count: str = ""


SECTIONS: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "Tasks",
        (
            Link("my_roles", "My roles"),
            Link("my_requests", "My requests"),
            Link("approvals", "Approve requests"),
            Link("my_reviews", "Review access"),
        ),
    ),
    (
        "Manage",
        (
            Link("resources", "Resources", Power.ROLES_READ),
            Link("roles", "Roles", Power.ROLES_READ),
            Link("assignments", "Assignments", Power.ROLES_READ),
            Link("groups", "Groups", Power.PEOPLE_MANAGE, Power.GROUPS_OWN),
            Link("people", "People", Power.PEOPLE_MANAGE),
            Link("reviews", "Access reviews", Power.ROLES_READ),
            Link("break_glass", "Break-glass", Power.ROLES_READ),
        ),
    ),
    (
        "Activity",
        (
            Link("my_history", "My audit history"),
            Link("history", "Audit history", Power.AUDIT_READ),
            Link("who_could", "Who held what", Power.AUDIT_READ),
            Link("digest", "Weekly numbers", Power.AUDIT_READ),
            Link("emails", "Sent email", Power.AUDIT_READ),
            Link("health", "Health", Power.SETTINGS_MANAGE),
        ),
    ),
)


def portal(request: HttpRequest) -> dict[str, Any]:
    """Navigation for whoever is signed in; who may not, does not see it."""
    page: dict[str, Any] = {"in_demo": settings.DEMO}
    user = getattr(request, "user", None)
    if isinstance(user, User):
        powers = user.get_all_permissions()
        at = request.act.at  # type: ignore[attr-defined]
        counts = _waiting(user, powers, at)
        page["sections"] = [
            (title, [replace(link, count=counts.get(link.name, "")) for link in shown])
            for title, links in SECTIONS
            if (shown := [link for link in links if link.needs is None or {link.needs, link.or_needs} & powers])
        ]
        page["perms_manage_roles"] = Power.ROLES_MANAGE in powers
        page["perms_read_history"] = Power.AUDIT_READ in powers
        page["perms_manage_settings"] = Power.SETTINGS_MANAGE in powers
        if Power.SETTINGS_MANAGE in powers:
            page["alarms"] = alarms(at)
        page["ending_soon"] = lists.ending_soon(user, at=at)
    match = getattr(request, "resolver_match", None)
    page["here"] = SECTION_OF.get(match.url_name or "", match.url_name) if match else None
    return page


def _waiting(user: User, powers: set[str], at: datetime) -> dict[str, str]:
    """How many things wait for this person, by entry of the navigation; counted no further than a hundred."""
    requests = inbox(user, at=at)[:MOST_COUNTED].count()
    if Power.ROLES_MANAGE in powers:
        requests += renewals.undecided_for(user, at=at)[:MOST_COUNTED].count()
    counted = {"approvals": requests, "my_reviews": waiting_for(user, at).order_by()[:MOST_COUNTED].count()}
    return {name: _capped(count) for name, count in counted.items() if count}


def _capped(count: int) -> str:
    return str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


# Pages below an entry of the navigation, so that it stays marked.
SECTION_OF = {
    "activate": "my_roles",
    "basket": "my_roles",
    "basket_outcome": "my_roles",
    "save_set": "my_roles",
    "deactivate": "my_roles",
    "renew_eligibility": "my_roles",
    "renew_assignment": "my_roles",
    "extend": "my_roles",
    "end_everything": "my_roles",
    "request": "my_requests",
    "evidence": "my_requests",
    "renewal": "my_requests",
    "decide_many": "approvals",
    "my_review": "my_reviews",
    "answer_all": "my_reviews",
    "role": "roles",
    "role_settings": "roles",
    "role_versions": "roles",
    "revert_settings": "roles",
    "save_template": "roles",
    "compare_settings": "roles",
    "settings_matrix": "roles",
    "settings_templates": "roles",
    "settings_template": "roles",
    "import_template": "roles",
    "apply_template": "roles",
    "remove_template": "roles",
    "edit_role": "roles",
    "retire_role": "roles",
    "resource": "resources",
    "add_resource": "resources",
    "rename_resource": "resources",
    "move_resource": "resources",
    "add_role": "resources",
    "add_assignment": "assignments",
    "assign_many": "assignments",
    "same_as_colleague": "assignments",
    "import_assignments": "assignments",
    "eligibility": "assignments",
    "update_eligibility": "assignments",
    "convert_eligibility": "assignments",
    "remove_eligibility": "assignments",
    "assignment": "assignments",
    "update_assignment": "assignments",
    "convert_assignment": "assignments",
    "remove_assignment": "assignments",
    "absence_of": "people",
    "note_break_glass": "break_glass",
    "mailbox_email": "mailbox",
    "email": "emails",
    "group": "groups",
    "bring_under_roles": "groups",
    "review_coverage": "reviews",
    "reviews_report": "reviews",
    "add_review": "reviews",
    "update_series": "reviews",
    "review": "reviews",
    "review_results": "reviews",
    "review_reviewers": "reviews",
    "change_reviewers": "reviews",
    "review_settings": "reviews",
    "review_history": "reviews",
    "stop_review": "reviews",
    "stop_review_stage": "reviews",
    "reset_review": "reviews",
    "apply_review": "reviews",
    "apply_review_again": "reviews",
    "delete_review": "reviews",
    "restore_review": "reviews",
    "review_series": "reviews",
    "end_series": "reviews",
    "delete_series": "reviews",
    "restore_series": "reviews",
    "person": "people",
    "invite": "people",
    "issue_enrolment_code": "people",
}
