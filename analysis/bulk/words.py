"""Bulk jobs in words."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from analysis.bulk.models import BulkJob
from ferproject.numbers import number

Action, Kind, Status = BulkJob.Action, BulkJob.Kind, BulkJob.Status


def counted(count: int, kind: str) -> str:
    """Return such as "1 photo" or "2,000 sessions"."""
    if kind == Kind.PHOTOS:
        text = ngettext("%(count)s photo", "%(count)s photos", count)
    elif kind == Kind.SESSIONS:
        text = ngettext("%(count)s session", "%(count)s sessions", count)
    else:
        text = ngettext("%(count)s video", "%(count)s videos", count)
    return text % {"count": number(count)}


def describe(job: BulkJob) -> str:
    """Return what a job does, or what it has done."""
    name = job.collection.name if job.collection else ""
    if job.status == Status.FINISHED:
        text, items = _finished(Action(job.action)), counted(job.done - job.failed, job.kind)
    elif job.status == Status.CANCELLED:
        text, items = gettext("Cancelled after %(done)s of %(items)s"), counted(job.total, job.kind)
    elif job.status == Status.FAILED:
        text, items = gettext("Stopped after %(done)s of %(items)s"), counted(job.total, job.kind)
    else:
        text, items = _open(job), counted(job.total, job.kind)
    return text % {"items": items, "name": name, "done": number(job.done)}


def _finished(action: BulkJob.Action) -> str:
    return {
        Action.ADD: gettext("Added to “%(name)s”: %(items)s"),
        Action.REMOVE: gettext("Removed from “%(name)s”: %(items)s"),
        Action.AGAIN: gettext("Analysed again: %(items)s"),
        Action.ZIP: gettext("Ready to download: %(items)s"),
        Action.DELETE: gettext("Deleted: %(items)s"),
    }[action]


def _open(job: BulkJob) -> str:
    return {
        Action.ADD: gettext("Adding to “%(name)s”: %(items)s"),
        Action.REMOVE: gettext("Removing from “%(name)s”: %(items)s"),
        Action.AGAIN: gettext("Analysing again: %(items)s"),
        Action.ZIP: gettext("Preparing to download: %(items)s"),
        Action.DELETE: gettext("Deleted: %(items)s") if job.can_be_undone else gettext("Deleting: %(items)s"),
    }[Action(job.action)]
