"""System check of the settings for e-mail."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning

from accounts.security.email_links import refusal_reason


def check_email_links(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn, with `check --deploy`, if e-mails with links are not sent."""
    if not (reason := refusal_reason()):
        return []
    hint = "Until this is set, nobody can reset a password or confirm an email address. See docs/https.md."
    return [Warning(f"This site sends no emails with links: {reason}", hint=hint, id="accounts.W001")]
