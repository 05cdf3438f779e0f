"""A worker's side of a video: claim it, watch it through, and leave a session, an annotated video, or a reason.

Everything is written at once, in the end, by the worker that still holds the lease: of an attempt that was cancelled or
killed nothing is ever seen. What it was doing lies in a folder of its own, which the next attempt does not read.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import os
import shutil
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from analysis import engine
from analysis.consents.services import require_photos_consent
from analysis.errors import VideoError
from analysis.files import storage
from analysis.files.storage import disk_full_as
from analysis.recognition.drawing import draw_tracked
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.tracking.per_second import FaceSecond, SecondsAggregator
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from analysis.recognition.video.decoder import VideoInfo
from analysis.recognition.video.frames import VideoFrames
from analysis.recognition.video.writer import VideoWriter
from analysis.sessions import services as sessions
from analysis.sessions.models import Session
from analysis.videos import upload_parts as video_files
from analysis.videos.lease import VideoLease, claim_video
from analysis.videos.models import Video
from analysis.videos.services import VIDEO_LEASES, end_video, send_next
from analysis.videos.work_dirs import all_workplaces, token_of, workplace
from ferproject.queue.leases import LeaseLost

Status = Video.Status
SPARE_BYTES = 1_000_000
SERVER_FAULTS = {*engine.SERVER_FAULTS, "disk_full"}
"""Codes of errors that are not the file's fault; the file is kept for another try."""
NO_FACE = "No face was seen in this video."
_CUT_OFF = "Only the first {read} of {told} could be read; the file seems to be cut off."
_UNFORESEEN = "Something went wrong on the server; its log says more. You can try again."
logger = logging.getLogger(__name__)


@dataclass
class Seen:
    """What an attempt found. `seconds` are samples, each with the model version that looked."""

    info: VideoInfo
    seconds: list[tuple[str, FaceSecond]] = field(default_factory=list)
    frames: int = 0
    length: float = 0.0


def run_video(*, video_id: uuid.UUID) -> None:
    """Work a queued video off, unless somebody else does."""
    lease = claim_video(video_id=video_id)
    if lease is None:
        return
    try:
        _see_through(lease)
    finally:
        send_next(owner_id=lease.video.owner_id)


def sweep_workplaces() -> None:
    """Remove what killed workers of this host left: folders whose lease no worker holds."""
    for folder in all_workplaces().glob("*"):
        # Another worker may be sweeping, too.
        with suppress(FileNotFoundError):
            age = time.time() - folder.stat().st_mtime
            # One may just be about to be worked in, its lease not being visible yet.
            if age > settings.RUN_LOST_SECONDS and not VIDEO_LEASES.held_by(token_of(folder)).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _see_through(lease: VideoLease) -> None:
    try:
        require_photos_consent(user=lease.video.owner, error=VideoError)
        with workplace(lease.video.pk, lease.token) as folder:
            _work(lease, folder)
    except LeaseLost:
        return
    except (RecognitionError, VideoError) as error:
        lease.fail(error.message, keeps_file=error.code in SERVER_FAULTS)
    except Exception:
        if lease.fail(_UNFORESEEN, keeps_file=True):
            raise


def _work(lease: VideoLease, folder: Path) -> None:
    original, annotated = folder / "original", folder / "annotated.webm"
    with disk_full_as(VideoError, "the annotated video"):
        _fetch(lease, original)
        seen = _watch(lease, original, annotated)
        _check_space(folder)
        name = video_files.keep_annotated(annotated) if seen.seconds else ""
    try:
        _finish(lease, seen, name)
    except BaseException:
        storage.delete_files([name] if name else [])
        raise


def _fetch(lease: VideoLease, target: Path) -> None:
    try:
        video_files.join(lease.video.file.name, target, lease.video.bytes, after_part=lease.heartbeat)
    except (video_files.PartsMissing, FileNotFoundError) as error:
        # Whoever cancels removes them, too.
        lease.check()
        logger.error("%s", error)
        raise VideoError("damaged_upload", "Parts of this upload are missing here; upload it again.") from error


