"""Form of a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysis.webhooks.models import URL_MAX, Event


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("URL"),
        max_length=URL_MAX,
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://example.org/hook"}),
        help_text=_("Events are sent to this address as POST requests."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=Event.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )
    is_site = forms.BooleanField(
        label=_("Receive the events of everyone on this site"),
        required=False,
        help_text=_("Events contain only the ids of people and photos."),
    )

    def __init__(self, *args: Any, offers_site: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offers_site:
            del self.fields["is_site"]
