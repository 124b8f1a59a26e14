"""Who is in a group, and who is enabled, decides what they hold: so only operations that end what was held take it."""

import ast
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "audit", "kernel", "notifications", "pimportal", "requests_app", "reviews", "roles")
WRITERS = {"accounts.operations.groups", "accounts.operations.people"}
TAKING = {"remove", "remove_owner", "delete", "disable"}


def named(path: Path) -> dict[str, str]:
    """What the modules that write are called in a file."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                if f"{node.module}.{name.name}" in WRITERS:
                    found[name.asname or name.name] = f"{node.module}.{name.name}"
    return found


def taking(path: Path) -> set[str]:
    """What a file names of what takes people out."""
    modules = named(path)
    return {
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in modules and node.attr in TAKING
    }


def test_only_operations_that_end_what_was_held_take_people_out():
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]

    found = {str(path.relative_to(ROOT)): names for path in files if (names := taking(path))}

    assert found == {
        "roles/operations/departures.py": {"accounts.operations.groups.remove", "accounts.operations.people.disable"},
        "roles/operations/groups.py": {"accounts.operations.groups.delete", "accounts.operations.groups.remove_owner"},
    }


def test_nobody_imports_one_of_them_by_its_own_name():
    sources = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")]

    assert [text for text in sources for module in WRITERS if f"from {module} import" in text] == []
