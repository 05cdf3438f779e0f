"""Who a live connection belongs to, `scope["sign_in"]`, and whether they may still use it."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Protocol, Self

from django.db.models import Model

from analysis.consents.models import Consent


class SignIn(Hashable, Protocol):
    """A user's sign-in, checked repeatedly while the connection is open."""

    @property
    def user(self) -> Model: ...

    @property
    def may_write(self) -> bool:
        """Whether the user's sessions may be saved."""

    @classmethod
    def still_valid(cls, sign_ins: Collection[Self]) -> set[Self]:
        """Return those of `sign_ins` that are still valid; queries the database."""


def valid_sign_ins(sign_ins: Collection[SignIn]) -> set[SignIn]:
    """Return those of `sign_ins`, all of one type, that are still valid; queries the database."""
    return type(next(iter(sign_ins))).still_valid(sign_ins) if sign_ins else set()


def consenting_users(user_ids: Collection[object]) -> set[object]:
    """Return the ids of those users who consent to the analysis of their camera; queries the database."""
    consents = Consent.objects.active().filter(purpose=Consent.Purpose.CAMERA, user__in=user_ids)
    return set(consents.values_list("user_id", flat=True))
