"""A person before a browser, who reads and presses what stands on the page. The stories are told with these words."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

REMARK = "(（[^）]*）)*"  # （选填）, （没有意见就留空） behind a label


def loose(words: str) -> re.Pattern[str]:
    """Return a pattern of words in which spaces do not matter."""
    return re.compile(r"\s*".join(re.escape(letter) for letter in words if not letter.isspace()))


class Person:
    """One window. Every word given is what the page shows; whatever is not there fails at once, with the page's address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("main")

    def opens(self, path: str) -> Person:
        """Type an address."""
        answer = self.page.goto(path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        return self

    def opens_own(self, words: str) -> Person:
        """Follow a link of one's own work, above the page."""
        self.page.get_by_role("navigation", name="我的工作").get_by_role("link", name=words, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self

    def follows(self, words: str, within: Locator | None = None) -> Person:
        """Follow the first link whose name starts with these words."""
        (within or self.main).get_by_role("link", name=re.compile(rf"^\s*{loose(words).pattern}")).first.click()
        return self

    def presses(self, words: str, within: Locator | None = None) -> Person:
        """Press a button."""
        (within or self.main).locator("button:visible", has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")).click()
        return self

    def unfolds(self, words: str, within: Locator | None = None) -> Locator:
        """Open what is folded under these words and return it."""
        fold = (within or self.main).locator("details", has=self.page.locator(f"summary:text-is('{words}')"))
        fold.locator("summary").first.click()
        return fold

    def writes(self, within: Locator | None = None, /, **fields: Any) -> Person:
        """Fill in fields by their labels."""
        for label, text in fields.items():
            self._field(label, within).fill(str(text))
        return self

    def picks(self, label: str, choice: str, within: Locator | None = None) -> Person:
        """Choose from a list by the words shown."""
        self._field(label, within).select_option(label=choice)
        return self

    def ticks(self, words: str, within: Locator | None = None) -> Person:
        """Tick a box or choose one of several."""
        (within or self.main).get_by_label(re.compile(rf"^\s*{re.escape(words)}")).check()
        return self

    def _field(self, label: str, within: Locator | None) -> Locator:
        name = re.compile(rf"^\s*{re.escape(label)}\s*{REMARK}\s*$")
        return (within or self.main).get_by_label(name).and_(self.page.locator("input, select, textarea"))

    def row(self, words: str) -> Locator:
        """Return the row of a table that contains these words."""
        return self.main.get_by_role("row").filter(has_text=words)

    def panel(self, heading: str) -> Locator:
        """Return the part of the page under a heading."""
        return self.main.locator("section, .panel, .side-panel").filter(has=self.page.get_by_role("heading", name=heading, exact=True)).last

    def sees(self, *words: str) -> Person:
        """Expect these words on the page; a space in them may be none there (128.6 万元)."""
        for word in words:
            expect(self.main).to_contain_text(loose(word))
        return self

    def does_not_see(self, *words: str) -> Person:
        """Expect these words nowhere on the page, which has to have a heading."""
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        for word in words:
            expect(self.main).not_to_contain_text(word)
        return self

    def is_on(self, heading: str) -> Person:
        """Expect a page with this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        return self

    def figure(self, label: str) -> Decimal:
        """Return a figure of the cockpit, in 万元."""
        box = self.main.locator("li.stat").filter(has=self.page.locator(f".stat-label:text-is('{label}')"))
        text = box.locator(".stat-number").inner_text()
        unit = box.locator(".stat-number .unit").inner_text()
        number = Decimal(text.replace(unit, "").replace(",", "").strip())
        return number * 10_000 if unit.strip() == "亿元" else number

    def downloads(self, words: str) -> Path:
        """Follow a link that answers with a file; return where it lies."""
        with self.page.expect_download() as waiting:
            self.follows(words)
        return waiting.value.path()


Enter = Callable[..., Person]
