"""After an account is deleted, nothing of it is left: not in a table, not in the database's bytes, not in a file."""

import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.site import PROJECT, RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

EMAIL = "zyxwilhelmina@example.org"
STRINGS = (
    "zyxwilhelmina",
    "qqphotonameqq",
    "qqsessionnameqq",
    "qqnotesqq",
    "qqtokennameqq",
    "qqvideonameqq",
    "qqcopyqq",
)
OTHER_EMAIL = "zyxwilhelmina.second@example.org"
SITE_WIDE = {"db.sqlite3", "secret_key", "static", "broker", "server.log", "worker.log"}
"""What a site writes for itself; in anything else there are people's things."""
FILL = f"""
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from accounts.models import ApiToken, User
from accounts import services
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.files import storage
from analysis.models import AuditEntry, Session, Video
from analysis.audit.services import record_audit
from analysis.photos.services import create_photo
from analysis.sessions.services import edit_session
from analysis.sessions.services import NewSample, finish_session, record_samples, start_session
from analysis.videos.lease import claim_next_video
from analysis.videos.work_dirs import work_dir_path
from analysis.videos.services import append_part, create_video
from training.models import RunContribution, State, TrainingRun
from training.checkpoints import checkpoint_folder
from matplotlib.cbook import get_sample_data

user = User.objects.get(email={EMAIL!r})
photo = create_photo(owner=user, name="qqphotonameqq.jpg", data=get_sample_data("grace_hopper.jpg", asfileobj=False)
                     and open(get_sample_data("grace_hopper.jpg", asfileobj=False), "rb").read()).photo
consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
face = photo.result.faces.first()
correction = corrections.correct_face(face=face, by=user, emotion="sad" if face.emotion != "sad" else "angry")
admin = User.objects.get(is_superuser=True)
corrections.review_correction(correction=correction, by=admin, approve=True)
session = start_session(owner=user, name="qqsessionnameqq")
happy = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)
record_samples(samples=[NewSample(session.pk, second, 1, 5, "residual-1", happy) for second in range(200)])
edit_session(session=session, notes="qqnotesqq " * 200)
video = create_video(owner=user, name="qqvideonameqq.webm", size=200)
append_part(video=video, offset=0, data=b"\\x1aE\\xdf\\xa3" + bytes(96))
# One whose worker was killed: it leaves a copy of the whole upload.
killed = create_video(owner=user, name="qqvideonameqq 2.webm", size=100)
append_part(video=killed, offset=0, data=b"\\x1aE\\xdf\\xa3" + bytes(96))
place = work_dir_path(killed.pk, claim_next_video().token)
place.mkdir(parents=True)
(place / "original").write_bytes(b"qqcopyqq")
ApiToken.objects.create(user, name="qqtokennameqq")
record_audit(actor=user, action=AuditEntry.PROMOTED, subject="residual-1")
run = TrainingRun.objects.create(name="mine-1", architecture="mlp", state=State.CANCELLED)
RunContribution.objects.create(run=run, user=user, corrections=1)
folder = checkpoint_folder("mine-1")
folder.mkdir(parents=True)
(folder / "epoch-001.weights.h5").write_bytes(b"weights")
# What the admin notes when staff change and delete things of theirs.
used = services.create_invitation(created_by=admin, email=user.email).invitation
services.use_invitation(invitation=used, user=user)
pending = services.create_invitation(created_by=admin, email={OTHER_EMAIL!r}).invitation
second = EmailAddress.objects.create(user=user, email={OTHER_EMAIL!r})
first = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
for row in (user, first, second, used, pending):
    for flag, word in ((CHANGE, "changed"), (DELETION, "deleted")):
        told = [{{word: {{"name": "row", "object": str(row), "fields": []}}}}]
        LogEntry.objects.log_actions(admin.pk, [row], flag, told)
# Names that were changed lie about in freed pages and in the log, too.
for number in range(20):
    Session.objects.filter(pk=session.pk).update(notes="qqnotesqq older " * (number + 1))
"""
DELETE = f"""
from accounts.privacy.deletion import request_deletion
from accounts.models import User
request_deletion(user=User.objects.get(email={EMAIL!r}))
"""


@pytest.fixture(scope="module")
def site_and_worker(tmp_path_factory):
    """A site that serves, with its worker."""
    running = RunningSite(tmp_path_factory.mktemp("leaving"), SWEEP_SECONDS="1")
    running.start()
    running.create_user(running.admin_email, superuser=True)
    options = ["--queues", "default", "--pool", "threads", "--concurrency", "1", "--without-gossip"]
    with (running.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "celery", "--app", "ferproject", "worker", *options],
            cwd=PROJECT,
            env=running.environment,
            stdout=log,
            stderr=log,
        )
    yield running
    worker.terminate()
    worker.wait(30)
    running.stop()


@pytest.fixture
def site(site_and_worker, request):
    """The site, with somebody who is about to leave."""
    site_and_worker.create_user(EMAIL)
    site_and_worker.shell(FILL.replace("mine-1", request.node.name))
    return site_and_worker


def files(site):
    """Return the bytes of every file below the site's folder, by its name there."""
    found = {}
    for path in site.folder.rglob("*"):
        # The last connection to the database that closes takes its log along.
        with suppress(FileNotFoundError, IsADirectoryError):
            found[str(path.relative_to(site.folder))] = path.read_bytes()
    return found


def is_of_people(name):
    return name.split("/")[0].removesuffix("-wal").removesuffix("-shm") not in SITE_WIDE


def cells(site):
    """Yield every value of every table."""
    with sqlite3.connect(site.folder / "db.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield from ((table, str(value)) for value in row)


def is_done(site):
    with sqlite3.connect(site.folder / "db.sqlite3") as database:
        users = database.execute("SELECT count(*) FROM accounts_user WHERE email = ?", [EMAIL]).fetchone()[0]
        return not users and not database.execute("SELECT count(*) FROM accounts_accountdeletion").fetchone()[0]


def delete(site):
    """Delete the account; return the seconds that took."""
    began = time.monotonic()
    site.shell(DELETE)
    while not is_done(site):
        assert time.monotonic() - began < 60, (site.folder / "worker.log").read_text()[-3000:]
        time.sleep(0.3)
    return time.monotonic() - began


def expect_nothing_left(site):
    for table, value in cells(site):
        for text in STRINGS:
            assert text not in value, table
    found = files(site)
    for name, data in found.items():
        for text in STRINGS:
            assert text.encode() not in data, (name, text)
    assert [name for name in found if is_of_people(name)] == []


def test_nothing_is_left_within_a_minute(site):
    # What is there before would be seen.
    found = files(site)
    everything = b"".join(found.values())
    assert all(text.encode() in everything for text in STRINGS)
    told = [value for table, value in cells(site) if table == "django_admin_log"]
    assert sum("zyxwilhelmina" in value for value in told) == 20
    places = {name.split("/")[0] + Path(name).suffix for name in found if is_of_people(name)}
    assert places == {"media.jpg", "media.webp", "media.part", "training.h5", "videos"}
    assert delete(site) < 60
    expect_nothing_left(site)


def test_a_reader_in_between_only_delays_it(site):
    reader = sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM analysis_photo").fetchone()
    site.shell(DELETE)
    time.sleep(8)
    assert not is_done(site), "the reader still sees the old state, so the log cannot have been cut off"
    reader.execute("COMMIT")
    reader.close()
    deadline = time.monotonic() + 60
    while not is_done(site):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    expect_nothing_left(site)
