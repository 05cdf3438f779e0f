"""What pages need to know about signing up."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_up_is_open(context: template.Context) -> bool:
    """Return whether whoever sees this page may make an account."""
    request = context["request"]
    return get_adapter(request).is_open_for_signup(request)
