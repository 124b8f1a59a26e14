"""Templates of settings, going back to versions, comparing: as they are typed."""

import re
from typing import Any

from django import forms

from kernel.document import Misread
from roles import files
from roles.forms.fields import KnownChoices
from roles.models import SettingsTemplate
from roles.operations.templates import Seen
from roles.policy import LONGEST_TEMPLATE_DESCRIPTION, LONGEST_TEMPLATE_NAME
from roles.queries import settings

MOST_ROLES = 200
LARGEST = 999_999_999
INCOMPLETE = "This page was sent incompletely. Open it again and send it once more."
PAIR = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


def pair(said: str) -> tuple[int, int] | None:
    """A number and the version in which it was seen, as one field holds them: '7-3'."""
    found = PAIR.fullmatch(said)
    return (int(found[1]), int(found[2])) if found else None


class SaveTemplateForm(forms.Form):
    """A name for settings. Whether a template of that name shall be replaced is asked once there is one."""

    name = forms.CharField(max_length=LONGEST_TEMPLATE_NAME)
    description = forms.CharField(
        required=False, max_length=LONGEST_TEMPLATE_DESCRIPTION, help_text="What it is for, in one sentence."
    )
    replace = forms.CharField(required=False, widget=forms.HiddenInput)

    def replaces(self) -> Seen | None:
        """The template that was shown and shall be replaced."""
        seen = pair(self.cleaned_data["replace"])
        return Seen(*seen) if seen else None

    def ask_whether_to_replace(self, name: str) -> None:
        """Show a box to tick, if there is a template of this name."""
        known = SettingsTemplate.objects.select_related("changed_by").filter(name__iexact=name).first()
        if known:
            editor = known.changed_by.name if known.changed_by else "the portal"
            choice = (f"{known.pk}-{known.version}", f"Replace {known.name}, changed last by {editor}")
            self.fields["replace"].widget = forms.CheckboxSelectMultiple(choices=[choice])


class ImportForm(SaveTemplateForm):
    """A file of settings, pasted or uploaded."""

    name = forms.CharField(
        required=False, max_length=LONGEST_TEMPLATE_NAME, help_text="Empty: the name that stands in the file."
    )
    description = None  # type: ignore[assignment]
    text = forms.CharField(
        label="Settings",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false"}),
        help_text="What was exported, as it stands.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        allow_empty_file=True,
        help_text=f"At most {files.LONGEST_FILE // 1000} kB. It takes the place of what is written above.",
    )
    field_order = ("text", "file", "name", "replace")

    def clean(self) -> dict[str, Any]:
        """What was sent, read as settings. Whatever is wrong, the text stays to be mended."""
        typed: dict[str, Any] = super().clean() or {}
        uploaded = typed.get("file")
        if uploaded:
            typed["text"] = self._text_of(uploaded)
        if self.errors:
            return typed
        text = typed["text"]
        if len(text.encode(errors="replace")) > files.LONGEST_FILE:
            self.add_error("text", f"Paste at most {files.LONGEST_FILE // 1000} kB.")
        elif not text.strip():
            self.add_error("text", "Paste the exported settings, or choose a file.")
        else:
            self._read(typed, text)
        return typed

    def _text_of(self, uploaded: Any) -> str:
        if (uploaded.size or 0) > files.LONGEST_FILE:
            self.add_error("file", f"Choose a file of at most {files.LONGEST_FILE // 1000} kB.")
            return ""
        try:
            text = str(uploaded.read(), "utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", "This file is not text in UTF-8. Choose one that was exported here.")
            return ""
        # A browser does not send a file twice: its text is put where it can be seen and mended.
        self.data = {**self.data.dict(), "text": text}  # type: ignore[attr-defined]
        return text

    def _read(self, typed: dict[str, Any], text: str) -> None:
        try:
            typed["read"] = files.read(text)
        except Misread as error:
            self.add_error("text", str(error))

    def chosen_name(self) -> str:
        """The name typed, or else the one in the file."""
        return str(self.cleaned_data["name"] or self.cleaned_data["read"].name)


class ChooseRolesForm(forms.Form):
    """The roles a template shall be applied to."""

    role = KnownChoices(
        settings.roles_in_use(""),
        required=False,
        error_messages={
            "invalid_choice": "One of these roles is not there any more. Choose again.",
            "invalid_pk_value": "One of these roles is not there any more. Choose again.",
        },
    )

    def clean_role(self) -> Any:
        """Not more than the address of a page can hold."""
        chosen = self.cleaned_data["role"]
        if len(chosen) > MOST_ROLES:
            raise forms.ValidationError(f"Choose at most {MOST_ROLES} roles at a time.")
        return chosen


class ApplyForm(forms.Form):
    """Which roles, and in which versions they and the template were shown."""

    version = forms.IntegerField(min_value=0, max_value=LARGEST, widget=forms.HiddenInput)
    seen = forms.Field(widget=forms.MultipleHiddenInput)

    def clean_seen(self) -> dict[int, int]:
        """The versions by the numbers of the roles."""
        pairs = [pair(said) for said in self.cleaned_data["seen"]]
        if None in pairs:
            raise forms.ValidationError(INCOMPLETE)
        return dict(found for found in pairs if found)


class VersionForm(forms.Form):
    """The version that somebody looked at."""

    version = forms.IntegerField(min_value=0, max_value=LARGEST, widget=forms.HiddenInput)


class RevertForm(VersionForm):
    """And the one to go back to."""

    number = forms.IntegerField(min_value=0, max_value=LARGEST, widget=forms.HiddenInput)


class AnySide(forms.ChoiceField):
    """Shows what can be compared, and takes a version, too, which is not listed."""

    def valid_value(self, value: Any) -> bool:
        """What it is, is found out when it is looked for."""
        return True

    def clean(self, value: Any) -> Any:
        """The settings it stands for."""
        said = super().clean(value)
        found = settings.side(said)
        if found is None:
            raise forms.ValidationError("Choose from those listed.")
        return found


class CompareForm(forms.Form):
    """Two sides."""

    left = AnySide(label="Compare")
    right = AnySide(label="With")
    only = forms.BooleanField(label="Only differences", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose"), *settings.sides()]
        for name in ("left", "right"):
            said = str(self.data.get(name, ""))
            shown = settings.side(said) if said.startswith("version-") else None
            versions = [("Version", [(said, shown.name)])] if shown else []
            self.fields[name].choices = [*choices, *versions]  # type: ignore[attr-defined]
