"""Form of a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from analysis.webhooks.models import URL_MAX, Event


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="URL",
        max_length=URL_MAX,
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://example.org/hook"}),
        help_text="Where events are sent, by POST.",
    )
    events = forms.MultipleChoiceField(
        label="Send when",
        choices=Event.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
    is_site = forms.BooleanField(
        label="For everybody on this site, not only for me",
        required=False,
        help_text="Events name people and photos by their ids only.",
    )

    def __init__(self, *args: Any, offers_site: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offers_site:
            del self.fields["is_site"]
