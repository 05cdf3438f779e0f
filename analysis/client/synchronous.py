"""The REST API's client. Generated of `asynchronous.py` by `make client`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, cast

from analysis.client import types
from analysis.client.synchronous_live import Live, connect_live
from analysis.client.synchronous_requests import POLL_SECONDS, new_key, query
from analysis.client.synchronous_staff import Staff

_Photo = bytes | str | Path


class Client(Staff):
    """A person's site, by a token of theirs; a context manager.

    A request that failed in a way that may pass is sent again, up to `retries` times with growing pauses, one that
    creates a photo or video with the same idempotency key. Methods raise `ApiError`. Filters, bodies and answers are
    those of docs/api.md and `/api/docs/`.
    """

    # The account

    def me(self) -> types.Me:
        return cast(types.Me, self.fetch("GET", "me/"))

    def change_me(self, **changes: Any) -> types.Me:
        return cast(types.Me, self.fetch("PATCH", "me/", json=changes))

    def notices(self, **filters: Any) -> types.Notices:
        """Return what ended `since` the `now` of the last answer."""
        return cast(types.Notices, self.fetch("GET", "notices/", params=query(filters)))

    # Photos and faces

    def analyse(self, photo: _Photo, *, name: str = "photo.jpg", people_agreed: bool = False) -> types.Analysis:
        """Upload a photo, a path or encoded bytes, and return its faces; a photo that is there already has its own."""
        sent = {"files": {"photo": _file(photo, name)}, "data": _agreed(people_agreed), "headers": new_key()}
        return cast(types.Analysis, self.fetch("POST", "analyses/", **sent))

    def analyse_batch(self, photos: Iterable[_Photo], *, people_agreed: bool = False) -> list[types.Uploaded]:
        """Upload up to 20 photos in one request; return each one's result or error, in their order."""
        files = [("photos", _file(photo, f"photo-{index}.jpg")) for index, photo in enumerate(photos, start=1)]
        sent = {"files": files, "data": _agreed(people_agreed), "headers": new_key()}
        return cast(types.Uploads, self.fetch("POST", "analyses/batch/", **sent))["results"]

    def analyses(self, **filters: Any) -> Iterator[types.Analysis]:
        """Iterate over photos with their current results, newest first, over all pages."""
        return self.rows("analyses/", filters)

    def analysis(self, id: str) -> types.Analysis:
        return cast(types.Analysis, self.fetch("GET", f"analyses/{id}/"))

    def delete_analysis(self, id: str) -> None:
        self.send("DELETE", f"analyses/{id}/")

    def annotated_photo(self, id: str) -> bytes:
        """Return the photo with its faces marked, a JPEG."""
        return (self.send("GET", f"analyses/{id}/annotated/")).content

    def mark_face(self, analysis_id: str, *, x: float, y: float, width: float, height: float) -> types.Face:
        """Add a face that was not found, in pixels of the upright photo."""
        box = {"x": x, "y": y, "width": width, "height": height}
        return cast(types.Face, self.fetch("POST", f"analyses/{analysis_id}/faces/", json=box))

    def face(self, id: int) -> types.Face:
        return cast(types.Face, self.fetch("GET", f"faces/{id}/"))

    def unmark_face(self, id: int) -> None:
        self.send("DELETE", f"faces/{id}/")

    def correct(self, face_id: int, emotion: types.CorrectionEnum) -> types.Correction:
        return cast(types.Correction, self.fetch("PUT", f"faces/{face_id}/correction/", json={"emotion": emotion}))

    def withdraw_correction(self, face_id: int) -> None:
        self.send("DELETE", f"faces/{face_id}/correction/")

    # Live sessions and videos

    def live(self) -> AbstractContextManager[Live]:
        """Return a live connection, opened when the context is entered; raises `LiveError`."""
        return connect_live(self._url, self._token)

    def sessions(self, **filters: Any) -> Iterator[types.Session]:
        return self.rows("sessions/", filters)

    def session(self, id: str) -> types.Session:
        return cast(types.Session, self.fetch("GET", f"sessions/{id}/"))

    def edit_session(self, id: str, **changes: str) -> types.Session:
        """Change the name or the notes."""
        return cast(types.Session, self.fetch("PATCH", f"sessions/{id}/", json=changes))

    def delete_session(self, id: str) -> None:
        self.send("DELETE", f"sessions/{id}/")

    def samples(self, session_id: str, **filters: Any) -> Iterator[types.Sample]:
        """Iterate over a session's faces, one row a second and face."""
        return self.rows(f"sessions/{session_id}/samples/", filters)

    def session_summary(self, id: str) -> types.SessionSummary:
        return cast(types.SessionSummary, self.fetch("GET", f"sessions/{id}/summary/"))

    def upload_video(
        self,
        path: str | Path,
        *,
        people_agreed: bool = False,
        on_progress: Callable[[int, int], None] = lambda sent, total: None,
    ) -> types.Video:
        """Upload a video in parts; `on_progress` is called with the bytes sent and their total."""
        file = Path(path)
        body = {"name": file.name, "bytes": file.stat().st_size, **_agreed(people_agreed)}
        video = cast(types.Video, self.fetch("POST", "videos/", json=body, headers=new_key()))
        return self._send_parts(f"videos/{video['id']}/part/", file, video, on_progress)

    def wait_for_video(self, id: str, *, on_progress: Callable[[float], None] = lambda progress: None) -> types.Video:
        """Return a video once it is analysed, cancelled or failed; `on_progress` is called with 0 to 1."""
        while (video := self.video(id))["status"] in ("uploading", "queued", "running"):
            on_progress(video["progress"])
            time.sleep(POLL_SECONDS)
        return video

    def videos(self, **filters: Any) -> Iterator[types.Video]:
        return self.rows("videos/", filters)

    def video(self, id: str) -> types.Video:
        return cast(types.Video, self.fetch("GET", f"videos/{id}/"))

    def cancel_video(self, id: str) -> None:
        self.send("POST", f"videos/{id}/cancel/")

    def retry_video(self, id: str) -> types.Video:
        return cast(types.Video, self.fetch("POST", f"videos/{id}/retry/"))

    def delete_video(self, id: str) -> None:
        self.send("DELETE", f"videos/{id}/")

    def save_annotated_video(self, id: str, path: str | Path) -> None:
        """Write the video with its faces marked to `path`."""
        self.save(f"videos/{id}/annotated/", Path(path))

    # History

    def history(self, **filters: Any) -> types.Series:
        return cast(types.Series, self.fetch("GET", "history/", params=query(filters)))

    def history_summary(self, **filters: Any) -> types.HistorySummary:
        return cast(types.HistorySummary, self.fetch("GET", "history/summary/", params=query(filters)))

    def history_chart(self, **filters: Any) -> bytes:
        """Return a chart of the dashboard, a PNG."""
        return (self.send("GET", "history/chart.png", params=query(filters))).content

    def save_history(self, path: str | Path, *, format: Literal["csv", "json"] = "csv", **filters: Any) -> None:
        """Write every face of the history to `path`."""
        self.save(f"history/export.{format}", Path(path), params=query(filters))

    # Albums, tags, and actions on many photos, sessions or videos

    def albums(self) -> Iterator[types.Album]:
        return self.rows("albums/", {})

    def album(self, id: str) -> types.Album:
        return cast(types.Album, self.fetch("GET", f"albums/{id}/"))

    def create_album(self, name: str) -> types.Album:
        return cast(types.Album, self.fetch("POST", "albums/", json={"name": name}))

    def edit_album(self, id: str, **changes: str | None) -> types.Album:
        """Change the name or the cover."""
        return cast(types.Album, self.fetch("PATCH", f"albums/{id}/", json=changes))

    def delete_album(self, id: str) -> None:
        """Delete an album, not what is in it."""
        self.send("DELETE", f"albums/{id}/")

    def tags(self) -> Iterator[types.Tag]:
        return self.rows("tags/", {})

    def tag(self, id: str) -> types.Tag:
        return cast(types.Tag, self.fetch("GET", f"tags/{id}/"))

    def create_tag(self, name: str) -> types.Tag:
        return cast(types.Tag, self.fetch("POST", "tags/", json={"name": name}))

    def edit_tag(self, id: str, **changes: str) -> types.Tag:
        """Change the name."""
        return cast(types.Tag, self.fetch("PATCH", f"tags/{id}/", json=changes))

    def delete_tag(self, id: str) -> None:
        """Delete a tag, not what has it."""
        self.send("DELETE", f"tags/{id}/")

    def start_bulk(self, action: types.ActionEnum, kind: types.BulkKindEnum, **values: Any) -> types.BulkJob:
        """Do something to the `ids`, or to what matches the `filter`; `add` and `remove` need an `album`."""
        body = {"action": action, "kind": kind, **values}
        return cast(types.BulkJob, self.fetch("POST", "bulk/", json=body))

    def bulk_jobs(self) -> Iterator[types.BulkJob]:
        return self.rows("bulk/", {})

    def bulk_job(self, id: str) -> types.BulkJob:
        return cast(types.BulkJob, self.fetch("GET", f"bulk/{id}/"))

    def cancel_bulk(self, id: str) -> None:
        """Undo a deletion until its `undo_until`, or end another action."""
        self.send("POST", f"bulk/{id}/cancel/")

    def save_bulk(self, id: str, path: str | Path) -> None:
        """Write the archive of a `zip` to `path`."""
        self.save(f"bulk/{id}/download/", Path(path))

    # Links

    def links(self, **filters: Any) -> Iterator[types.Link]:
        return self.rows("links/", filters)

    def link(self, id: str) -> types.Link:
        return cast(types.Link, self.fetch("GET", f"links/{id}/"))

    def create_link(self, **values: Any) -> types.NewLink:
        """Share a `photo`, `session` or `album`, each by its id; the answer's `url` is shown this once."""
        return cast(types.NewLink, self.fetch("POST", "links/", json=values))

    def revoke_link(self, id: str) -> None:
        self.send("DELETE", f"links/{id}/")

    # Webhooks

    def webhooks(self, **filters: Any) -> Iterator[types.Webhook]:
        return self.rows("webhooks/", filters)

    def webhook(self, id: str) -> types.Webhook:
        return cast(types.Webhook, self.fetch("GET", f"webhooks/{id}/"))

    def create_webhook(self, **values: Any) -> types.NewWebhook:
        """Register a `url` for `events`; the answer's `secret` is shown this once."""
        return cast(types.NewWebhook, self.fetch("POST", "webhooks/", json=values))

    def change_webhook(self, id: str, **changes: Any) -> types.Webhook:
        """Change `url` or `events`, or switch it with `is_on`."""
        return cast(types.Webhook, self.fetch("PATCH", f"webhooks/{id}/", json=changes))

    def delete_webhook(self, id: str) -> None:
        self.send("DELETE", f"webhooks/{id}/")

    def renew_webhook_secret(self, id: str) -> types.NewWebhook:
        return cast(types.NewWebhook, self.fetch("POST", f"webhooks/{id}/secret/"))

    def test_webhook(self, id: str) -> types.Delivery:
        """Send an event of type `test`."""
        return cast(types.Delivery, self.fetch("POST", f"webhooks/{id}/test/"))

    def webhook_deliveries(self, **filters: Any) -> Iterator[types.Delivery]:
        """Iterate over what was sent to your webhooks, newest first."""
        return self.rows("webhook-deliveries/", filters)

    def webhook_delivery(self, id: str) -> types.Delivery:
        return cast(types.Delivery, self.fetch("GET", f"webhook-deliveries/{id}/"))

    def resend_webhook_delivery(self, id: str) -> types.Delivery:
        return cast(types.Delivery, self.fetch("POST", f"webhook-deliveries/{id}/resend/"))


def _file(photo: _Photo, name: str) -> tuple[str, bytes]:
    """Return name and content, read once, so that a request can be repeated."""
    if isinstance(photo, bytes):
        return name, photo
    return Path(photo).name, Path(photo).read_bytes()


def _agreed(people_agreed: bool) -> dict[str, Any]:
    return {"people_agreed": True} if people_agreed else {}
