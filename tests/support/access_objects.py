"""Somebody's things, for tests that ask who else gets at them: each carries a mark that nobody else may read."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import services
from accounts.tokens import services as tokens
from analysis.albums.models import Collection
from analysis.albums.services import add_items, create_collection
from analysis.bulk.models import BulkJob
from analysis.corrections.services import correct_face
from analysis.photos.models import Face, Photo, ReanalysisJob
from analysis.sessions.models import Session
from analysis.sharing.models import SharedLink
from analysis.sharing.services import create_link
from analysis.versions.models import ModelVersion
from analysis.videos.models import Video
from analysis.webhooks.models import Webhook, WebhookDelivery
from analysis.webhooks.services import send_test
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from tests.support.access_routes import Access
from training.models import TrainingRun, VersionTransfer

MARK = "owners-own-xyzzy"


def photo(owner: Any) -> Photo:
    return make_photo(owner, name=f"{MARK}.jpg")


def face(owner: Any) -> Face:
    return Face.objects.filter(analysis__photo=photo(owner)).get()


def correction(owner: Any) -> Any:
    return correct_face(face=face(owner), by=owner, emotion="sad")


def session(owner: Any) -> Session:
    made = make_session(owner, {1: "happy", 2: "sad"}, name=MARK)
    Session.objects.filter(pk=made.pk).update(notes=MARK)
    return made


def video(owner: Any) -> Video:
    """An analysed one, with the film to download."""
    lived = make_session(owner, {1: "happy"}, name=MARK, source=Session.Source.VIDEO)
    film = default_storage.save("videos/ab/annotated.webm", ContentFile(MARK.encode()))
    return Video.objects.create(
        owner=owner,
        session=lived,
        name=f"{MARK}.mp4",
        bytes=10,
        received=10,
        status=Video.Status.FINISHED,
        progress=1,
        annotated=film,
    )


def job(owner: Any) -> ReanalysisJob:
    return ReanalysisJob.objects.create(owner=owner, model=MARK, total=3)


def album(owner: Any) -> Collection:
    made = create_collection(owner=owner, kind="album", name=MARK)
    add_items(collection=made, photos=[photo(owner).pk], sessions=[session(owner).pk])
    return made


def tag(owner: Any) -> Collection:
    return create_collection(owner=owner, kind="tag", name=MARK)


def bulk_job(owner: Any) -> BulkJob:
    """A zip to download."""
    return BulkJob.objects.create(
        owner=owner, action="zip", kind="sessions", ids=[str(session(owner).pk)], total=1, status="finished"
    )


def token(owner: Any) -> Any:
    return tokens.create_token(user=owner, name=MARK, scope="read", expires_in=None).token


def sign_in(owner: Any) -> UserSession:
    """Another browser of theirs."""
    return UserSession.objects.create(user=owner, ip="192.0.2.1", session_key=secrets.token_hex(16), user_agent=MARK)


def app_codes(owner: Any) -> Authenticator:
    return TOTP.activate(owner, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").instance


def link(owner: Any) -> SharedLink:
    ends = timezone.now() + dt.timedelta(days=1)
    return create_link(owner=owner, item=photo(owner), shows="picture", expires_at=ends, title=MARK).link


def webhook(owner: Any) -> Webhook:
    return Webhook.objects.create(owner=owner, url=f"https://{MARK}.example/", events=["session.ended"], secret=MARK)


def delivery(owner: Any) -> WebhookDelivery:
    return send_test(webhook=webhook(owner))


def recovery_codes(owner: Any) -> Authenticator:
    app_codes(owner)
    return RecoveryCodes.activate(owner).instance


def passkey(owner: Any) -> Authenticator:
    # Whoever gets at it reads its name; nobody signs in with it here.
    return Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": MARK, "credential": {}}
    )


def invitation(owner: Any) -> Any:
    return services.create_invitation(created_by=owner, email=f"{MARK}@example.org").invitation


def run(owner: Any) -> TrainingRun:
    return TrainingRun.objects.create(
        name="mlp-1", architecture="mlp", epochs=3, created_by=owner, configuration={"architecture": "mlp"}
    )


def transfer(owner: Any) -> VersionTransfer:
    """An import that waits for its first part."""
    return VersionTransfer.objects.create(kind="import", name=MARK, bytes=9, status="uploading", created_by=owner)


def export(owner: Any) -> VersionTransfer:
    """One whose zip can be downloaded."""
    made = VersionTransfer.objects.create(kind="export", name=MARK, version=version(owner), status="finished")
    default_storage.save(made.archive, ContentFile(MARK.encode()))
    return made


def version(owner: Any) -> ModelVersion:
    """The one that serves, so that promoting it ends before anything is started."""
    active = ModelVersion.objects.active()
    assert active is not None
    return active


_MAKERS = (
    photo,
    face,
    correction,
    session,
    video,
    link,
    job,
    album,
    tag,
    bulk_job,
    token,
    invitation,
    run,
    transfer,
    export,
    version,
    webhook,
    delivery,
)
_SECURITY_MAKERS = (sign_in, app_codes, recovery_codes, passkey)
MAKERS: dict[str, Callable[[Any], Any]] = {maker.__name__: maker for maker in (*_MAKERS, *_SECURITY_MAKERS)}
_KEYS = {"token": "public_id", "version": "name"}


def key_of(kind: str, row: Any) -> str:
    """Return what stands for a row in an address."""
    return str(getattr(row, _KEYS.get(kind, "pk")))


def address_of(route: str, access: Access, owner: Any, made: dict[str, Any] | None = None) -> tuple[str, Any]:
    """Return a real address for a route, and the row in it, which is made unless it is in `made`."""
    row = (made or {}).get(access.of) or (MAKERS[access.of](owner) if access.of in MAKERS else None)
    value = access.of if row is None else key_of(access.of, row)
    path = re.sub(r"\(\?P<[^)]*\)|<[^>]+>", value, route)
    return "/" + path.replace("^", "").replace("$", "") + access.query, row
