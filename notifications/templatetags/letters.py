"""What emails are put together from."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NAME = (
    "width: 84px; padding: 8px 12px 8px 0; border-top: 1px solid #d9dfe8; text-align: left; vertical-align: top; "
    "font-size: 14px; line-height: 20px; font-weight: 400; color: #5a6578; overflow-wrap: normal"
)
VALUE = (
    "padding: 8px 0; border-top: 1px solid #d9dfe8; vertical-align: top; font-size: 15px; line-height: 20px; "
    "color: #1b2333; overflow-wrap: anywhere; word-break: break-word"
)
ROW = (
    f'<tr>\n<th scope="row" align="left" valign="top" width="84" style="{NAME}">{{}}</th>\n'
    f'<td valign="top" style="{VALUE}">{{}}</td>\n</tr>'
)


@register.simple_tag
def row(name: str, value: object) -> SafeString | str:
    """A row of an email's table; none where there is nothing to say.

    An email has half a dozen of them. As an included template each took ten times as long as this, and all of them a
    third of the time that the whole email took.
    """
    return format_html(ROW, name, linebreaksbr(str(value))) if value else ""
