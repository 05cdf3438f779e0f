"""Fixtures that every part's tests share."""

from __future__ import annotations

import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import hypothesis
import pytest
from django.utils import translation

from ferproject.file_storage import site_bucket, storage_settings
from tests.support.site import RunningSite
from tests.support.site_database import IS_SQLITE

if TYPE_CHECKING:
    from ferproject.bucket import BucketStorage
    from tests.support.s3_server import S3Server

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
BROWSER_TESTS = PROJECT / "tests" / "browser"
PASSWORD = RunningSite.password

# How long an example takes says how busy the machine is, nothing about the code.
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop stays in this thread, where Django then refuses its database.

    Of the others, and of them, files with slow tests come first, so that no process is left with a long one at the end.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
        if not IS_SQLITE and item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason="about SQLite itself"))
    items.sort(key=lambda item: (BROWSER_TESTS in item.path.parents, item.path not in slow))


@pytest.fixture(autouse=True)
def _own_surroundings(settings, tmp_path: Path) -> None:
    """Each test writes its own media folder, hashes passwords fast, and begins in the site's language."""
    translation.deactivate()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.DISK_RESERVE_BYTES = 0
    settings.DELETION_UNDO_SECONDS = 0
    # No thread of the engine's looks into a test's database behind its back; see tests/analysis/versions.
    settings.MODEL_REFRESH_SECONDS = 0.0
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _site_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests begin where most of a site's life happens: an administrator exists. See `tests/accounts` for the rest."""
    monkeypatch.setattr("accounts.signup.first_run._Cache.is_set_up", True)


def agreeing(user):
    """Return somebody who has agreed that their photos and videos are analysed, as most people who are here have."""
    from analysis.consents import services as consents
    from analysis.consents.models import Consent

    purpose = Consent.Purpose.PHOTOS
    consents.give_consent(user=user, purpose=purpose, notice_version=consents.NOTICES[purpose])
    return user


@pytest.fixture
def administrator(db):
    from accounts.models import User

    return agreeing(User.objects.create_superuser("admin@example.org", PASSWORD))


@pytest.fixture
def user(db):
    from accounts.models import User

    return agreeing(User.objects.create_user("ada@example.org", PASSWORD))


@pytest.fixture
def other_user(db):
    from accounts.models import User

    return agreeing(User.objects.create_user("ben@example.org", PASSWORD))


@pytest.fixture(scope="session")
def hopper_path() -> Path:
    """Rear Admiral Grace Hopper, a public-domain portrait of 512 x 600 pixels that Matplotlib installs."""
    from matplotlib.cbook import get_sample_data

    return Path(get_sample_data("grace_hopper.jpg", asfileobj=False))


@pytest.fixture(scope="session")
def hopper(hopper_path: Path) -> bytes:
    return hopper_path.read_bytes()


@pytest.fixture(scope="session")
def fer2013(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fer2013.csv and fer2013new.csv: the first 2,000 rows for training, and 500 of each other split."""
    packed = SHARED / "fer2013"
    if not (packed / "unpack.py").exists():
        pytest.skip("FER-2013 is not beside this project (../shared/fer2013)")
    faces = runpy.run_path(str(packed / "unpack.py"))["faces"]()
    folder = tmp_path_factory.mktemp("fer2013")
    left = Counter({"Training": 2000, "PublicTest": 500, "PrivateTest": 500})
    labels, votes = ((packed / name).read_text().splitlines() for name in ("labels.csv", "fer2013new.csv"))
    rows, voted = ["emotion,pixels,Usage"], [votes[0]]
    # The last sheet is padded: the labels end first.
    for label, vote, face in zip(labels[1:], votes[1:], faces, strict=False):
        emotion, split = label.split(",")
        if left[split]:
            left[split] -= 1
            rows.append(f"{emotion},{' '.join(map(str, face.ravel()))},{split}")
            voted.append(vote)
    (folder / "fer2013.csv").write_text("\n".join(rows))
    (folder / "fer2013new.csv").write_text("\n".join(voted))
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The real server in a process of its own, set up, with a file database of its own."""
    running = RunningSite(tmp_path_factory.mktemp("site"))
    running.start()
    running.create_user(running.admin_email, superuser=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3Server]:
    """An S3 server without buckets."""
    from tests.support.s3_server import S3Server

    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def bucket(s3_server: S3Server, settings, monkeypatch: pytest.MonkeyPatch) -> BucketStorage:
    """The empty bucket of this process' site."""
    environment = s3_server.environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings.S3_BUCKET = environment["S3_BUCKET"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": storage_settings(environment["S3_BUCKET"], environment["S3_ENDPOINT_URL"]),
    }
    return cast("BucketStorage", site_bucket())
