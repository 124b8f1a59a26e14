"""What people type to get in."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django_otp.models import Device


class SignInForm(forms.Form):
    """Email and password. Which of the two is wrong is not told."""

    username = forms.EmailField(
        label="Email", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))

    def clean_username(self) -> str:
        """In one case: otherwise each way of writing an email would have its own number of wrong tries."""
        return str(self.cleaned_data["username"]).lower()


class CodeForm(forms.Form):
    """A code from one of the person's devices."""

    device = forms.ChoiceField(label="Show it with", widget=forms.RadioSelect)
    code = forms.CharField(
        max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, devices: list[Device], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.devices = {device.persistent_id: device for device in devices}
        field = self.fields["device"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(key, device.name) for key, device in self.devices.items()]
        field.initial = next(iter(self.devices), None)
        if len(self.devices) == 1:
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Device:
        """The device whose code was typed."""
        return self.devices[self.cleaned_data["device"]]


class EnrolmentCodeForm(forms.Form):
    """The code an administrator read out."""

    enrolment_code = forms.CharField(
        label="Enrolment code",
        max_length=20,
        help_text="Ten letters and digits, like ABCDE-FGHJK. An administrator gives it to you.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )


class NewDeviceForm(forms.Form):
    """The first code of a new authenticator."""

    name = forms.CharField(label="Name of the device", max_length=60, initial="Authenticator app")
    code = forms.CharField(
        label="Code shown by the app",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters. Not a common one, and not your name.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both have to be the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "again" in cleaned and cleaned.get("password") != cleaned["again"]:
            self.add_error("again", "The two passwords differ. Type the same one twice.")
        return cleaned


class InviteForm(forms.Form):
    """Somebody new."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(max_length=254)
    job_title = forms.CharField(label="Job title", max_length=120, required=False)


class TimeZoneForm(forms.Form):
    """The zone in which times are shown."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text="Every time on pages and in emails to you is shown in this zone.",
    )
