"""Webhooks by the API."""

from __future__ import annotations

import pytest

from analysis.webhooks.delivery import claim_next, record_answer
from analysis.webhooks.models import WebhookDelivery
from analysis.webhooks.requests import Answer

pytestmark = pytest.mark.django_db
HOOKS, DELIVERIES = "/api/v1/webhooks/", "/api/v1/webhook-deliveries/"


@pytest.fixture
def hook(api, private_allowed) -> dict:
    response = api.post(HOOKS, {"url": "http://127.0.0.1:9/", "events": ["photo.analysed"]}, format="json")
    assert response.status_code == 201
    return response.json()


def test_the_secret_is_in_the_first_response_alone(api, hook):
    assert hook["secret"].startswith("whsec_")
    (listed,) = api.get(HOOKS).json()["results"]
    assert listed == {key: value for key, value in hook.items() if key != "secret"}
    renewed = api.post(f"{HOOKS}{hook['id']}/secret/").json()["secret"]
    assert renewed.startswith("whsec_")
    assert renewed != hook["secret"]


def test_it_is_tested_and_the_delivery_sent_again(api, hook):
    sent = api.post(f"{HOOKS}{hook['id']}/test/").json()
    assert (sent["event"], sent["status"]) == ("test", "waiting")
    record_answer(delivery=claim_next(), answer=Answer(status=200, body="thanks"))
    (listed,) = api.get(DELIVERIES, {"webhook": hook["id"]}).json()["results"]
    assert (listed["status"], listed["http_status"], listed["answer"]) == ("acknowledged", 200, "thanks")
    assert api.post(f"{DELIVERIES}{sent['id']}/resend/").json()["status"] == "waiting"
    claim_next()
    refused = api.post(f"{DELIVERIES}{sent['id']}/resend/")
    assert (refused.status_code, refused.json()["code"], refused.json()["retryable"]) == (409, "being_sent", True)


def test_it_is_changed_switched_off_and_deleted(api, hook):
    address = f"{HOOKS}{hook['id']}/"
    changed = api.patch(address, {"events": ["run.finished"], "is_on": False}, format="json").json()
    assert (changed["events"], changed["is_on"], changed["off_reason"]) == (["run.finished"], False, "")
    refused = api.post(f"{address}test/")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_off")
    assert api.delete(address).status_code == 204
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "https://169.254.169.254/"}, 400, "private_address"),
        ({"url": "http://127.0.0.1/"}, 400, "bad_webhook_url"),
        ({"url": "https://1.1.1.1/" + "a" * 490}, 400, "invalid"),
        ({"url": 5}, 400, "invalid"),
        ({"events": ["photo.eaten"]}, 400, "invalid"),
        ({"events": []}, 400, "invalid"),
        ({"is_site": True}, 403, "staff_only"),
    ],
)
def test_bad_input_is_refused(body: dict, status: int, code: str, api):
    sent = {"url": "https://1.1.1.1/", "events": ["photo.analysed"], **body}
    response = api.post(HOOKS, sent, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_another_persons_is_not_found(method: str, hook, others_api):
    assert getattr(others_api, method)(f"{HOOKS}{hook['id']}/").status_code == 404
    assert others_api.post(f"{HOOKS}{hook['id']}/test/").status_code == 404
    assert others_api.get(HOOKS).json()["results"] == []
