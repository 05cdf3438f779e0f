"""Pages of webhooks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from analysis.webhooks.delivery import claim_next, record_answer
from analysis.webhooks.models import Webhook
from analysis.webhooks.requests import Answer
from analysis.webhooks.services import send_test

pytestmark = pytest.mark.django_db
LIST = "/account/webhooks/"


def test_the_secret_is_shown_once(signed_in, private_allowed):
    page = signed_in.post(LIST, {"url": "http://127.0.0.1:9/", "events": ["photo.analysed"]})
    secret = Webhook.objects.get().secret
    assert secret in page.content.decode()
    pages = [signed_in.get(LIST), signed_in.get(reverse("analysis:webhook", args=[Webhook.objects.get().pk]))]
    assert not any(secret in each.content.decode() for each in pages)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"url": "https://169.254.169.254/"}, "not on the public internet"),
        ({"url": "http://127.0.0.1/"}, "begins with https://"),
        ({"url": "https://1.1.1.1/" + "a" * 490}, "at most 500 characters"),
        ({"events": []}, "Choose at least one event"),
        ({"events": ["nonsense"]}, "not one of the available choices"),
    ],
)
def test_bad_input_is_explained_and_kept(values: dict, message: str, signed_in):
    page = signed_in.post(LIST, {"url": "https://1.1.1.1/kept", "events": ["photo.analysed"], **values})
    assert message in page.content.decode()
    assert values.get("url", "https://1.1.1.1/kept") in page.content.decode()
    assert not Webhook.objects.exists()


def test_only_staff_register_for_everybody(signed_in, client, administrator, private_allowed):
    values = {"url": "http://127.0.0.1:9/", "events": ["photo.analysed"], "is_site": "on"}
    signed_in.post(LIST, values)
    client.force_login(administrator)
    client.post(LIST, values)
    assert list(Webhook.objects.order_by("created_at").values_list("is_site", flat=True)) == [False, True]


def test_a_failed_delivery_is_shown_with_its_answer_and_sent_again(signed_in, make_hook):
    webhook = make_hook()
    row = send_test(webhook=webhook)
    record_answer(delivery=claim_next(), answer=Answer(status=500, body="<b>broken</b>"))
    page = reverse("analysis:webhook", args=[webhook.pk])
    text = signed_in.get(page).content.decode()
    assert "&lt;b&gt;broken&lt;/b&gt;" in text
    assert "Failing since" in text
    signed_in.post(reverse("analysis:delivery-resend", args=[row.pk]))
    assert claim_next() == row


def test_one_that_was_switched_off_says_why(signed_in, make_hook):
    webhook = make_hook()
    send_test(webhook=webhook)
    record_answer(delivery=claim_next(), answer=Answer(status=410))
    assert "no longer exists (410)" in signed_in.get(LIST).content.decode()
    assert "A webhook was switched off" in signed_in.get(reverse("accounts:profile")).content.decode()
    page = reverse("analysis:webhook", args=[webhook.pk])
    assert "Switched off on" in signed_in.get(page).content.decode()
    signed_in.post(reverse("analysis:webhook-test", args=[webhook.pk]))
    assert webhook.deliveries.count() == 1
    signed_in.post(reverse("analysis:webhook-switch", args=[webhook.pk]), {"on": "1"})
    webhook.refresh_from_db()
    assert (webhook.is_on, webhook.off_reason) == (True, "")


def test_deleting_it_asks_first(signed_in, make_hook):
    address = reverse("analysis:webhook-delete", args=[make_hook().pk])
    signed_in.get(address)
    assert Webhook.objects.exists()
    signed_in.post(address)
    assert not Webhook.objects.exists()
