"""Whether a page can be used with assistive technology, on a phone and on a desk."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = {390: 844, 1280: 900}
"""Of a phone and of a desk, and their heights."""
ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
RULES_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Of those rules, the ones whose result depends on the colour scheme."""
MAX_SHIFT = 0.1
"""Of a page while it loads: the largest cumulative layout shift that web.dev calls good."""
MEASURE_SHIFT = """{
    let total = 0;
    const add = (entries) => entries.forEach((entry) => { total += entry.value; });
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    window.layoutShift = () => { add(observer.takeRecords()); return total; };
}"""
"""A script for the start of each page whose shift is checked."""
END_TRANSITIONS = """() => {
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
}"""
"""Some would never end by themselves: in a closed `details` they do not run."""


def check_usable(page: Page, *, part: str | None = None) -> None:
    """Assert that axe finds no violation, in the light and the dark scheme, and that nothing sticks out to the side.

    `part` is the selector of what axe is to look at. The page stays in the dark scheme.
    """
    for scheme, rules in (("light", ALL_RULES), ("dark", RULES_OF_COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(END_TRANSITIONS)  # until then colours lie between the schemes
        found = violations(page, rules, part)
        assert found == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"


def check_usable_everywhere(page: Page) -> None:
    """Assert the same at each of `WIDTHS`; the page stays at the last one."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        check_usable(page)


def check_fits(page: Page) -> None:
    """Assert that nothing sticks out to the side at each of `WIDTHS`, written from the left and from the right."""
    for direction in ("rtl", "ltr"):
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert fits, f"{direction} scrolls sideways at {width}"


def check_still(page: Page) -> None:
    """Assert that what was shown first stayed where it was while the rest was loaded; needs `MEASURE_SHIFT`."""
    assert page.evaluate("window.layoutShift()") < MAX_SHIFT


def violations(page: Page, rules: dict[str, Any], part: str | None = None) -> list[Any]:
    """Return axe's violations: each rule's id and help, and the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    # Axe need not list what is right, and our policy forbids a script to load the stylesheets again.
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": {"assets": ["media"]}}
    run = "async ([part, options]) => (await axe.run(part ?? document, options)).violations"
    found = page.evaluate(run, [part, options])
    return [(each["id"], each["help"], [node["target"] for node in each["nodes"]]) for each in found]
