"""Notices of finished work: videos and training runs that ended, requested by pages or sent by email."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts.models import User
from analysis.videos.models import Video
from analysis.webhooks.models import Webhook
from ferproject.languages import written_for
from ferproject.links import with_site_url
from training.models import State, TrainingRun

MAX_NOTICES = 20
MAX_AGE = dt.timedelta(days=1)
"""Nobody is told of work that ended earlier."""
SETTLED = dt.timedelta(seconds=5)
"""What ended that long ago is committed."""
ENDED_RUNS = (State.FINISHED, State.FAILED)
ENDED_VIDEOS = (Video.Status.FINISHED, Video.Status.FAILED)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """A video (`kind` "video") or training run ("training") that ended, well (`is_success`) or not.

    Or a webhook ("webhook") that the site switched off.
    """

    kind: str
    name: str
    is_success: bool
    ended_at: dt.datetime
    url: str

    @property
    def text(self) -> str:
        """One sentence for people."""
        if self.kind == "video":
            text = (
                gettext("“%(name)s” is analysed.") if self.is_success else gettext("“%(name)s” could not be analysed.")
            )
        elif self.kind == "webhook":
            text = gettext("Your webhook to %(name)s was switched off because its receiver failed.")
        elif self.is_success:
            text = gettext("The training of %(name)s is done.")
        else:
            text = gettext("The training of %(name)s failed.")
        return text % {"name": self.name}


def notices_since(*, user: User, since: dt.datetime, until: dt.datetime | None = None) -> list[Notice]:
    """Return the last `MAX_NOTICES` of the user's videos and runs that ended after `since`, oldest first.

    Webhooks that were switched off are among them.
    """
    since, until = max(since, timezone.now() - MAX_AGE), until or timezone.now()
    videos = Video.objects.owned_by(user).filter(status__in=ENDED_VIDEOS, ended_at__gt=since, ended_at__lte=until)
    runs = TrainingRun.objects.filter(
        created_by=user, by_command=False, state__in=ENDED_RUNS, finished_at__gt=since, finished_at__lte=until
    )
    webhooks = Webhook.objects.owned_by(user).switched_off_by_site().filter(off_at__gt=since, off_at__lte=until)
    notices = [
        *(_of_video(video) for video in videos.order_by("-ended_at")[:MAX_NOTICES]),
        *(_of_run(run) for run in runs.order_by("-finished_at")[:MAX_NOTICES]),
        *(_of_webhook(webhook) for webhook in webhooks),
    ]
    return sorted(notices, key=lambda notice: notice.ended_at)[-MAX_NOTICES:]


def is_waiting(*, user: User) -> bool:
    """Whether a video or run of the user has not ended yet."""
    runs = TrainingRun.objects.filter(created_by=user, by_command=False, finished_at=None)
    return Video.objects.owned_by(user).unfinished().exists() or runs.exists()


def change_email_notices(*, user: User, wanted: bool) -> None:
    """Begin or stop to send the user emails about work that ends."""
    if wanted != user.wants_email_notices:
        user.email_notices_since = timezone.now() if wanted else None
        user.save(update_fields=["email_notices_since"])


def send_due_notices() -> None:
    """Send emails about work that ended; one of several workers sends each, and one that dies meanwhile none."""
    until = timezone.now() - SETTLED
    for user in User.objects.filter(is_active=True, email_notices_since__lt=until):
        ended = notices_since(user=user, since=user.email_notices_since, until=until)
        notices = [notice for notice in ended if notice.kind != "webhook"]  # which has an email of its own
        if notices and _claim(user, notices[-1].ended_at):
            _send(user, notices)


def _claim(user: User, until: dt.datetime) -> bool:
    mine = User.objects.filter(pk=user.pk, email_notices_since=user.email_notices_since)
    return bool(mine.update(email_notices_since=until))


def _send(user: User, notices: list[Notice]) -> None:
    with written_for(user):
        lines = [(notice.text, with_site_url(notice.url) if settings.SITE_URL else "") for notice in notices]
        subject = _subject(notices)
        text = render_to_string("accounts/notices/email.txt", {"lines": lines})
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{' '.join(subject.split())}"
    try:
        send_mail(subject, text, None, [user.email])
    except OSError:
        logger.exception("An email about finished work could not be sent")


def _subject(notices: list[Notice]) -> str:
    if len(notices) == 1:
        return notices[0].text
    text = ngettext("%(count)s video or training run ended", "%(count)s videos or training runs ended", len(notices))
    return text % {"count": len(notices)}


def _of_video(video: Video) -> Notice:
    if video.session_id:
        url = reverse("analysis:session", args=[video.session_id])
    else:
        url = reverse("analysis:video-detail", args=[video.pk])
    return Notice("video", video.name, video.status == Video.Status.FINISHED, video.ended_at, url)


def _of_webhook(webhook: Webhook) -> Notice:
    return Notice("webhook", webhook.host, False, webhook.off_at, reverse("analysis:webhook", args=[webhook.pk]))


def _of_run(run: TrainingRun) -> Notice:
    url = reverse("admin:training_trainingrun_change", args=[run.pk])
    return Notice("training", run.name, run.state == State.FINISHED, run.finished_at, url)
