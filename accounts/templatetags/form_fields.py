"""How a form's field is drawn; `components/field.html` uses it."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the field's control without a placeholder: its label says the same and stays."""
    return field.as_widget(attrs={"placeholder": False})
