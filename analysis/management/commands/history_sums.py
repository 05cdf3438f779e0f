"""`manage.py history_sums`: verify or rebuild the sums that charts are drawn from."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model, QuerySet

from analysis.albums.models import Collection
from analysis.history.models import TOTAL_FIELDS, HistoryRollup
from analysis.management.verify_history import Difference, rebuild_history, verify_history

MAX_SHOWN = 20


class Command(BaseCommand):
    help = "Verify the sums that charts are drawn from against all faces and samples, or rebuild them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument(
            "--verify", action="store_true", help="print the differences; the exit status is 1 if there are any"
        )
        action.add_argument("--rebuild", action="store_true", help="correct the sums, one user after another")
        parser.add_argument("--user", metavar="EMAIL", help="only this user’s history")

    def handle(self, *args: Any, **options: Any) -> None:
        check = self._rebuild if options["rebuild"] else self._verify
        wrong = 0
        for user in _owners(options["user"]):
            wrong += sum(check(owner) for owner in (user, *Collection.objects.owned_by(user)))
        if wrong and options["verify"]:
            raise CommandError(f"Wrong rows of sums: {wrong}. Correct them with `manage.py history_sums --rebuild`.")
        self.stdout.write(f"Wrong rows of sums: {wrong}. They are now corrected." if wrong else "All sums are correct.")

    def _verify(self, owner: Model) -> int:
        differences = verify_history(owner=owner)
        if differences:
            self.stdout.write(f"{owner}:")
        for difference in differences[:MAX_SHOWN]:
            self.stdout.write(f"  {_describe(difference)}")
        if len(differences) > MAX_SHOWN:
            self.stdout.write(f"  and {len(differences) - MAX_SHOWN} more")
        return len(differences)

    def _rebuild(self, owner: Model) -> int:
        wrong = rebuild_history(owner=owner)
        if wrong:
            self.stdout.write(f"{owner}: {wrong}")
        return wrong


def _owners(email: str | None) -> QuerySet[Model]:
    users = get_user_model()._default_manager
    if email is None:
        return users.order_by("pk")
    found = users.filter(email=users.normalize_email(email))
    if not found:
        raise CommandError(f"There is no account with the email address {email}.")
    return found


def _describe(difference: Difference) -> str:
    key = difference.key
    parts = [
        f"{name} is {saved}, should be {counted}"
        for name, saved, counted in zip(TOTAL_FIELDS, difference.saved, difference.counted, strict=True)
        if saved != counted
    ]
    length = "" if difference.grain == 1 else f" ({HistoryRollup.Grain(difference.grain).label.lower()})"
    what = f"{key.quarter:%Y-%m-%d %H:%M} UTC{length}, {key.source}, {key.emotion}, {key.model}"
    return f"{what}: {'; '.join(parts) or 'an empty row'}"
