"""Registering and changing webhooks, and the events that are written for them."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from analysis.audit.models import AuditEntry
from analysis.errors import WebhookError
from analysis.sessions.models import Session
from analysis.sessions.services import close_abandoned_sessions, count_frames, finish_session, start_session
from analysis.versions.models import ModelVersion
from analysis.videos.models import Video
from analysis.videos.services import end_video
from analysis.webhooks import services
from analysis.webhooks.models import Event, Webhook, WebhookDelivery
from analysis.webhooks.services import change_webhook, create_webhook, delete_webhook, record_event

pytestmark = pytest.mark.django_db


def record(**values) -> None:
    with transaction.atomic():
        record_event(**{"event": Event.PHOTO_ANALYSED, "data": {"photo": "1"}, **values})


def deliveries(webhook: Webhook) -> list[dict]:
    return [json.loads(each.body) for each in webhook.deliveries.order_by("created_at")]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"url": "https://169.254.169.254/latest/"}, "private_address"),
        ({"url": "http://127.0.0.1/"}, "bad_webhook_url"),
        ({"url": "https://1.1.1.1/" + "a" * 500}, "bad_webhook_url"),
        ({"events": []}, "no_events"),
        ({"events": ["photo.eaten"]}, "unknown_event"),
        ({"is_site": True}, "staff_only"),
    ],
)
def test_bad_input_is_refused(values: dict, code: str, user):
    with pytest.raises(WebhookError) as caught:
        create_webhook(owner=user, **{"url": "https://1.1.1.1/", "events": Event.values, **values})
    assert caught.value.code == code
    assert not Webhook.objects.exists()


def test_a_person_has_ten_at_most(make_hook):
    for _ in range(services.MAX_WEBHOOKS):
        make_hook()
    with pytest.raises(WebhookError, match="10 webhooks"):
        make_hook()


def test_changes_are_checked_and_audited_without_the_path(make_hook):
    webhook = make_hook(url="http://127.0.0.1:9/secret-path")
    change_webhook(webhook=webhook, events=["session.ended", "photo.analysed"])
    assert webhook.events == ["photo.analysed", "session.ended"]
    with pytest.raises(WebhookError):
        change_webhook(webhook=webhook, url="gopher://127.0.0.1/")
    delete_webhook(webhook=webhook)
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.action for entry in entries] == ["webhook_added", "webhook_changed", "webhook_deleted"]
    assert "secret-path" not in str([entry.details for entry in entries])


def test_an_event_goes_to_its_owner_and_to_the_site(make_hook, user, other_user, administrator):
    own, others = make_hook(), make_hook(other_user)
    of_the_site, the_administrators_own = make_hook(administrator, is_site=True), make_hook(administrator)
    record(owner_id=user.pk)
    counts = [hook.deliveries.count() for hook in (own, others, of_the_site, the_administrators_own)]
    assert counts == [1, 0, 1, 0]
    record(is_public=True)
    assert WebhookDelivery.objects.count() == 6
    record()  # of nobody, such as a training run from the shell
    assert of_the_site.deliveries.count() == 3


@pytest.mark.parametrize("change", ["off", "other events", "locked", "staff no more"])
def test_an_event_does_not_go_to(change: str, make_hook, user, administrator):
    owner = administrator if change == "staff no more" else user
    webhook = make_hook(owner, is_site=owner.is_staff)
    if change == "off":
        change_webhook(webhook=webhook, is_on=False)
    elif change == "other events":
        change_webhook(webhook=webhook, events=["session.ended"])
    else:
        owner.is_active, owner.is_staff = change != "locked", False
        owner.save()
    record(owner_id=owner.pk)
    assert not webhook.deliveries.exists()


def test_what_is_rolled_back_is_not_sent(make_hook, user):
    webhook = make_hook()
    with transaction.atomic():
        record_event(event=Event.PHOTO_ANALYSED, data={}, owner_id=user.pk)
        transaction.set_rollback(True)
    assert not webhook.deliveries.exists()


def test_switching_off_gives_up_what_waits(make_hook, user):
    webhook = make_hook()
    record(owner_id=user.pk)
    change_webhook(webhook=webhook, is_on=False)
    assert webhook.deliveries.get().status == "failed"
    with pytest.raises(WebhookError, match="switched off"):
        services.resend_delivery(delivery=webhook.deliveries.get())
    change_webhook(webhook=webhook, is_on=True)
    services.resend_delivery(delivery=webhook.deliveries.get())
    assert webhook.deliveries.get().status == "waiting"


def test_a_photo_is_told_of(make_hook, upload):
    webhook = make_hook()
    photo = upload().json()["id"]
    (sent,) = deliveries(webhook)
    assert (sent["type"], sent["data"]["photo"]) == ("photo.analysed", photo)
    assert set(sent["data"]) == {"photo", "model", "detector", "user"}, "ids alone"


@pytest.mark.parametrize("how", ["finished", "abandoned"])
def test_a_live_session_is_told_of_once(how: str, make_hook, user):
    webhook, session = make_hook(), start_session(owner=user)
    count_frames(counts={session.pk: (10, 0)})
    if how == "abandoned":
        Session.objects.update(seen_at=session.started_at - services.KEPT_FOR)
        close_abandoned_sessions()
    finish_session(session_id=session.pk)
    finish_session(session_id=session.pk)
    (sent,) = deliveries(webhook)
    assert (sent["type"], sent["data"]["session"], sent["data"]["frames"]) == ("session.ended", str(session.pk), 10)


def test_a_session_without_frames_is_not_told_of(make_hook, user):
    webhook, session = make_hook(), start_session(owner=user)
    finish_session(session_id=session.pk)
    assert deliveries(webhook) == []


@pytest.mark.parametrize(("status", "count"), [("finished", 1), ("failed", 1), ("cancelled", 0)])
def test_a_video_is_told_of(status: str, count: int, make_hook, user):
    webhook = make_hook()
    video = Video.objects.create(owner=user, name="a.mp4", bytes=1, status="running")
    with transaction.atomic():
        end_video(video, status, keeps_file=False)
    assert [sent["data"]["status"] for sent in deliveries(webhook)] == [status] * count


def test_a_promotion_is_told_to_everybody(make_hook, other_user, monkeypatch):
    from analysis.versions import services as versions

    webhook, active = make_hook(other_user), ModelVersion.objects.active()
    monkeypatch.setattr(versions, "_check_smoke_test", lambda version: None)
    other = ModelVersion.objects.create(name="other", pins=active.pins, origin=active.origin, card=active.card)
    versions.promote_version(version=other, actor=None, reason="to try it")
    versions.roll_back(actor=None)
    sent = [each["data"] for each in deliveries(webhook)]
    assert sent == [
        {"version": "other", "previous": active.name, "is_roll_back": False},
        {"version": active.name, "previous": "other", "is_roll_back": True},
    ]


def test_rows_about_a_deleted_account_go(make_hook, user, administrator):
    webhook = make_hook(administrator, is_site=True)
    record(owner_id=user.pk)
    user.delete()
    assert not webhook.deliveries.exists()
