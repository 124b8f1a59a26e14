"""Somebody at a browser of their own, and the album of what they saw."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from pimportal import demo

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}
NO_CODE_YET = 35_000
"""Milliseconds until a code is shown again after both of this half minute were used."""


@dataclass
class Album:
    """Photographs of pages, each looked over by axe: wide and light, then narrow and dark."""

    folder: Path
    complaints: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, page: Page, name: str) -> None:
        """Photograph a page and look it over; what is wrong is kept in `complaints`."""
        assert name not in self.names, f"there is a picture called {name} already"
        self.names.add(name)
        self._shoot(page, f"{name}-1280-light")
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        self._shoot(page, f"{name}-390-dark")
        if overflow := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
            self.complaints.append(f"{name}: {overflow} px too wide at 390 px")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")

    def _shoot(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        for violation in Axe().run(page).response["violations"]:
            for node in violation["nodes"]:
                self.complaints.append(f"{name}: {violation['id']}: {node['target']}: {node['html']}")


@dataclass
class Access:
    """What /access/check/ answers."""

    status: int
    headers: Mapping[str, str]

    @property
    def until(self) -> datetime:
        """When the access ends, as it says."""
        return datetime.fromisoformat(self.headers["x-pim-until"])


class Person:
    """Somebody with a browser: does what people do, and notices what people notice."""

    def __init__(self, context: BrowserContext, address: str, album: Album) -> None:
        self.address, self.album = address, album
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: album.complaints.append(f"{address}: {error}"))
        self.page.on("console", lambda message: self._hears(message.text))

    def _hears(self, text: str) -> None:
        if "content security policy" in text.lower():
            self.album.complaints.append(f"{self.address} on {self.page.url}: {text}")

    # --- moving

    def goes_to(self, path: str) -> Self:
        """Type an address."""
        self.page.goto(path)
        return self

    def follows(self, name: str) -> Self:
        """Click a link of the page itself."""
        self.main.get_by_role("link", name=name, exact=True).click()
        return self

    def presses(self, name: str) -> Self:
        """Click a button of the page itself."""
        self.main.get_by_role("button", name=name, exact=True).click()
        return self

    def fills(self, **fields: str) -> Self:
        """Type into fields, by their names."""
        for name, text in fields.items():
            self.page.fill(f"[name={name}]", text)
        return self

    def ticks(self, name: str) -> Self:
        """Tick the box beside this text."""
        self.main.get_by_role("checkbox", name=name, exact=True).check()
        return self

    # --- getting in

    def signs_in(self) -> Self:
        """From wherever asks for it: email, password, and the second factor where it is asked for at once."""
        if "/sign-in/" not in self.page.url:
            self.goes_to("/sign-in/")
        self.fills(username=self.address, password=demo.PASSWORD).presses("Sign in")
        if "/verify/" in self.page.url:
            self.verifies()
        return self

    def verifies(self) -> Self:
        """Enter the code the demo shows; wait for the next one if both of this half minute are used up."""
        code = self.page.locator("#demo-code")
        for _ in range(NO_CODE_YET // 1000):
            if code.count():
                break
            self.page.wait_for_timeout(1000)
            self.page.goto(self.page.url)
        return self.fills(code=code.inner_text()).presses("Verify")

    # --- noticing

    @property
    def main(self) -> Locator:
        """The page without its navigation."""
        return self.page.locator("main")

    @property
    def path(self) -> str:
        """Where the person is."""
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def sees(self, *texts: str) -> Self:
        """Every one of these texts is on the page."""
        for text in texts:
            expect(self.main).to_contain_text(text)
        return self

    def sees_no(self, *texts: str) -> Self:
        """None of these texts is on the page."""
        for text in texts:
            expect(self.main).not_to_contain_text(text)
        return self

    def sees_buttons(self, *names: str) -> Self:
        """Exactly these buttons are on the page, apart from the navigation."""
        assert self.main.get_by_role("button").all_inner_texts() == list(names)
        return self

    def sees_boxes(self, *names: str) -> Self:
        """Exactly these boxes can be ticked in the list of them, in whatever order."""
        assert sorted(self.main.locator(".boxes label").all_inner_texts()) == sorted(names)
        return self

    def reads(self, *sentences: str) -> Self:
        """These sentences stand beside fields, or above the form, and no others."""
        said = self.main.locator(".invalid-feedback, .alert, .notice.bad")
        expect(said).to_have_text(list(sentences), use_inner_text=True)
        return self

    def is_told(self, sentence: str) -> Self:
        """What was done is said on the next page."""
        expect(self.main.locator(".notice[role=status]")).to_have_text([sentence], use_inner_text=True)
        return self

    def prints(self, name: str) -> Self:
        """See the page as it comes out of the printer: without what can only be pressed."""
        self.page.emulate_media(media="print")
        self.page.screenshot(path=self.album.folder / f"{name}.png", full_page=True)
        expect(self.page.get_by_role("navigation")).to_have_count(0)
        self.page.emulate_media(media="screen")
        return self

    def takes_a_picture(self, name: str) -> Self:
        """Put the page into the album, where axe looks it over."""
        self.album.add(self.page, name)
        return self

    # --- email, and the decision

    def opens_mail(self, subject: str) -> Self:
        """The newest email to this person whose subject begins so, in the mailbox of the demo."""
        self.goes_to(f"/mailbox/?to={self.address}")
        self.main.get_by_role("link").filter(has_text=re.compile(f"^{re.escape(subject)}")).first.click()
        return self

    def subjects(self) -> list[str]:
        """What is in this person's mailbox, newest first."""
        self.goes_to(f"/mailbox/?to={self.address}")
        return self.main.locator("tbody a").all_inner_texts()

    def reads_mail(self, *texts: str) -> Self:
        """Every one of these texts is in the email that is open."""
        for text in texts:
            expect(self.page.frame_locator("iframe").locator("body")).to_contain_text(text)
        return self

    def clicks_in_mail(self, name: str) -> Self:
        """Click the email's link, inside its frame, and wait for the page it leads to."""
        with self.page.expect_navigation(url=lambda url: "/mailbox/" not in url):
            self.page.frame_locator("iframe").get_by_role("link", name=name).click()
        return self

    def asks_for_access(self, role: str = "Teams Administrator") -> Access:
        """What a reverse proxy would be answered about this browser."""
        answer = self.page.request.get("/access/check/", params={"role": role})
        return Access(answer.status, answer.headers)
