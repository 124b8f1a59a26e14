"""The people of the tests. They have the addresses of the demo's people, and hold what is said here, nothing else."""

from typing import Any

import pytest

from accounts.models import User
from tests import make


@pytest.fixture
def user(db: Any) -> User:
    """Somebody who needs roles now and then."""
    return make.user(name="John Doe", email="user@example.com", job_title="Collaboration engineer")


@pytest.fixture
def approver(db: Any) -> User:
    """Somebody a role can name as its approver."""
    return make.user(name="Alva Approver", email="approver@example.com", job_title="Head of collaboration")


@pytest.fixture
def other_approver(db: Any) -> User:
    """A second one."""
    return make.user(name="Ben Second", email="second.approver@example.com", job_title="Service manager")


@pytest.fixture
def admin(db: Any) -> User:
    """An active Global Administrator."""
    return make.administrator()


@pytest.fixture
def auditor(db: Any) -> User:
    """An active Security Reader: reads the history and who holds what."""
    made = make.user(name="Cleo Auditor", email="auditor@example.com", job_title="Internal audit")
    make.assignment(of=made, role=make.role(name="Security Reader"))
    return made


@pytest.fixture
def stranger(db: Any) -> User:
    """Somebody who holds nothing."""
    return make.user(name="Sam Stranger", email="stranger@example.com", job_title="Trainee")
