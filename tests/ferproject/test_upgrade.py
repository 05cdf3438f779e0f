"""A site made by the version before the folders per feature opens with today's code, with all its data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commits import unpack_commit
from tests.support.site import PROJECT, RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
OLD = "0a4456c83a9bcfb6ed27e0b1043cb45f4f82c811"
"""The last commit with the old layout."""
FILL = """
from analysis.recognition import detectors, framing
from analysis.recognition.faces import Box, Detection

class BlazeFace:
    # Its package is not installed any more; this is what it found in the photo.
    name, frame = "blazeface", framing.BLAZEFACE
    def detect(self, image):
        return [Detection(Box(192, 87, 160, 160), 0.9, (238, 134), (306, 130), (277, 170))]

detectors.DETECTORS["blazeface"] = BlazeFace
from matplotlib.cbook import get_sample_data
from django.utils import timezone
from accounts.models import ApiToken, User
from analysis import consents, corrections, services, sessions
from analysis.models import AuditEntry, Consent, ReanalysisJob
from analysis.audit import record
from analysis.videos import append_part, create_video
from training.models import State, TrainingRun

user = User.objects.get(is_superuser=True)
consents.give_consent(user=user, notice_version=consents.training_notice())
data = open(get_sample_data("grace_hopper.jpg", asfileobj=False), "rb").read()
photo = services.create_photo(owner=user, name="hopper.jpg", data=data, people_agreed_at=timezone.now()).photo
face = photo.result.faces.first()
corrections.correct_face(face=face, by=user, emotion="sad" if face.emotion != "sad" else "angry")
session = sessions.start_session(owner=user, name="An old session")
happy = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)
sessions.record_samples(
    samples=[sessions.NewSample(session.pk, second, 1, 5, "residual-1", happy) for second in range(30)]
)
sessions.finish_session(session_id=session.pk)
video = create_video(owner=user, name="clip.webm", size=200)
append_part(video=video, offset=0, data=b"\\x1aE\\xdf\\xa3" + bytes(96))
ReanalysisJob.objects.create(owner=user, model="residual-4", total=3)
ApiToken.objects.create(user, name="old token")
record(actor=user, action=AuditEntry.PROMOTED, subject="residual-1")
TrainingRun.objects.create(name="old-run", architecture="mlp", configuration={"epochs": 3}, state=State.CANCELLED)
"""
COUNT = """
import json
from django.apps import apps
print(json.dumps({m._meta.label: m._default_manager.count() for m in apps.get_models()}, sort_keys=True))
"""
OPEN = """
import json
from django.test import Client
from django.urls import reverse
from accounts.models import User
from analysis.models import Photo, Session, Video
from training.models import TrainingRun

client = Client(HTTP_HOST="127.0.0.1")
client.force_login(User.objects.get(is_superuser=True))
photo, session, video, run = (model.objects.get() for model in (Photo, Session, Video, TrainingRun))
paths = [reverse(f"analysis:{name}") for name in ("history", "dashboard", "sessions", "videos", "consents")]
paths += [
    reverse("analysis:detail", args=[photo.pk]),
    reverse("analysis:image", args=[photo.pk]),
    reverse("analysis:session", args=[session.pk]),
    reverse("analysis:video-detail", args=[video.pk]),
    reverse("admin:training_trainingrun_change", args=[run.pk]),
    f"/api/v1/analyses/{photo.pk}/",
    "/api/v1/history/",
    "/account/tokens/",
    "/admin/analysis/auditentry/",
]
print(json.dumps({path: client.get(path).status_code for path in paths}))
"""


@pytest.fixture
def old_project(tmp_path: Path) -> Path:
    return unpack_commit(OLD, tmp_path)


def test_an_old_site_opens_with_all_its_data(old_project: Path, tmp_path: Path):
    folder = tmp_path / "site"
    folder.mkdir()
    # The old project does not have the tests' settings.
    site = RunningSite(folder, DJANGO_SETTINGS_MODULE="ferproject.settings")

    def manage(project: Path, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=project, env=site.environment, check=False, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(project: Path, program: str) -> str:
        return manage(project, "shell", "--verbosity", "0", "-c", program)

    manage(old_project, "migrate", "--verbosity", "0", "--skip-checks")
    shell(old_project, _create_administrator(site) + FILL)
    before = json.loads(shell(old_project, COUNT))
    assert before["analysis.Face"] == 1
    assert before["analysis.Sample"] == 30

    manage(PROJECT, "migrate", "--verbosity", "0")
    manage(PROJECT, "makemigrations", "--check")
    after = json.loads(shell(PROJECT, COUNT))
    assert {label: after.get(label) for label in before if not _grows(label)} == {
        label: count for label, count in before.items() if not _grows(label)
    }
    manage(PROJECT, "history_sums", "--verify")
    manage(PROJECT, "collectstatic", "--noinput", "--verbosity", "0")
    statuses = json.loads(shell(PROJECT, OPEN))
    assert {path: status for path, status in statuses.items() if status != 200} == {}


def _grows(label: str) -> bool:
    """Return whether an upgrade itself adds rows of this model: newly shipped versions, permissions."""
    return label in {"analysis.ModelVersion", "auth.Permission", "contenttypes.ContentType"}


def _create_administrator(site: RunningSite) -> str:
    return (
        "from accounts.models import User; from analysis import consents\n"
        f"user = User.objects.create_superuser({site.admin_email!r}, {site.password!r})\n"
        "consents.give_consent(user=user, purpose='photos', notice_version=consents.NOTICES['photos'])\n"
    )
