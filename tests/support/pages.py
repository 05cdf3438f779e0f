"""What two answers have to have in common to be the same page."""

from __future__ import annotations

import re

from django.http import HttpResponse

_FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def page_text(response: HttpResponse) -> str:
    """Return the page without the tokens of its forms, which differ each time."""
    return _FORM_TOKEN.sub("", response.content.decode())
