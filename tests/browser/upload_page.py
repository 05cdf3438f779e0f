"""What somebody does on a page that takes pictures, before the first one of each visit."""

from __future__ import annotations

from playwright.sync_api import Page

PEOPLE_AGREED = "Everyone in these photos and videos has agreed"


def open_upload(page: Page, address: str = "/photos/new/") -> None:
    page.goto(address)
    page.get_by_label(PEOPLE_AGREED).check()
