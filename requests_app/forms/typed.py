"""What was typed, kept across the step-up."""

from typing import Any


def as_typed(data: Any) -> dict[str, str]:
    """What was typed, to keep it across the step-up; the CSRF token left out."""
    return {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"}
