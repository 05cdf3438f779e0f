"""Accounts as JSON."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import ApiToken, User
from accounts.time_zones import find_zone


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret, which nobody has but its owner."""

    id = serializers.UUIDField(source="public_id")
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry", allow_null=True)

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scope", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MeSerializer(serializers.ModelSerializer[User]):
    """Whoever asks; `token` is the one they ask with, null for a browser's session."""

    time_zone = serializers.CharField(source="zone", help_text="In which days begin and times are told.")
    token = TokenSerializer(allow_null=True)

    class Meta:
        model = User
        fields = ["email", "is_staff", "date_joined", "time_zone", "token"]
        read_only_fields = fields


class ChangeMeSerializer(serializers.Serializer[User]):
    """What people may change about themselves by program; e-mail and password are changed on the account page."""

    time_zone = serializers.CharField(max_length=64, help_text="A zone's name, such as Europe/Berlin.")

    def validate_time_zone(self, name: str) -> str:
        if find_zone(name) is None:
            raise serializers.ValidationError(f"Expected a time zone's name such as Europe/Berlin; got {name!r}.")
        return name
