import json

import pytest
from django.core.management import CommandError, call_command

from analysis.audit.models import AuditEntry
from analysis.versions.models import ModelVersion


def test_promote_lets_a_version_serve(second, serving, capsys):
    call_command("promote", "second-1")
    assert serving() == ["second-1"]
    assert "second-1 is now the active version." in capsys.readouterr().out


def test_promote_says_how_to_give_a_reason(first, make_version, store, serving):
    make_version("worse-1", card={"evaluation": store.evaluation(accuracy=0.2)})
    with pytest.raises(CommandError, match=r"worse by more than 1 point.*--reason TEXT"):
        call_command("promote", "worse-1")
    call_command("promote", "worse-1", "--reason", "a trial")
    entry = AuditEntry.objects.get()
    assert (serving(), entry.reason, entry.actor, entry.details["via"]) == (["worse-1"], "a trial", None, "shell")


def test_promote_names_the_versions_there_are(second):
    with pytest.raises(CommandError, match=r"no version “nope” in .*\. Found: first-1, second-1"):
        call_command("promote", "nope")


def test_promote_takes_one_trained_while_there_was_no_database(first, store, serving):
    files = {name: {"sha256": pin} for name, pin in store.write("shell-1").items() if name != "card.json"}
    card = {**store.card("first-1"), "name": "shell-1", "files": files}
    (store.folder / "shell-1" / "card.json").write_text(json.dumps(card))
    call_command("promote", "shell-1")
    assert serving() == ["shell-1"]
    assert ModelVersion.objects.get(name="shell-1").pins == store.pins("shell-1")


def test_promote_names_a_broken_file(second, store, serving):
    store.break_byte("second-1")
    with pytest.raises(CommandError, match=r"second-1/model\.tflite was changed"):
        call_command("promote", "second-1")
    assert serving() == ["first-1"]


def test_rollback_goes_back(second, serving, capsys):
    call_command("promote", "second-1")
    call_command("rollback")
    assert serving() == ["first-1"]
    assert "first-1 is active again." in capsys.readouterr().out


def test_rollback_says_when_there_is_nothing(first):
    with pytest.raises(CommandError, match="no version to roll back"):
        call_command("rollback")
