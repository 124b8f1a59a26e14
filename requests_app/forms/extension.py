"""What people type when an activation is to last longer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from requests_app.forms.activation import ActivationForm
from roles.terms import ActivationTerms


class ExtensionForm(ActivationForm):
    """As when activating, but where it is, and from now."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, terms: ActivationTerms, at: datetime, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, terms=terms, at=at, initial=initial)
        del self.fields["start_at"]
        self.fields["quick"].label = "Duration, counted from now"

    def clean(self) -> None:
        """An extension begins at once."""
        super().clean()
        self.cleaned_data["start_at"] = None
