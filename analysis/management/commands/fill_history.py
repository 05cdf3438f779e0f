"""`manage.py fill_history`: fill a user's history with demo data, to test pages with a large one."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analysis.errors import HistoryError
from analysis.management.demo_history import fill_history


class Command(BaseCommand):
    help = (
        "Fills a user's history with demo data: photos (without pictures), live sessions and sums. For benchmarks and "
        "trials only: use an account of its own, because nothing tells demo data from other data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="the e-mail address of the account")
        parser.add_argument("--faces", type=int, default=1_000_000, help="faces in photos (default: a million)")
        parser.add_argument("--days", type=int, default=365, help="days that they are spread over (default: 365)")
        parser.add_argument("--seed", type=int, default=0, help="the same number writes the same history")
        parser.add_argument("--force", action="store_true", help="even where there is a history already")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("faces", "days"):
            if options[name] < 1:
                raise CommandError(f"--{name}: expected 1 or more; got {options[name]}.")
        owner = get_user_model()._default_manager.filter(email__iexact=options["user"]).first()
        if owner is None:
            raise CommandError(f"USER: expected the address of an account; nobody here has {options['user']}.")
        began = time.monotonic()
        try:
            demo = fill_history(
                owner=owner,
                faces=options["faces"],
                days=options["days"],
                seed=options["seed"],
                until=timezone.now(),
                force=options["force"],
            )
        except HistoryError as error:
            raise CommandError(f"{error.message} --force adds them all the same.") from error
        self.stdout.write(
            f"Wrote {demo.photos:,} photos with {demo.faces:,} faces, and {demo.sessions:,} live sessions with "
            f"{demo.samples:,} seconds, in {time.monotonic() - began:.0f} s."
        )
