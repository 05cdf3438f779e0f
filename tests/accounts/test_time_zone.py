"""Days and hours are told in the time zone of whoever looks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import services, time_zones
from accounts.errors import AccountsError
from accounts.models import User

PAGE, FOUND = "/account/time-zone/", "/account/time-zone/found/"
NAMES_OF_NO_ZONE = ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "a\0b", "x" * 5000]


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def _stored(user: User) -> str:
    return User.objects.get(pk=user.pk).time_zone


def test_the_sites_zone_holds_until_another_is_known(user, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    assert str(user.zone) == "Asia/Tokyo"


def test_a_zone_missing_on_this_system_falls_back_to_the_sites(user):
    User.objects.filter(pk=user.pk).update(time_zone="Gone/Away")
    assert str(User.objects.get(pk=user.pk).zone) == "UTC"


def test_the_browsers_zone_is_taken_once(signed_in, user):
    assert signed_in.post(FOUND, {"time_zone": "Asia/Kolkata"}).status_code == 204
    assert signed_in.post(FOUND, {"time_zone": "Europe/Paris"}).status_code == 204
    assert _stored(user) == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("named", "known_as"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("US/Pacific", "US/Pacific")],
)
def test_an_old_zone_name_is_saved_as_the_current_one(signed_in, user, named, known_as):
    assert signed_in.post(FOUND, {"time_zone": named}).status_code == 204
    assert _stored(user) == known_as


@pytest.mark.parametrize("name", NAMES_OF_NO_ZONE)
def test_an_unknown_browser_zone_is_rejected(signed_in, user, name: str):
    response = signed_in.post(FOUND, {"time_zone": name})
    assert response.status_code == 400
    assert response.json()["code"] == "unknown_time_zone"
    assert "Europe/Berlin" in response.json()["errors"]["time_zone"][0]
    assert _stored(user) == ""


@pytest.mark.parametrize("name", NAMES_OF_NO_ZONE)
def test_the_form_explains_what_is_no_zone(signed_in, user, name: str):
    response = signed_in.post(PAGE, {"time_zone": name})
    assert response.status_code == 200
    assert response.context["form"].errors["time_zone"]
    assert _stored(user) == ""


def test_one_chooses_another(signed_in, user):
    services.change_time_zone(user=user, time_zone="Europe/Paris")
    response = signed_in.post(PAGE, {"time_zone": "America/St_Johns"})
    assert response["Location"] == "/account/"
    assert _stored(user) == "America/St_Johns"


def test_the_form_shows_the_zone_in_force_even_by_an_older_name(signed_in, user):
    services.change_time_zone(user=user, time_zone="US/Pacific")
    assert '<option value="US/Pacific" selected>' in signed_in.get(PAGE).content.decode()


def test_a_page_asks_the_browser_only_while_no_zone_is_known(signed_in, user):
    assert b"data-time-zone" in signed_in.get("/account/").content
    services.change_time_zone(user=user, time_zone="Europe/Paris")
    assert b"data-time-zone" not in signed_in.get("/account/").content


def test_pages_tell_time_in_ones_zone_and_forget_it_afterwards(signed_in, user):
    User.objects.filter(pk=user.pk).update(
        time_zone="Pacific/Auckland", last_login=dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    )
    assert "1 July 2026, 11:30" in signed_in.get("/account/").content.decode()
    assert str(timezone.get_current_timezone()) == "UTC"


def test_the_service_rejects_an_unknown_zone(user):
    with pytest.raises(AccountsError, match="is not a time zone"):
        services.change_time_zone(user=user, time_zone="Mars/Olympus")


@pytest.mark.parametrize("path", [PAGE, FOUND])
def test_a_visitor_is_redirected_to_sign_in(db, client, path: str):
    assert client.post(path, {"time_zone": "UTC"})["Location"] == f"/accounts/login/?next={path}"


def test_current_names_are_of_the_same_zones():
    for older, newer in time_zones._CURRENT_NAMES.items():
        january, july = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (1, 7))
        for moment in (january, july):
            assert moment.astimezone(ZoneInfo(older)).utcoffset() == moment.astimezone(ZoneInfo(newer)).utcoffset()
