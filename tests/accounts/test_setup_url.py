"""`manage.py setup_url` prints where the site is, and how to set it up."""

import pytest
from django.core.management import call_command

from accounts.signup import first_run

pytestmark = pytest.mark.usefixtures("new_site")


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("setup_url")
    return capsys.readouterr().out


def test_it_prints_the_address_with_the_token(capsys, settings):
    settings.PORT = 8123

    output = printed(capsys)

    assert "Serving on http://127.0.0.1:8123\n" in output
    assert f"http://127.0.0.1:8123/setup/?token={first_run.setup_token()}" in output


def test_it_prints_the_same_token_again(capsys):
    assert printed(capsys) == printed(capsys)


def test_another_key_makes_another_token(capsys, settings):
    before = printed(capsys)
    settings.SECRET_KEY = "another"

    assert printed(capsys) != before


def test_it_prints_the_address_alone_once_set_up(capsys, administrator):
    output = printed(capsys)

    assert "Serving on http://127.0.0.1:" in output
    assert "token" not in output


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_it_prints_an_address_that_other_devices_reach(capsys, settings, host: str):
    settings.HOST = host

    assert host not in printed(capsys)


def test_it_writes_an_ipv6_address_in_brackets(capsys, settings):
    settings.HOST = "2001:db8::1"

    assert "http://[2001:db8::1]:" in printed(capsys)


def test_it_prints_the_sites_own_address_where_that_is_known(capsys, settings):
    settings.SITE_URL = "https://expressions.example.org"

    assert "https://expressions.example.org/setup/?token=" in printed(capsys)
