"""Bulk jobs in words."""

from __future__ import annotations

from analysis.bulk.models import BulkJob

Action, Status = BulkJob.Action, BulkJob.Status
_NOUNS = {"photos": "photo", "sessions": "session", "videos": "video"}


def counted(count: int, kind: str) -> str:
    """Return such as "1 photo" or "2,000 sessions"."""
    return f"{count:,} {_NOUNS[kind]}{'' if count == 1 else 's'}"


def describe(job: BulkJob) -> str:
    """Return what a job does, or what it has done, as a sentence without its full stop."""
    items, name = counted(job.total, job.kind), job.collection.name if job.collection else ""
    if job.status == Status.FINISHED:
        done, verb = counted(job.done - job.failed, job.kind), "is" if job.done - job.failed == 1 else "are"
        return {
            Action.ADD: f"{done} {verb} in “{name}” now",
            Action.REMOVE: f"{done} {verb} no longer in “{name}”",
            Action.AGAIN: f"{done} {'was' if verb == 'is' else 'were'} analysed by the model that serves now",
            Action.ZIP: f"{done} {verb} ready to download",
            Action.DELETE: f"{done} {verb} deleted for good",
        }[Action(job.action)]
    if job.status == Status.CANCELLED:
        return f"Cancelled after {job.done:,} of {items}"
    if job.status == Status.FAILED:
        return f"Stopped after {job.done:,} of {items}"
    return {
        Action.ADD: f"Adding {items} to “{name}”",
        Action.REMOVE: f"Taking {items} out of “{name}”",
        Action.AGAIN: f"Analysing {items} again",
        Action.ZIP: f"Packing {items}",
        Action.DELETE: f"{items} deleted" if job.can_be_undone else f"Deleting {items} for good",
    }[Action(job.action)]
