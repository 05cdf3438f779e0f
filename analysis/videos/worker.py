"""The worker's side of a video: it leaves a session and an annotated video, or an error message.

An attempt writes its results in one transaction at the end, if it still holds the lease, so that a cancelled or killed
attempt leaves nothing. It works in a folder of its own.
"""

from __future__ import annotations

import datetime as dt
import errno
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_noop

from analysis import engine
from analysis.consents.services import require_photos_consent
from analysis.errors import VideoError
from analysis.files import storage
from analysis.files.storage import disk_full_as
from analysis.photos.annotated import face_label
from analysis.recognition.drawing import draw_tracked
from analysis.recognition.errors import RecognitionError
from analysis.recognition.tracking.per_second import FaceSecond, SecondsAggregator
from analysis.recognition.tracking.tracker import TrackedFace, Tracker
from analysis.recognition.video.frames import VideoFrames
from analysis.recognition.video.reader import VideoFrame, VideoInfo
from analysis.recognition.video.sound import Sound, add_sound
from analysis.recognition.video.writer import VideoWriter, playable_suffix
from analysis.sessions import services as sessions
from analysis.sessions.models import Session
from analysis.videos import upload_parts
from analysis.videos.lease import VideoLease, claim_next_video
from analysis.videos.limits import check_length
from analysis.videos.models import Video
from analysis.videos.services import end_video, send_next
from analysis.videos.work_dirs import work_dir
from ferproject.queue.leases import LeaseLost
from ferproject.storage_errors import BucketError

SPARE_BYTES = 1_000_000
SERVER_FAULTS = {*engine.SERVER_FAULTS, "disk_full"}
"""Codes of errors that are not the file's fault; the file is kept for a retry."""
# Saved in English and translated where they are shown.
NO_FACE = gettext_noop("No face was found in this video.")
_CUT_OFF = gettext_noop("Only a part of this video could be read. The file seems to be incomplete.")
_SOUND_LOST = gettext_noop("The sound of this video could not be read, so the marked copy has none.")
_TOO_LONG = gettext_noop("This video is too long. Shorten it and upload it again.")
_PARTS_MISSING = gettext_noop("Parts of this upload are missing on the server. Upload the video again.")
_UNEXPECTED = gettext_noop("Something went wrong on the server. You can try again.")
video_observers: list[Callable[[Sequence[TrackedFace]], None]] = []
"""Functions that get the faces of each recognized frame."""
logger = logging.getLogger(__name__)


@translation.override(None)
def run_next_video() -> None:
    """Analyse the queued video whose turn it is, if any."""
    lease = claim_next_video()
    if lease is None:
        return
    try:
        require_photos_consent(user=lease.video.owner, error=VideoError)
        with work_dir(lease.video.pk, lease.token) as folder:
            _analyze(lease, folder)
    except LeaseLost:
        pass
    except (RecognitionError, VideoError) as error:
        lease.fail(_saved_text(error), keeps_file=error.code in SERVER_FAULTS)
    except BucketError as error:
        # Not failed: its lease runs out, and the sweep queues it again.
        logger.warning("Video %s waits for its files: %s", lease.video.pk, error)
    except Exception:
        if lease.fail(_UNEXPECTED, keeps_file=True):
            raise
    finally:
        send_next(owner_id=lease.video.owner_id)


def _analyze(lease: VideoLease, folder: Path) -> None:
    original, annotated = folder / "original", folder / f"annotated{playable_suffix()}"
    with disk_full_as(VideoError):
        _fetch(lease, original)
        findings = _process_frames(lease, original, annotated)
        # The process that adds the sound does not report a full disk.
        if shutil.disk_usage(folder).free < SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        name = upload_parts.save_annotated(annotated) if findings.seconds else ""
    try:
        _save(lease, findings, name, annotated.stat().st_size if name else 0)
    except BaseException:
        storage.delete_files([name])
        raise


def _fetch(lease: VideoLease, target: Path) -> None:
    try:
        upload_parts.join(lease.video.file.name, target, lease.video.bytes, after_part=lease.heartbeat)
    except (upload_parts.PartsMissing, FileNotFoundError) as error:
        # A cancellation removes the parts, too.
        lease.check()
        logger.error("%s", error)
        raise VideoError("damaged_upload", _PARTS_MISSING) from error


