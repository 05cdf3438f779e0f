"""Backup and restore of a site whose files are in an S3 bucket."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path

import pytest

from tests.ferproject.test_backup import rows, signed_in, upload, wipe
from tests.support.model_store import make_store
from tests.support.site import PROJECT, RunningSite

pytestmark = pytest.mark.slow
TRAIN = """
from analysis.versions.services import register_version
from analysis.versions.store import publish_version
from pathlib import Path
publish_version(Path({folder!r}), {pins!r})
register_version(name="mine-1", pins={pins!r}, origin="trained", card={{}})
"""


@pytest.fixture
def site(s3_server, tmp_path: Path, hopper: bytes):
    """A site with a photo, a version that was trained on another host, and a checkpoint."""
    store = make_store(tmp_path / "store", PROJECT / "models_store")
    (tmp_path / "site").mkdir()
    site = RunningSite(tmp_path / "site", MODELS_STORE=str(store.folder), **s3_server.environment())
    site.start()
    site.create_user(site.admin_email, superuser=True)
    upload(site, hopper)
    pins = store.write("mine-1")
    site.shell(TRAIN.format(folder=str(store.folder / "mine-1"), pins=pins))
    shutil.move(store.folder / "mine-1", tmp_path / "elsewhere")
    s3_server.client().put_object(
        Bucket=site.environment["S3_BUCKET"], Key="training/mlp-1/checkpoint.tar", Body=b"weights"
    )
    yield site
    site.stop()


def test_files_and_versions_of_the_bucket_are_restored_into_another(site, s3_server, tmp_path):
    before, names = rows(site), s3_server.names(site.environment["S3_BUCKET"])
    archive = tmp_path / "backup.tar"
    site.manage("backup", str(archive))
    with tarfile.open(archive) as tar:
        inside = tar.getnames()
    assert len(inside) == len(set(inside))
    assert sum(name.startswith("files/photos/") for name in inside) == 2
    assert "models/mine-1/model.tflite" in inside
    assert not [name for name in inside if "checkpoint" in name]

    site.stop()
    wipe(site)
    site.environment |= s3_server.environment()
    site.manage("restore", str(archive))
    assert rows(site) == before
    restored = s3_server.names(site.environment["S3_BUCKET"])
    assert restored == [name for name in names if not name.startswith("training/")]
    site.prepare()
    site.launch()
    with signed_in(site) as client:
        address = re.search(r"/photos/[0-9a-f-]+/thumbnail\.webp", client.get("/history/").text).group()
        assert client.get(address).status_code == 200


def test_while_the_bucket_is_away_no_backup_is_made(site, s3_server, tmp_path):
    s3_server.stop()
    try:
        with pytest.raises(RuntimeError, match="nothing of it is kept; The bucket is not available"):
            site.call_command("backup", str(tmp_path / "backup.tar"))
    finally:
        s3_server.start()
    assert not list(tmp_path.glob("backup.tar*"))
