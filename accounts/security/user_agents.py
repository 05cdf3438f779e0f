"""Name of the browser and system in a User-Agent header, for people to recognize."""

from __future__ import annotations

from django.utils.translation import gettext

# The first that is contained counts: most browsers name others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def describe_user_agent(user_agent: str) -> str:
    """Return such as "Firefox on Linux"; the header itself if no browser is recognized."""
    browser, system = (next((name for part, name in known if part in user_agent), "") for known in (BROWSERS, SYSTEMS))
    if not browser:
        return user_agent or gettext("Unknown program")
    if not system:
        return browser
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