def _watch(lease: VideoLease, original: Path, annotated: Path) -> Seen:
    with VideoFrames(original, on_wait=lease.heartbeat) as frames:
        info = frames.info
        _check_length(info.seconds or 0.0)
        lease.save_info(info)
        watcher = _Watcher(info)
        with VideoWriter(annotated, info, on_wait=lease.heartbeat) as writer:
            for frame in frames:
                _check_length(frame.at)
                writer.write(draw_tracked(frame.image, watcher.look(frame.image, frame.at)), frame.at)
                lease.heartbeat(frame.at / info.seconds if info.seconds else None)
    return watcher.done()


class _Watcher:
    """Recognizes a video's frames at most so often a second, and follows its faces."""

    def __init__(self, info: VideoInfo) -> None:
        self._seen = Seen(info)
        self._tracker = Tracker()
        self._aggregator = SecondsAggregator()
        self._faces: tuple[TrackedFace, ...] = ()
        self._model = ""
        self._every = 1 / settings.VIDEO_FRAMES_PER_SECOND
        self._next = 0.0
        self._frame = 1 / info.fps

    def look(self, image: Image, at: float) -> tuple[TrackedFace, ...]:
        """Return the faces to be drawn into this frame: its own, or those of the last one that was looked at."""
        self._seen.length = at + self._frame
        # Half a frame of grace: times are rounded, and a frame just before its turn is as good as the one after.
        if at + self._frame / 2 >= self._next:
            self._next = max(self._next + self._every, at)
            recognition = engine.retry_while_busy(lambda: engine.run(lambda own: own.recognize_image(image)))
            self._faces = self._tracker.update(recognition.faces, at)
            self._keep(self._aggregator.add(at, self._faces))
            self._model = recognition.model
            self._seen.frames += 1
        return self._faces

    def done(self) -> Seen:
        self._keep(self._aggregator.flush())
        return self._seen

    def _keep(self, seconds: list[FaceSecond]) -> None:
        self._seen.seconds += [(self._model, second) for second in seconds]


def _check_length(seconds: float) -> None:
    if seconds > settings.VIDEO_MAX_SECONDS:
        came, most = _minutes(seconds), _minutes(settings.VIDEO_MAX_SECONDS)
        raise VideoError("too_long", f"This video lasts {came} or longer; {most} is the most.")


def _check_space(folder: Path) -> None:
    """The writer does not tell whether what it wrote found room."""
    if shutil.disk_usage(folder).free < SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _finish(lease: VideoLease, seen: Seen, annotated: str) -> None:
    """Write the session and everything else an attempt leaves, in one transaction."""
    with transaction.atomic():
        video = lease.lock()
        video.annotated, video.progress, video.seconds = annotated, 1.0, seen.length
        video.annotated_bytes = default_storage.size(annotated) if annotated else 0
        video.session = _keep_session(video, seen) if seen.seconds else None
        video.save(update_fields=["annotated", "annotated_bytes", "progress", "seconds", "session"])
        end_video(video, Status.FINISHED, _remark(seen), keeps_file=False)


def _keep_session(video: Video, seen: Seen) -> Session:
    session = sessions.start_session(
        owner=video.owner,
        source=Session.Source.VIDEO,
        name=video.name[: Session._meta.get_field("name").max_length],
        started_at=video.created_at,
    )
    sessions.record_samples(
        samples=[
            sessions.NewSample(session.pk, second.second, second.face, second.frames, model, second.probabilities)
            for model, second in seen.seconds
        ]
    )
    ended_at = video.created_at + dt.timedelta(seconds=seen.length)
    sessions.finish_session(session_id=session.pk, ended_at=ended_at, frames=seen.frames)
    return session


def _remark(seen: Seen) -> str:
    """Return what the result does not show by itself."""
    remarks = [] if seen.seconds else [NO_FACE]
    told = seen.info.seconds
    if told is not None and seen.length < min(0.9 * told, told - 1):
        remarks.append(_CUT_OFF.format(read=_minutes(seen.length), told=_minutes(told)))
    return " ".join(remarks)


def _minutes(seconds: float) -> str:
    """Return 95.2 as "1:35 minutes"."""
    whole = int(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}" if whole < 60 else f"{whole // 60}:{whole % 60:02d} minutes"
