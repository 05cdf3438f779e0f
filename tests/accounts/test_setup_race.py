"""Two people who set the site up at once make one administrator."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import services
from accounts.errors import AccountsError
from accounts.models import SiteSettings, User


@pytest.mark.django_db(transaction=True)
def test_one_of_two_wins_and_the_other_is_told(monkeypatch):
    begin = Barrier(2)

    def set_up(number: int) -> str:
        begin.wait(10)
        try:
            services.set_up_site(email=f"admin{number}@example.org", password="x", sign_up="open", purpose="private")
        except AccountsError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(set_up, range(2)))

    assert outcomes == ["already_set_up", "done"]
    assert User.objects.administrators().count() == 1
    assert SiteSettings.objects.count() == 1


def test_the_one_who_comes_second_is_led_to_the_sign_in(new_site, local_client, setup_form, monkeypatch, administrator):
    # The page was opened, and passed its own check, before the other one was done.
    monkeypatch.setattr("accounts.views.first_run.is_set_up", lambda: False)

    response = local_client.post("/setup/", setup_form)

    assert response["Location"] == "/accounts/login/"
    assert User.objects.get() == administrator
