"""Whether those to be seen in what a program sends agreed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from ferproject.api.serializers import StrictBooleanField


class PeopleAgreedSerializer(serializers.Serializer[Any]):
    people_agreed = StrictBooleanField(
        required=False, help_text="true: everybody to be seen in it agreed to this; the time is kept with it."
    )


def people_agreed_at(asked: Mapping[str, Any]) -> dt.datetime | None:
    """Return the time of a request whose values say that people agreed; None where they do not say."""
    return timezone.now() if asked.get("people_agreed") else None
