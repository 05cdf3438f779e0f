import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analysis.photos.renditions import save_renditions
from analysis.recognition.renditions import Renditions
from tests.analysis.factories import kept_files, make_photo

ORPHAN = Renditions(picture=b"jpeg", thumbnail=b"webp")


def _age(root):
    for path in Path(root).rglob("*.*"):
        os.utime(path, (0, 0))


def test_it_removes_old_files_without_a_photo_and_no_others(user, settings, capsys):
    photo = make_photo(user)
    save_renditions(ORPHAN)
    _age(settings.MEDIA_ROOT)
    call_command("sweep_files")
    assert capsys.readouterr().out == "2 files deleted.\n"
    assert kept_files() == sorted([photo.picture.name, photo.thumbnail.name])


def test_it_spares_what_an_upload_may_just_have_written(db, capsys):
    save_renditions(ORPHAN)
    call_command("sweep_files")
    assert capsys.readouterr().out == "0 files deleted.\n"
    assert len(kept_files()) == 2


def test_a_bucket_that_is_away_is_told_in_one_line(db, bucket, s3_server):
    s3_server.stop()
    try:
        with pytest.raises(CommandError, match="The files are deleted by the next sweep"):
            call_command("sweep_files")
    finally:
        s3_server.start()


def test_it_does_nothing_where_nothing_was_ever_kept(db, capsys):
    call_command("sweep_files")
    assert capsys.readouterr().out == "0 files deleted.\n"
