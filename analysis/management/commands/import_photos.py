"""`manage.py import_photos`: add the photos of a folder to somebody's history."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from analysis.consents.models import Consent
from analysis.consents.services import NOTICES, active_consent, give_consent
from analysis.errors import PhotoError
from analysis.imports.services import Outcome, find_photos, import_photos
from analysis.recognition.errors import RecognitionError
from ferproject.storage_errors import StorageError

PHOTOS = Consent.Purpose.PHOTOS
REPORT_EVERY = 100


class Command(BaseCommand):
    help = (
        "Analyse all photos in a folder and its subfolders, and add them to a user’s history. Photos that are already "
        "there are skipped, so you can run it again. The exit status is 1 if any file was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--owner",
            required=True,
            metavar="EMAIL",
            help="the email address of the user whose history they are added to",
        )
        parser.add_argument(
            "--agree",
            action="store_true",
            help="confirm that the owner agrees to the analysis of their photos and videos; otherwise the command asks",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = _find_owner(options["owner"])
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is not a folder.")
        self._require_consent(owner, options["agree"])
        paths = find_photos(options["folder"])
        counts = self._import(owner, paths)
        known = f"{counts[Outcome.KNOWN]:,} were already there, {counts[Outcome.REFUSED]:,} were refused"
        self.stdout.write(f"{counts[Outcome.ADDED]:,} of {len(paths):,} photos were added, {known}.")
        if counts[Outcome.REFUSED]:
            sys.exit(1)

    def _import(self, owner: Model, paths: list[Path]) -> Counter[Outcome]:
        counts: Counter[Outcome] = Counter()
        try:
            for number, file in enumerate(import_photos(owner=owner, paths=paths), start=1):
                counts[file.outcome] += 1
                if file.outcome == Outcome.REFUSED:
                    self.stderr.write(f"{file.path}: {file.message}")
                if number % REPORT_EVERY == 0:
                    self.stdout.write(f"{number:,} of {len(paths):,}")
        except (PhotoError, RecognitionError, StorageError) as error:
            done = f"{counts.total():,} of {len(paths):,} photos are done. Run the command again to continue."
            raise CommandError(f"{error.message} {done}") from error
        return counts

    def _require_consent(self, owner: Model, agrees: bool) -> None:
        """Ask for the owner's consent as the site does, unless it was given."""
        if active_consent(user=owner, purpose=PHOTOS) is not None:
            return
        if not agrees:
            notice = strip_tags(render_to_string("analysis/consents/photos_notice.html")).strip()
            self.stdout.write(f"{owner} has not agreed to the analysis of photos and videos yet.\n\n{notice}\n")
            if not sys.stdin.isatty():
                raise CommandError("Run the command with --agree if the owner agrees to this.")
            if input("Does the owner agree? Type yes: ").strip().lower() != "yes":
                raise CommandError("Nothing was imported.")
        give_consent(user=owner, purpose=PHOTOS, notice_version=NOTICES[PHOTOS])


def _find_owner(email: str) -> Model:
    owner: Model | None = get_user_model()._default_manager.filter(email__iexact=email, is_active=True).first()
    if owner is None:
        raise CommandError(f"There is no account with the email address {email}.")
    return owner
