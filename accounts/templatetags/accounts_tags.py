"""Template tags for form fields and sign-up."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from accounts import second_factor
from accounts.security.email_links import refusal_reason
from accounts.security.user_agents import describe_user_agent

register = template.Library()


register.filter("browser", describe_user_agent)


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the field's widget without a placeholder, which would repeat the label."""
    return field.as_widget(attrs={"placeholder": False})


@register.simple_tag(takes_context=True)
def second_factor_is_missing(context: template.Context) -> bool:
    """Return whether the site requires a second step of the user, who has none."""
    return second_factor.is_missing(context["request"].user)


@register.simple_tag
def email_links_are_sent() -> bool:
    """Return whether this site sends links by e-mail."""
    return not refusal_reason()


@register.simple_tag(takes_context=True)
def sign_up_is_open(context: template.Context) -> bool:
    """Return whether the visitor may sign up."""
    request = context["request"]
    return get_adapter(request).is_open_for_signup(request)
