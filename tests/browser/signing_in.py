"""Signing in through the form."""

from __future__ import annotations

from playwright.sync_api import Page


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/photos/new/")
