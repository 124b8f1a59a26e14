"""Who is written to about a role, as it is typed."""

from dataclasses import replace
from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset
from django.utils.html import format_html

from roles.documents import OCCASION_WORDS
from roles.forms.fields import AddressesField
from roles.forms.part import PartForm, yes
from roles.terms import CELLS, Audience, Notice, Notices, Occasion, Settings

HEADINGS = {
    Audience.ADMINISTRATORS: "Administrators",
    Audience.HOLDER: "The person it is about",
    Audience.APPROVERS: "Approvers",
}
REASONS = {
    (Occasion.ELIGIBLE, Audience.ADMINISTRATORS): "Somebody was made eligible, that changed, or their time ends.",
    (Occasion.ELIGIBLE, Audience.HOLDER): "They were made eligible, or no longer are.",
    (Occasion.ELIGIBLE, Audience.APPROVERS): "Somebody asks to stay eligible for longer.",
    (Occasion.ACTIVE, Audience.ADMINISTRATORS): "Somebody was made active, that changed, or their time ends.",
    (Occasion.ACTIVE, Audience.HOLDER): "They were made active, or no longer are.",
    (Occasion.ACTIVE, Audience.APPROVERS): "Somebody asks to stay active for longer.",
    (Occasion.ACTIVATION, Audience.ADMINISTRATORS): "Somebody activated the role, extended that, or was denied.",
    (
        Occasion.ACTIVATION,
        Audience.HOLDER,
    ): "Their activation began or ended. How a request ended they always learn.",
    (Occasion.ACTIVATION, Audience.APPROVERS): "Somebody asks to activate the role; it is decided.",
}
ONLY_APPROVERS = (Occasion.ACTIVATION, Audience.APPROVERS)


class NotificationForm(PartForm):
    """Nine cells: three occasions, three audiences."""

    def __init__(self, data: Any, *, now: Settings, version: int) -> None:
        super().__init__(data, now=now, version=version)
        for cell in CELLS:
            by_default, addresses, only_critical = _names(*cell)
            self.fields[by_default] = yes("Send by default")
            if cell != ONLY_APPROVERS:
                self.fields[addresses] = AddressesField(
                    label="Also to", help_text="Email addresses, separated by ; or line breaks."
                )
            self.fields[only_critical] = yes("Only critical emails")

    def parts(self) -> list[Any]:
        """One fieldset for each occasion."""
        return [
            Fieldset(
                OCCASION_WORDS[occasion], Div(*(_cell(occasion, audience) for audience in Audience), css_class="cells")
            )
            for occasion in Occasion
        ]

    def initial_of(self, now: Settings) -> dict[str, Any]:
        """The form as the settings stand."""
        return {
            name: value
            for cell in CELLS
            for name, value in zip(_names(*cell), _values(now.notices.of(*cell)), strict=True)
        }

    def wanted(self, now: Settings) -> Settings:
        """The settings as they stand, but as typed here."""
        return replace(now, notices=Notices(tuple(self._notice(*cell) for cell in CELLS)))

    def _notice(self, occasion: Occasion, audience: Audience) -> Notice:
        by_default, addresses, only_critical = _names(occasion, audience)
        typed = self.cleaned_data
        return Notice(typed[by_default], typed.get(addresses, ()), typed[only_critical])


def _names(occasion: Occasion, audience: Audience) -> tuple[str, str, str]:
    return f"{occasion}_{audience}_default", f"{occasion}_{audience}_addresses", f"{occasion}_{audience}_critical"


def _values(notice: Notice) -> tuple[bool, tuple[str, ...], bool]:
    return notice.by_default, notice.addresses, notice.only_critical


def _cell(occasion: Occasion, audience: Audience) -> Div:
    by_default, addresses, only_critical = _names(occasion, audience)
    fields = (
        [by_default, only_critical]
        if (occasion, audience) == ONLY_APPROVERS
        else [by_default, addresses, only_critical]
    )
    heading = format_html('<h2>{}</h2><p class="form-text">{}</p>', HEADINGS[audience], REASONS[occasion, audience])
    recipients = f"{{{{ recipients.{occasion}.{audience} }}}}"
    return Div(HTML(heading), HTML(f'<p><span class="muted">Gets it now:</span> {recipients}</p>'), *fields)