def _process_frames(lease: VideoLease, original: Path, annotated: Path) -> Findings:
    with VideoFrames(original, max_pixels=settings.VIDEO_MAX_PIXELS, on_wait=lease.heartbeat) as frames:
        info = frames.info
        check_length(info.seconds or 0.0)
        lease.save_info(info)
        findings = Findings(info, lease.video.owner_id)
        language = lease.video.owner.language or settings.LANGUAGE_CODE
        with VideoWriter(annotated, info.frame_width, info.frame_height) as writer:
            for frame in frames:
                check_length(frame.at + frame.seconds)
                faces = findings.process(frame)
                with translation.override(language):
                    marked = draw_tracked(frame.image, faces, label=face_label)
                writer.write(marked, frame.at, frame.seconds)
                lease.heartbeat(frame.at / info.seconds if info.seconds else None)
    findings.finish()
    if findings.seconds:
        _add_sound(lease, original, annotated, findings)
    return findings


def _add_sound(lease: VideoLease, original: Path, annotated: Path, findings: Findings) -> None:
    """Replace the annotated video by one with the original's sound, if that has any."""
    sounding = annotated.with_stem("sounding")
    sound = add_sound(original, findings.info.start, annotated, sounding, on_wait=lease.heartbeat)
    findings.is_sound_lost = sound is Sound.LOST
    if sound is Sound.KEPT:
        sounding.replace(annotated)


class Findings:
    """The faces of a video; at most `VIDEO_FRAMES_PER_SECOND` frames are recognized.

    `seconds` are the samples, each with the model version that classified it.
    """

    def __init__(self, info: VideoInfo, owner_id: int) -> None:
        self.info = info
        self.owner_id = owner_id
        self.seconds: list[tuple[str, FaceSecond]] = []
        self.frames = 0
        self.length = 0.0
        self.is_sound_lost = False
        self._tracker = Tracker()
        self._aggregator = SecondsAggregator()
        self._faces: tuple[TrackedFace, ...] = ()
        self._model = ""
        self._next = 0.0

    def process(self, frame: VideoFrame) -> tuple[TrackedFace, ...]:
        """Return the faces to draw into a frame: its own, or those of the last recognized one."""
        at, image = frame.at, frame.image
        self.length = at + frame.seconds
        # Half a frame early is early enough, because times are rounded.
        if at + frame.seconds / 2 >= self._next:
            self._next = max(self._next + 1 / settings.VIDEO_FRAMES_PER_SECOND, at)
            recognition = engine.retry_while_busy(
                lambda: engine.run(lambda own: own.recognize_image(image), owner=self.owner_id)
            )
            self._faces = self._tracker.update(recognition.faces, at)
            for observe in video_observers:
                observe(self._faces)
            self._add(self._aggregator.add(at, self._faces))
            self._model = recognition.model
            self.frames += 1
        return self._faces

    def finish(self) -> None:
        """Add the last second."""
        self._add(self._aggregator.flush())

    def _add(self, seconds: list[FaceSecond]) -> None:
        self.seconds += [(self._model, second) for second in seconds]


def _save(lease: VideoLease, findings: Findings, annotated: str, size: int) -> None:
    """Save the session and the video's results in one transaction."""
    with transaction.atomic():
        video = lease.lock()
        video.annotated, video.progress, video.seconds = annotated, 1.0, findings.length
        video.annotated_bytes = size
        video.session = _save_session(video, findings) if findings.seconds else None
        video.save(update_fields=["annotated", "annotated_bytes", "progress", "seconds", "session"])
        end_video(video, Video.Status.FINISHED, _message(findings), keeps_file=False)


def _save_session(video: Video, findings: Findings) -> Session:
    session = sessions.start_session(
        owner=video.owner,
        source=Session.Source.VIDEO,
        name=video.name[: Session._meta.get_field("name").max_length],
        started_at=video.created_at,
    )
    sessions.record_samples(
        samples=[
            sessions.NewSample(
                session.pk, second.second, second.face, second.frames, model, second.probabilities, second.score
            )
            for model, second in findings.seconds
        ]
    )
    ended_at = video.created_at + dt.timedelta(seconds=findings.length)
    sessions.finish_session(session_id=session.pk, ended_at=ended_at, frames=findings.frames)
    return session


def _saved_text(error: RecognitionError | VideoError) -> str:
    """Return an error's sentences, a line each, without numbers where that is possible: they are translated later."""
    if error.code == "too_long":
        return _TOO_LONG
    if isinstance(error, RecognitionError) and not error.values:
        return f"{error.text}\n{error.hint}".strip()
    return error.message


def _message(findings: Findings) -> str:
    """Return what a finished video's page should add, a line each: no face, lost sound, or a file that is cut off."""
    sentences = [] if findings.seconds else [NO_FACE]
    if findings.is_sound_lost:
        sentences.append(_SOUND_LOST)
    stated = findings.info.seconds
    if stated is not None and findings.length < min(0.9 * stated, stated - 1):
        sentences.append(_CUT_OFF)
    return "\n".join(sentences)
