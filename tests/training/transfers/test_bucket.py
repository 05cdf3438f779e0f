"""With S3, an upload's parts and an export's zip are in the bucket, and go from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.versions.models import ModelVersion
from analysis.videos import upload_parts
from training.models import VersionTransfer
from training.transfers import services as transfers

ZIP = b"PK\x03\x04 a zip"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data_there")
def test_what_is_transferred_is_in_the_bucket_until_it_ends(bucket, s3_server, administrator, tmp_path: Path):
    def stored() -> list[str]:
        return [name for name in s3_server.names(bucket.bucket_name) if name.startswith("transfers/")]

    begun = transfers.start_import(name="theirs", size=len(ZIP), by=administrator)
    for offset, data in ((0, ZIP[:5]), (5, ZIP[5:])):
        begun = transfers.append_part(transfer=begun, offset=offset, data=data)
    upload_parts.join(begun.file, tmp_path / "joined.zip", begun.bytes, after_part=lambda: None)
    assert (tmp_path / "joined.zip").read_bytes() == ZIP
    transfers.cancel_transfer(transfer=begun)
    assert stored() == []

    version = ModelVersion.objects.create(name="mine-1", origin="trained", pins={}, card={})
    export = transfers.start_export(version=version, by=administrator)
    token = transfers.LEASES.claim(VersionTransfer.objects.filter(pk=export.pk), status="running")
    transfers.finish_export(token=token, archive=tmp_path / "joined.zip", facts={})
    assert stored() == [export.archive]
    export.refresh_from_db()
    transfers.delete_transfer(transfer=export)
    assert stored() == []
