"""Run in a site's shell: a staff token, and a few rows of everything that has an address; prints both as JSON."""

import datetime as dt
import json

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from accounts.tokens import services as tokens
from analysis.photos import services
from analysis.photos.models import Face
from analysis.photos.sample import read_sample
from analysis.sessions import services as sessions
from analysis.versions.models import ModelVersion
from analysis.videos import services as videos
from analysis.videos.models import Video
from training.models import TrainingRun

user = User.objects.administrators().get()
secret = tokens.create_token(user=user, name="fuzz", scope="write", expires_in=dt.timedelta(hours=1)).secret
photos = [
    services.create_photo(owner=user, name=f"{number}.jpg", data=read_sample() + bytes([number])).photo
    for number in range(3)
]
lived = [sessions.start_session(owner=user, name=f"session {number}") for number in range(3)]
for session in lived:
    rows = [
        sessions.NewSample(
            session_id=session.pk,
            second=second,
            face=1,
            frames=3,
            model="residual-1",
            probabilities=(0.1,) * 6 + (0.4,),
        )
        for second in range(3)
    ]
    sessions.record_samples(samples=rows)
runs = [
    TrainingRun.objects.create(
        name=f"run-{number}", architecture="mlp", epochs=3, configuration={"architecture": "mlp", "epochs": 3}
    )
    for number in range(3)
]
uploads = [videos.create_video(owner=user, name=f"{number}.mp4", size=1000).pk for number in range(2)]
failed = videos.create_video(owner=user, name="failed.mp4", size=1000).pk
Video.objects.filter(pk=failed).update(status=Video.Status.FAILED, received=1000)
shown = videos.create_video(owner=user, name="shown.mp4", size=1000).pk
film = default_storage.save("film.webm", ContentFile(b"\x1aE\xdf\xa3"))
Video.objects.filter(pk=shown).update(status=Video.Status.FINISHED, received=1000, progress=1, annotated=film)
values = {
    "/videos/{id}/": [str(pk) for pk in (*uploads, failed, shown)],
    "/analyses/{id}/": [str(photo.pk) for photo in photos],
    "/faces/{id}/": [str(pk) for pk in Face.objects.values_list("pk", flat=True)],
    "/sessions/{id}/": [str(session.pk) for session in lived],
    "/runs/{id}/": [str(run.pk) for run in runs],
    "/versions/{name}/": list(ModelVersion.objects.values_list("name", flat=True)),
}
print(json.dumps({"token": secret, "rows": values}))
