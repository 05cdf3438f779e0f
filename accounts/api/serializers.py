"""Serializers of the user and their token."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import ApiToken, User
from accounts.time_zones import find_zone
from ferproject.api.serializers import BodySerializer


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, without its secret."""

    id = serializers.UUIDField(source="public_id")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scope", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MeSerializer(serializers.ModelSerializer[User]):
    """The signed-in user; `token` is the request's token, null for a browser's session."""

    time_zone = serializers.CharField(source="zone", help_text="The time zone of your dates and times.")
    language = serializers.CharField(
        help_text="The language of pages and emails, such as pt-br. Empty: your browser's."
    )
    email_notices = serializers.BooleanField(
        source="wants_email_notices", help_text="Whether you get an email when a video or training run ends."
    )
    token = TokenSerializer(allow_null=True)

    class Meta:
        model = User
        fields = ["email", "is_staff", "date_joined", "time_zone", "language", "email_notices", "token"]
        read_only_fields = fields


@extend_schema_field({"type": "string", "format": "time-zone", "maxLength": 64, "minLength": 1})
class TimeZoneField(serializers.CharField):
    pass


class ChangeMeSerializer(BodySerializer):
    """What users may change by API; e-mail address and password are changed on the account page."""

    time_zone = TimeZoneField(max_length=64, help_text="Name of a time zone, such as Europe/Berlin.")
    language = serializers.ChoiceField(
        [("", ""), *settings.LANGUAGES], help_text="One of the site's languages. Empty: your browser's."
    )
    email_notices = serializers.BooleanField(help_text="Whether you get an email when a video or training run ends.")

    def validate_time_zone(self, name: str) -> str:
        if find_zone(name) is None:
            message = gettext("“%(name)s” is not a time zone. An example of one is Europe/Berlin.")
            raise serializers.ValidationError(message % {"name": name})
        return name
