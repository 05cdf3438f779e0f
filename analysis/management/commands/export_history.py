"""`manage.py export_history`: write a user's history to a file, as the site's export does."""

from __future__ import annotations

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.dashboard.export import ExportFilter
from analysis.dashboard.export_formats import FORMATS, export_text


class Command(BaseCommand):
    help = "Export a user’s history, one row per face, to standard output or a file. See docs/export.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="the account’s email address")
        parser.add_argument("--format", choices=list(FORMATS), default="csv")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead of standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()._default_manager
        owner = users.filter(email=users.normalize_email(options["user"])).first()
        if owner is None:
            raise CommandError(f"There is no account with the email address {options['user']}.")
        # Recorded without an actor, because nobody is signed in; the user finds the entry in their own data.
        details = {"format": options["format"], "by": "manage.py export_history"}
        record_audit(actor=None, action=AuditEntry.EXPORTED, subject=f"history of user {owner.pk}", details=details)
        text = export_text(ExportFilter(owner), options["format"], owner.zone)
        if options["output"] is None:
            for batch in text:
                self.stdout.write(batch, ending="")
            return
        try:
            _write(options["output"], text)
        except OSError as error:
            raise CommandError(f"--output: {options['output']} could not be written: {error.strerror}.") from error


def _write(path: Path, text: Any) -> None:
    """Write a file atomically, readable by its owner only."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as handle:
            handle.writelines(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
