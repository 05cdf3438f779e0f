"""Accounts as JSON."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import ApiToken, User


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

    token = TokenSerializer(allow_null=True)

    class Meta:
        model = User
        fields = ["email", "is_staff", "date_joined", "token"]
        read_only_fields = fields
