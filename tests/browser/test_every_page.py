"""What holds for every page: usable with assistive technology, on a phone and on a desk, light in weight.

Pages are found by their addresses (tests/support/access_routes.py), so that a new one is tested, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from tests.browser.accessibility import MEASURE_SHIFT, WIDTHS, check_fits, check_still, check_usable_everywhere
from tests.browser.conftest import watched_page
from tests.browser.plain_english import plain_english
from tests.browser.signing_in import sign_in
from tests.support import pseudo_locale
from tests.support.access_routes import ROUTES
from tests.support.site import RunningSite

EMAIL = "everything@example.org"
PHONE = dict(zip(("width", "height"), min(WIDTHS.items()), strict=True))
MAX_BYTES = 300_000
"""Of a page with its styles and scripts as they are sent, without pictures and videos."""
SITE_PAGES = sorted(route for route in ROUTES if not route.startswith(("api/v1/", "api/^", "api/schema/")))
admin.autodiscover()
ADMIN_PAGES = [
    *("", "auth/group/add/", "accounts/user/add/", "training/trainingrun/add/", "training/versiontransfer/add/"),
    *(f"accounts/user/USER/{name}/" for name in ("change", "history", "delete", "password")),
    *(f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry),
]
_MAKE_EVERYTHING = """
import json
from accounts.models import User
from tests.support.access_objects import MAKERS, address_of
from tests.support.access_routes import ROUTES
owner = User.objects.get(email={email!r})
needed = {{access.of for access in ROUTES.values()}} & set(MAKERS) - {{"app_codes"}}  # which recovery codes bring
made = {{kind: MAKERS[kind](owner) for kind in needed}}
made["app_codes"] = made["recovery_codes"]
addresses = {{route: address_of(route, access, owner, made)[0] for route, access in ROUTES.items()}}
print(json.dumps({{**addresses, "USER": str(owner.pk)}}))
"""


class Everything:
    """Two browsers' pages, of a visitor and of an administrator who has one of everything, and the addresses of it."""

    def __init__(self, visitor: Page, administrator: Page, addresses: dict[str, str], url: str) -> None:
        self._pages, self._url = (administrator, visitor), url
        self._addresses = addresses
        self.bytes = 0
        for page in self._pages:
            page.add_init_script(MEASURE_SHIFT)
            page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
            page.on("requestfinished", self._weigh)

    def speak(self, language: str) -> None:
        """Choose the language of both."""
        for page in self._pages:
            page.context.add_cookies([{"name": "language", "value": language, "url": self._url}])

    def open(self, route: str) -> Page | None:
        """Open a page on a phone as the administrator, or else as the visitor; None where it is no page for either."""
        address = self._addresses.get(route) or f"/{route.replace('USER', self._addresses['USER'])}"
        for page in self._pages:
            response = page.request.get(address, max_redirects=0)
            is_html = response.headers.get("content-type", "").startswith("text/html")
            if is_html and response.status in (200, 404) and "<!doctype" in response.text()[:20].lower():
                self.bytes = 0
                page.set_viewport_size(PHONE)
                page.goto(address)
                page.wait_for_load_state("networkidle")
                return page
        return None

    def _weigh(self, request) -> None:
        if request.resource_type not in ("image", "media"):
            sizes = request.sizes()
            self.bytes += sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site with nothing that other tests have named."""
    running = RunningSite(tmp_path_factory.mktemp("site"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def everything(chromium, site: RunningSite) -> Iterator[Everything]:
    site.create_user(EMAIL, superuser=True)
    contexts = [chromium.new_context(base_url=site.url) for _ in range(2)]
    with watched_page(contexts[0]) as visitor, watched_page(contexts[1]) as administrator:
        sign_in(administrator, EMAIL, site.password)
        yield Everything(visitor, administrator, json.loads(site.shell(_MAKE_EVERYTHING.format(email=EMAIL))), site.url)
    for context in contexts:
        context.close()


ALL_PAGES = [*SITE_PAGES, "nowhere/", *(f"admin/{path}" for path in ADMIN_PAGES)]


@pytest.mark.parametrize("route", ALL_PAGES)
def test_a_page(everything: Everything, route: str):
    page = everything.open(route)
    if page is None:
        return
    assert everything.bytes < MAX_BYTES
    check_still(page)
    check_usable_everywhere(page)


@pytest.fixture(scope="module")
def in_pseudo_locale(everything: Everything, site: RunningSite) -> Everything:
    """The pages in a language that no plain letter is in."""
    if not pseudo_locale.is_available():
        pytest.skip("gettext is not installed")
    pseudo_locale.write_catalogs(site.folder / "locale")
    everything.speak(pseudo_locale.LANGUAGE)
    return everything


@pytest.mark.parametrize("route", ALL_PAGES)
def test_a_page_in_longer_words(in_pseudo_locale: Everything, route: str):
    """Each text is translated, and fits, from right to left as well."""
    page = in_pseudo_locale.open(route)
    if page is None:
        return
    texts = plain_english(page)
    check_fits(page)
    assert not texts, "\n".join(texts)


@pytest.fixture(scope="module")
def in_german(everything: Everything) -> Everything:
    """The pages in the language whose words are the longest of those that the site speaks."""
    everything.speak("de")
    return everything


@pytest.mark.parametrize("route", ALL_PAGES)
def test_a_page_in_german(in_german: Everything, route: str):
    """Each page fits, also written from right to left."""
    page = in_german.open(route)
    if page is not None:
        assert page.evaluate("document.documentElement.lang") == "de"
        check_fits(page)


def test_a_result_is_used_by_keyboard_alone(browser_of):
    page = browser_of("keyboard@example.org")
    page.locator("form[action$='/photos/sample/'] button").click()
    expect(page.locator(".face-card")).to_have_count(1)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.mark") == "1":
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-mark='1']")).to_have_attribute("aria-pressed", "true")
