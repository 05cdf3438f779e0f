"""Videos and training runs that ended: asked for by pages and programs, told by e-mail to who wants it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.notices import services
from analysis.videos.models import Video
from analysis.webhooks.models import Webhook
from training.models import State, TrainingRun

NOTICES = "/api/v1/notices/"


@pytest.fixture
def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def end_video(owner, *, minutes: float = 1, **fields) -> Video:
    values = {"name": "clip.mp4", "bytes": 1, "received": 1, "status": Video.Status.FINISHED, **fields}
    return Video.objects.create(owner=owner, ended_at=timezone.now() - dt.timedelta(minutes=minutes), **values)


def end_run(owner, state: str = State.FINISHED) -> TrainingRun:
    values = {"architecture": "mlp", "epochs": 3, "configuration": {}, "created_by": owner}
    return TrainingRun.objects.create(name="mlp-1", state=state, finished_at=timezone.now(), **values)


def ask(client: Client, since: str | None = None) -> dict:
    return client.get(NOTICES, {"since": since} if since else {}).json()


def an_hour_ago() -> str:
    return (timezone.now() - dt.timedelta(hours=1)).isoformat()


def test_what_ended_since_then_is_told_oldest_first(signed_in, user, other_user):
    end_video(user)
    end_run(user)
    end_video(other_user, name="theirs.mp4")
    end_video(user, minutes=90)

    answer = ask(signed_in, an_hour_ago())

    assert [each["text"] for each in answer["results"]] == ["“clip.mp4” is analysed.", "The training of mlp-1 is done."]
    assert ask(signed_in, answer["now"])["results"] == []
    assert ask(signed_in)["results"] == []


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda owner: end_video(owner, status=Video.Status.FAILED), "“clip.mp4” could not be analysed."),
        (lambda owner: end_run(owner, State.FAILED), "The training of mlp-1 failed."),
        (lambda owner: end_video(owner, status=Video.Status.CANCELLED), None),
        (lambda owner: end_run(owner, State.CANCELLED), None),
    ],
)
def test_a_failure_is_told_and_what_its_owner_ended_is_not(signed_in, user, make, text: str | None):
    make(user)

    assert [each["text"] for each in ask(signed_in, an_hour_ago())["results"]] == ([text] if text else [])


def test_it_says_whether_something_is_on_its_way(signed_in, user, other_user):
    assert not ask(signed_in)["is_waiting"]
    Video.objects.create(owner=other_user, name="a.mp4", bytes=1)
    assert not ask(signed_in)["is_waiting"]
    Video.objects.create(owner=user, name="a.mp4", bytes=1)
    assert ask(signed_in)["is_waiting"]


@pytest.mark.parametrize("since", ["yesterday", "", "2026-13-01T00:00:00Z"])
def test_a_time_that_is_none_is_refused(signed_in, since: str):
    assert signed_in.get(f"{NOTICES}?since={since}").status_code == 400


class TestEmail:
    def test_it_is_off_until_it_is_asked_for(self, user):
        end_video(user)
        services.send_due_notices()

        assert mail.outbox == []

    def test_each_end_is_told_once(self, signed_in, user, settings):
        settings.SITE_URL = "https://faces.example.org"
        signed_in.post("/account/notices/", {"email": "on"})
        user.refresh_from_db()
        end_video(user, minutes=-1, name="line\nbreak.mp4")
        tomorrow = timezone.now() + dt.timedelta(minutes=2)
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("accounts.notices.services.timezone.now", lambda: tomorrow)
                services.send_due_notices()

        (message,) = mail.outbox
        assert message.to == [user.email]
        assert message.subject == "[Expressions] “line break.mp4” is analysed."
        assert f"https://faces.example.org/videos/{Video.objects.get().pk}/" in message.body

    def test_of_two_workers_one_tells(self, user, monkeypatch):
        services.change_email_notices(user=user, wanted=True)
        claimed = services._claim(user, timezone.now())

        assert (claimed, services._claim(user, timezone.now())) == (True, False)

    @pytest.mark.parametrize("wanted", [True, False])
    def test_a_program_switches_it(self, signed_in, user, wanted: bool):
        services.change_email_notices(user=user, wanted=not wanted)
        response = signed_in.patch("/api/v1/me/", {"email_notices": wanted}, content_type="application/json")

        assert response.json()["email_notices"] is wanted
        user.refresh_from_db()
        assert user.wants_email_notices is wanted


def test_a_webhook_that_the_site_switched_off_is_told_on_pages_and_not_in_this_email(user):
    values = {"owner": user, "url": "https://hook.example.org/secret", "off_at": timezone.now()}
    webhook = Webhook.objects.create(**values, off_reason="It acknowledged nothing for 3 days.")
    Webhook.objects.create(**values)  # by its owner
    minute = dt.timedelta(minutes=1)
    (notice,) = services.notices_since(user=user, since=timezone.now() - minute)
    assert notice.text == "Your webhook to hook.example.org was switched off because its receiver failed."
    assert notice.url == f"/account/webhooks/{webhook.pk}/"
    user.email_notices_since = timezone.now() - minute
    user.save()
    Webhook.objects.update(off_at=timezone.now() - minute / 2)
    services.send_due_notices()
    assert mail.outbox == []
