"""Pages are light, dark or as the system: as the cookie says, in the very first response."""

from __future__ import annotations

import pytest

SYSTEM = 'media="(prefers-color-scheme: dark)" data-scheme="dark"'


@pytest.mark.parametrize(
    ("cookie", "scheme", "dark"),
    [
        ("dark", "dark", 'media="all" data-scheme="dark"'),
        ("light", "light", 'media="not all" data-scheme="dark"'),
        ("system", "light dark", SYSTEM),
        ("", "light dark", SYSTEM),
        ('"><script>', "light dark", SYSTEM),
    ],
)
@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/", "/nowhere/"])
def test_a_page_has_the_chosen_theme(client, db, address: str, cookie: str, scheme: str, dark: str):
    client.cookies["theme"] = cookie
    page = client.get(address, follow=True).content.decode()

    assert f'<meta name="color-scheme" content="{scheme}">' in page
    assert page.count(dark) == 2


@pytest.mark.parametrize("address", ["/", "/model/", "/accounts/login/", "/api/docs/", "/nowhere/", "/admin/"])
def test_a_page_has_a_description(client, db, address: str):
    page = client.get(address, follow=True).content.decode()

    assert page.count('<meta name="description" content="') == 1
