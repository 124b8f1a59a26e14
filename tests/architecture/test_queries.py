"""Lists cost the same with one row and with three: a number of queries, written down."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from kernel.period import HOUR, MINUTE
from requests_app.operations import activation
from roles.models import Role
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

ROLES = ("Teams Administrator", "Teams Reader", "User Administrator")


def eligible(admin: User, user: User, approver: User, name: str) -> None:
    """John may activate one role more, and somebody else in a group may, too."""
    role = make.role(name=name, terms=EASY)
    make.eligibility(of=user, role=role)
    make.eligibility(of=make.group(members=(make.user(),)), role=role)


def pending(admin: User, user: User, approver: User, name: str) -> None:
    """One request more waits."""
    role = make.role(name=name, terms=EASY, approvers=(approver,))
    make.role_request(by=user, for_=make.eligibility(of=user, role=role))


def active(admin: User, user: User, approver: User, name: str) -> None:
    """One role more is active, and one is scheduled."""
    eligibility = make.eligibility(of=user, role=make.role(name=name, terms=EASY))
    make.activation(by=user, of=eligibility, at=NINE - MINUTE)
    make.activation(by=user, of=eligibility, at=NINE - MINUTE, start_at=NINE + 2 * HOUR)


def ended(admin: User, user: User, approver: User, name: str) -> None:
    """One eligibility and one assignment more have ended."""
    role = make.role(name=name)
    make.eligibility(of=user, role=role, end_at=NINE - HOUR)
    make.assignment(of=user, role=role, end_at=NINE - HOUR)


def closed(admin: User, user: User, approver: User, name: str) -> None:
    """One request more was taken back, and one was granted."""
    role = make.role(name=name, terms=EASY, approvers=(approver,))
    asked = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE - HOUR)
    activation.cancel(make.act(by=user, at=NINE - HOUR), asked)
    granted = make.role(name=f"{name} of the shop", terms=EASY)
    make.activation(by=user, of=make.eligibility(of=user, role=granted), at=NINE - MINUTE)


def holders(admin: User, user: User, approver: User, name: str) -> None:
    """One person and one group more may activate the same role, have it, and approve it."""
    role = Role.objects.filter(name="Owner").first() or make.role(name="Owner", terms=EASY)
    for holder in (make.user(), make.group(members=(make.user(),))):
        make.eligibility(of=holder, role=role)
        make.assignment(of=holder, role=role)
    named = [one.user or one.group for one in role.policy.approvers.all()]
    make.change_terms(
        of=role,
        to=make.ActivationTerms(needs_approval=True),
        approvers=(*named, make.user(), make.group()),
        at=NINE - HOUR,
    )


def person(admin: User, user: User, approver: User, name: str) -> None:
    """One person more, in a group, with a manager and a device."""
    made = make.user()
    made.manager = admin
    made.save()
    make.group(members=(made,))


def letters(admin: User, user: User, approver: User, name: str) -> None:
    """One email more was written."""
    make.email(to=make.user(is_demo=True))


Setup = Callable[[User, User, User, str], None]

LISTS: list[tuple[str, str, Setup, int]] = [
    ("user", "/", eligible, 11),
    ("user", "/", pending, 11),
    ("user", "/", active, 11),
    ("approver", "/", pending, 11),
    ("user", "/my-roles/", eligible, 8),
    ("user", "/my-roles/", pending, 8),
    ("user", "/my-roles/?tab=active", active, 7),
    ("user", "/my-roles/?tab=expired", ended, 7),
    ("user", "/requests/", pending, 7),
    ("user", "/requests/", closed, 7),
    ("approver", "/approvals/", pending, 7),
    ("admin", "/roles/", holders, 6),
    ("admin", "/roles/?changed=yes", eligible, 6),
    ("admin", "/roles/owner/", holders, 11),
    ("admin", "/roles/owner/settings/", holders, 10),
    ("admin", "/assignments/?tab=eligible", eligible, 7),
    ("admin", "/assignments/?tab=active", active, 7),
    ("admin", "/assignments/?tab=expired", ended, 7),
    ("admin", "/assignments/add/", person, 9),
    ("admin", "/people/", person, 7),
    ("admin", "/groups/", person, 7),
    ("admin", "/history/", closed, 7),
    ("admin", "/history/export/", closed, 5),
    ("user", "/my-history/", closed, 7),
    ("admin", "/mailbox/", letters, 9),
]


def queries(browser, path: str) -> int:
    """How many queries this page costs."""
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(path)
        b"".join(response)
    assert response.status_code == 200
    return len(captured)


@pytest.mark.parametrize(("who", "path", "one_more", "count"), LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_three(admin, user, approver, who, path, one_more, count):
    people = {"admin": admin, "user": user, "approver": approver}
    one_more(**people, name=ROLES[0])
    owner = Role.objects.filter(name="Owner").first()
    address = path.replace("owner", str(owner.pk) if owner else "")
    browser = visit.by(people[who])
    with_one = queries(browser, address)

    for name in ROLES[1:]:
        one_more(**people, name=name)

    assert (with_one, queries(browser, address)) == (count, count)
