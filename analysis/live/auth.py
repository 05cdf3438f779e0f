"""How this app sees who is connected: `scope["sign_in"]`, set by whoever wires the site, or None for a stranger."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Protocol, Self

from django.db.models import Model

from analysis.consents.models import Consent


class SignIn(Hashable, Protocol):
    """How somebody came in; asked about again and again while their connection is open."""

    @property
    def user(self) -> Model: ...

    @property
    def may_write(self) -> bool:
        """Whether what they do may be kept."""

    @classmethod
    def standing(cls, sign_ins: Collection[Self]) -> set[Self]:
        """Return those that still let their people in; one look for all of them, which blocks."""


def standing_sign_ins(sign_ins: Collection[SignIn]) -> set[SignIn]:
    """Return those that still let their people in; blocks."""
    by_kind: dict[type[SignIn], list[SignIn]] = {}
    for sign_in in sign_ins:
        by_kind.setdefault(type(sign_in), []).append(sign_in)
    return {sign_in for kind, members in by_kind.items() for sign_in in kind.standing(members)}


def people_consenting(user_ids: Collection[object]) -> set[object]:
    """Return who of them agrees, now, that their camera's picture is analysed; blocks."""
    consents = Consent.objects.standing().filter(purpose=Consent.Purpose.CAMERA, user__in=user_ids)
    return set(consents.values_list("user_id", flat=True))
