"""People at their browsers, without the browser: who is signed in, what a page says, what its form holds.

Pages are read as a browser reads them, so that a test sees what a person sees.
"""

from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from accounts.middleware import PROOF
from accounts.models import User
from tests.make import NINE, clock_at

BACKEND = "accounts.backends.PasswordBackend"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@pytest.fixture
def at_nine() -> Iterator[Any]:
    """The machine's clock stands at `NINE`; `move_to` moves it."""
    with clock_at(NINE) as clock:
        yield clock


def by(person: User | None, *, proven: bool = True, proven_at: datetime = NINE, **options: Any) -> Client:
    """The browser of this person: signed in, with a second factor shown; or of nobody."""
    browser = Client(**options)
    if person is None:
        return browser
    browser.force_login(person, backend=BACKEND)
    if proven:
        session = browser.session
        session[PROOF] = {"method": "totp", "device": "Phone", "at": proven_at.isoformat()}
        session.save()
    return browser


# --- reading a page


class Element:
    """A tag, with what stands in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def raw(self) -> str:
        """The text as it stands."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def text(self) -> str:
        """The text as it is read: one space between words."""
        return " ".join(self.raw.split())

    def all(self, *tags: str, of: str = "") -> "list[Element]":
        """Everything below with one of these tags, or of this class."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags or (of and of in child.classes):
                    found.append(child)
                found += child.all(*tags, of=of)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value if value is not None else name for name, value in attrs})
        self.open[-1].children.append(element)
        if tag == "br":
            element.children.append("\n")
        elif tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def html(response: Any) -> Element:
    """The whole page."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.root


def main(response: Any) -> Element:
    """What the page is about."""
    (found,) = html(response).all("main")
    return found


def title(response: Any) -> str:
    """The heading of the page."""
    (heading,) = main(response).all("h1")
    return heading.text


def notices(response: Any) -> list[str]:
    """What the page says first: done, refused, waiting."""
    return [notice.text for notice in main(response).all(of="notice")]


def alarms(response: Any) -> list[str]:
    """What an administrator has to know on every page."""
    return [alarm.text for alarm in main(response).all(of="alarm")]


def sentences(response: Any) -> list[str]:
    """Why what was sent is refused: above the form, and beside its fields."""
    above = [line.text for alert in main(response).all(of="alert-danger") for line in alert.all("li")]
    return above + [line.text for beside in main(response).all(of="invalid-feedback") for line in beside.all("strong")]


def table(response: Any) -> list[list[str]]:
    """The rows of the page's tables, without their heads."""
    rows = [row for body in main(response).all("tbody") for row in body.all("tr")]
    return [[cell.text for cell in row.all("td")] for row in rows]


def facts(response: Any) -> dict[str, str]:
    """The page's list of facts, by term."""
    found = main(response)
    return dict(zip((term.text for term in found.all("dt")), (fact.text for fact in found.all("dd")), strict=True))


def buttons(response: Any) -> list[str]:
    """What can be pressed on the page, but not its links."""
    return [button.text for button in main(response).all("button")]


def links(response: Any) -> dict[str, str]:
    """Where the page's links lead, by their words."""
    return {link.text: link.attributes["href"] for link in main(response).all("a") if link.text}


def typed(response: Any) -> dict[str, Any]:
    """What the first form of the page that is filled in would send as it stands."""
    sent: dict[str, Any] = {}
    for control in _form(main(response)).all("input", "textarea", "select"):
        name, kind = control.attributes.get("name"), control.attributes.get("type", "")
        if name is None or name == "csrfmiddlewaretoken":
            continue
        if control.tag == "select":
            options = control.all("option")
            chosen = [option for option in options if "selected" in option.attributes]
            sent[name] = (chosen or options)[0].attributes["value"]
        elif control.tag == "textarea":
            # A browser drops the first line break.
            sent[name] = control.raw.removeprefix("\r").removeprefix("\n")
        elif kind in ("checkbox", "radio"):
            if "checked" in control.attributes:
                sent.setdefault(name, []).append(control.attributes.get("value", "on"))
        else:
            sent[name] = control.attributes.get("value", "")
    return sent


def _form(page: Element) -> Element:
    forms = [form for form in page.all("form") if form.attributes.get("method") == "post"]
    return next(form for form in forms if form.all("textarea", "select") or _asks(form))


def _asks(form: Element) -> bool:
    return any(field.attributes.get("type") != "hidden" for field in form.all("input"))
