"""The file that an administrator hands to somebody is the one they could have downloaded."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from analysis.audit.models import AuditEntry
from analysis.audit.services import entries_about
from tests.analysis.factories import make_photo

pytestmark = pytest.mark.django_db


def _run(*arguments):
    output = io.StringIO(newline="")
    call_command("export_history", *arguments, stdout=output)
    return output.getvalue()


def test_it_writes_csv_to_standard_output(user):
    make_photo(user, name="a.jpg", emotions=["happy", "sad"])
    rows = list(csv.DictReader(io.StringIO(_run("ada@example.org"), newline="")))
    assert [(row["name"], row["emotion"]) for row in rows] == [("a.jpg", "happy"), ("a.jpg", "sad")]


def test_it_writes_json_to_a_file_for_its_owners_eyes(user, tmp_path):
    make_photo(user)
    path = tmp_path / "history.json"
    assert _run("ADA@example.org", "--format", "json", "--output", str(path)) == ""
    assert len(json.loads(path.read_text())["faces"]) == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["history.json"]


def test_times_are_told_in_the_persons_own_zone(user):
    user.time_zone = "Asia/Kathmandu"
    user.save()
    make_photo(user)
    assert "+05:45" in _run("ada@example.org")


def test_the_audit_log_and_the_person_hear_of_it(user, other_user):
    _run("ada@example.org", "--format", "json")
    entry = AuditEntry.objects.get(action=AuditEntry.EXPORTED)
    assert (entry.actor, entry.subject) == (None, f"history of user {user.pk}")
    assert entry.details == {"format": "json", "by": "manage.py export_history"}
    assert list(entries_about(user)) == [entry]
    assert not entries_about(other_user).exists()


def test_a_stranger_and_a_folder_that_is_not_there_are_named(user, tmp_path):
    with pytest.raises(CommandError, match=r"There is no account with the email address eve@example\.org"):
        _run("eve@example.org")
    with pytest.raises(CommandError, match=r"--output: .*nowhere.* could not be written"):
        _run("ada@example.org", "--output", str(tmp_path / "nowhere" / "a.csv"))
