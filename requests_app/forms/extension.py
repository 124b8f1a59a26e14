"""What people type when an activation is to last longer."""

from collections.abc import Mapping
from typing import Any

from requests_app.forms.activation import ActivationForm
from roles.terms import ActivationTerms


class ExtensionForm(ActivationForm):
    """As when activating, but where it is, and from now."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, terms: ActivationTerms, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, terms=terms, initial=initial)
        del self.fields["start_at"]
        longest = self.fields["duration"].help_text
        self.fields["duration"].help_text = f"Counted from now, not from the end. {longest}"

    def clean(self) -> None:
        """An extension begins at once."""
        super().clean()
        self.cleaned_data["start_at"] = None
