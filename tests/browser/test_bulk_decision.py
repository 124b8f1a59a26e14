"""Two people ask; one approver decides on both at once, without JavaScript as well."""

import pytest
from django.utils import timezone

from accounts.models import User
from kernel.period import DAY
from requests_app.models import RoleRequest
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "The reports of the quarter are due, and the numbers of the second warehouse are missing"


@pytest.mark.parametrize("has_javascript", [True, False])
def test_many_are_decided_at_once(somebody, has_javascript):
    from_demo = User.objects.get(email="approver@example.com")
    role = make.role(name="Teams Communications Administrator", approvers=(from_demo,))
    now = timezone.now()
    for name in ("Nils North", "Olga Ost"):
        asker = make.user(name=name)
        held = make.eligibility(of=asker, role=role, start_at=now, end_at=None)
        make.role_request(by=asker, for_=held, asking_for=make.ask(start_at=now + DAY, justification=REASON), at=now)
    approver = somebody("approver", java_script_enabled=has_javascript).signs_in()

    approver.goes_to("/approvals/").sees("Nils North", "Olga Ost")
    if has_javascript:
        approver.takes_a_picture("inbox")
        assert not approver.page.evaluate(
            "[...document.querySelectorAll('.card')].some(a => a.scrollWidth > a.clientWidth)"
        )
    for box in approver.main.locator("[name=request]").all():
        box.check()
    approver.fills(justification="Not tonight").presses("Deny ticked")

    approver.is_told("You denied 2 requests. Whoever asked is told when it is decided.")
    assert {one.status for one in RoleRequest.objects.filter(role=role)} == {"denied"}
