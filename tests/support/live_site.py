"""Users of a running site with API tokens for live connections."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.support.site import RunningSite

PROGRAM = """
import json
from accounts.models import User
from accounts.tokens.services import create_token
from analysis.consents.services import NOTICES, give_consent
from analysis.models import Consent
secrets = []
for email in {emails!r}:
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, {password!r})
    if {consenting!r}:
        for purpose in (Consent.Purpose.CAMERA, Consent.Purpose.PHOTOS):
            give_consent(user=user, purpose=purpose, notice_version=NOTICES[purpose])
    secrets.append(create_token(user=user, name="Tests", scope={scope!r}, expires_in=None).secret)
print(json.dumps(secrets))
"""


def create_tokens(
    site: RunningSite, emails: Sequence[str], *, scope: str = "write", consenting: bool = True
) -> list[str]:
    """Create these users unless they exist; return a token's secret for each."""
    program = PROGRAM.format(emails=list(emails), password=site.password, scope=scope, consenting=consenting)
    return json.loads(site.shell(program))
