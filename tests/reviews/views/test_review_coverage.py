"""Which roles were never reviewed, on a page."""

import pytest

from roles.models import Role
from tests import make, visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def roles():
    """One role somebody holds, and one nobody does."""
    make.eligibility(of=make.user(), role=make.role(name="Teams Administrator"))
    make.role(name="Teams Reader")


def rows(response):
    return [[cell.text for cell in row.all("td")][:5] for row in visit.main(response).all("tr")[1:]]


def test_each_role_is_shown_with_when_it_was_reviewed_last(roles, auditor):
    page = visit.by(auditor).get("/reviews/coverage/?show=never")

    assert rows(page)[-1] == ["Teams Administrator", "Directory", "1", "Never reviewed", "–"]


def test_the_tabs_count_the_roles(roles, auditor):
    page = visit.by(auditor).get("/reviews/coverage/?show=empty")

    assert [row[0] for row in rows(page)] == ["Teams Reader"]
    assert "Nobody holds it (1)" in [link.text for link in visit.main(page).all("a")]


def test_only_who_reads_roles_sees_it(user):
    assert visit.by(user).get("/reviews/coverage/").status_code == 403


def test_a_review_that_runs_is_shown_as_running(roles, auditor, user):
    running = make.review(of=Role.objects.get(name="Teams Administrator"), plan=make.plan(user))

    page = visit.by(auditor).get("/reviews/coverage/?show=never")

    assert rows(page)[-1][3:] == ["Never reviewed", "Runs nowuntil 7 Dec 2026, 09:00 UTC"]
    assert f"/reviews/{running.pk}/" in [link.attributes["href"] for link in visit.main(page).all("a")]


def test_whoever_manages_reviews_sets_one_up_from_here_unless_one_runs(roles, admin, auditor, user):
    role = Role.objects.get(name="Teams Administrator")
    assert f"/reviews/add/?role={role.pk}" in ways(admin)
    assert not [way for way in ways(auditor) if way.startswith("/reviews/add/")]

    make.review(of=role, plan=make.plan(user))

    assert f"/reviews/add/?role={role.pk}" not in ways(admin)


def ways(reader):
    """Where the links on the page lead."""
    return [link.attributes["href"] for link in visit.main(visit.by(reader).get("/reviews/coverage/")).all("a")]
