"""Django's question "has this person that permission?"."""

from accounts.models import User
from accounts.operations import people
from kernel.period import HOUR
from kernel.powers import Power
from tests import make
from tests.make import NINE


def fresh(person):
    """The person as the next HTTP request reads them."""
    return User.objects.get(pk=person.pk)


def test_powers_are_answered_from_what_is_active_now(user):
    make.activation(by=user, of=make.eligibility(of=user, role=make.role(name="Global Administrator")))

    with make.clock_at(NINE):
        assert fresh(user).has_perm(Power.SETTINGS_MANAGE)
        assert fresh(user).has_perms([Power.SETTINGS_MANAGE, Power.AUDIT_READ])
    with make.clock_at(NINE + HOUR):
        assert not fresh(user).has_perm(Power.SETTINGS_MANAGE)
        assert fresh(user).get_all_permissions() == set()


def test_readers_read_and_do_not_manage(auditor):
    with make.clock_at():
        assert auditor.get_all_permissions() == {Power.AUDIT_READ, Power.ROLES_READ}
        assert not auditor.has_perm(Power.ROLES_MANAGE)
        assert not auditor.has_perms([Power.AUDIT_READ, Power.ROLES_MANAGE])


def test_who_is_disabled_has_no_power(admin):
    people.disable(make.act(), admin)

    with make.clock_at():
        assert not fresh(admin).has_perm(Power.AUDIT_READ)
        assert fresh(admin).get_all_permissions() == set()


def test_one_answer_counts_for_one_http_request(admin, django_assert_num_queries):
    person = fresh(admin)

    with make.clock_at(), django_assert_num_queries(1):
        assert person.has_perm(Power.ROLES_MANAGE)
        assert person.has_perm(Power.AUDIT_READ)
