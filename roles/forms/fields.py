"""Fields that several forms share."""

import re
from typing import Any

from django import forms
from django.utils import timezone

from roles.models import Resource, Role
from roles.policy import MOST_NAMED, TOO_MANY
from roles.queries import principals


def titled(role: Role) -> str:
    """A role by name, and by where it belongs if that needs saying. Read the resource along."""
    if role.membership or role.resource.kind == Resource.Kind.DIRECTORY:
        return role.name
    return f"{role.name} – {role.resource.name}"


class RoleChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the roles."""

    def label_from_instance(self, obj: Role) -> str:
        """What the list shows."""
        return titled(obj)


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time picker, in the person's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A moment in the person's zone. An hour that a change of the clocks leaves out, or has twice, means none."""

    widget = MomentInput

    def to_python(self, value: Any) -> Any:
        """The moment meant; otherwise a sentence that says which to choose instead."""
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            zone = timezone.get_current_timezone_name()
            sentence = f"The clocks of {zone} change in that hour, so it is not clear which moment this is."
            raise forms.ValidationError(f"{sentence} Choose an hour earlier or later.", error.code) from error


class PrincipalsField(forms.CharField):
    """People and groups, one on each line: as many as there are can be chosen from. Becomes a tuple of `Named`."""

    LONGEST = 40_000

    def __init__(self, *, or_manager: bool = True, **kwargs: Any) -> None:
        """`or_manager`: whether that is offered, too, to whoever writes what is not known."""
        widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"})
        super().__init__(required=False, max_length=self.LONGEST, widget=widget, **kwargs)
        self.or_manager = or_manager

    def prepare_value(self, value: Any) -> Any:
        """What is typed stays as it is; what is set is written so that it means the same again."""
        return value if isinstance(value, str) or value is None else "\n".join(map(principals.written, value))

    def clean(self, value: Any) -> Any:
        """Everybody meant, once. Raises a sentence for each line that means nobody."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", super().clean(value))]
        if not any(lines):
            return ()
        different = list(dict.fromkeys(filter(None, lines)))
        if len(different) > MOST_NAMED:
            raise forms.ValidationError(TOO_MANY)
        meant = principals.read(different, or_manager=self.or_manager)
        if meant.sentences:
            raise forms.ValidationError(meant.sentences)
        return tuple(sorted(meant.named))


class AddressesField(forms.CharField):
    """Email addresses, separated by semicolons or line breaks. Becomes a tuple."""

    LONGEST = 6000

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"})
        super().__init__(required=False, max_length=self.LONGEST, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """One on each line."""
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def clean(self, value: Any) -> Any:
        """Each once, whatever its capitals."""
        typed = [one.strip() for one in re.split(r"[;\r\n]+", super().clean(value))]
        return tuple({one.lower(): one for one in typed if one}.values())


class KnownChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Takes a number too large for the database for what it is: nobody's."""

    def clean(self, value: Any) -> Any:
        """Refused like any other that is not listed."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError("Choose from those listed.") from error


class RoleChoices(KnownChoices):
    """Some of the roles, as boxes to tick."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}), **kwargs)

    def label_from_instance(self, obj: Role) -> str:
        """What stands beside a box."""
        return titled(obj)
