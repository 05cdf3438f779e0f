"""Shared pictures whose files are in an S3 bucket."""

import pytest

from ferproject.file_storage import site_bucket
from tests.analysis.sharing.conftest import address


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["image", "thumbnail"])
def test_visitors_get_the_file_and_no_address_of_the_bucket(bucket, client, share, photo, field):
    new = share(photo)
    sent = client.get(address(new, f"shared-{field}", photo.pk))
    with site_bucket().open(getattr(photo, "picture" if field == "image" else field).name) as stored:
        assert (sent.status_code, b"".join(sent.streaming_content)) == (200, stored.read())
    page = client.get(address(new)).content.decode()
    assert address(new, "shared-image", photo.pk) in page
    assert bucket.bucket_name not in page
