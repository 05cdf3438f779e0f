"""People have an e-mail address, whatever its case, and no username."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_address_is_kept_in_lower_case():
    assert User.objects.create_user(" Ada@Example.ORG ").email == "ada@example.org"


def test_the_address_is_found_in_any_case(user):
    assert User.objects.get_by_natural_key("ADA@example.org") == user


def test_an_address_in_another_case_is_taken(user):
    with pytest.raises(IntegrityError):
        User.objects.create_user("ADA@EXAMPLE.ORG")


def test_the_database_itself_refuses_upper_case(user):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="Ada@example.org")


def test_the_database_itself_refuses_an_empty_address(user):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="")


@pytest.mark.parametrize("email", ["", "  ", None])
def test_an_address_is_needed(email: str | None):
    with pytest.raises(ValueError, match="email: expected an address"):
        User.objects.create_user(email)


def test_somebody_without_a_password_cannot_sign_in():
    assert not User.objects.create_user("ada@example.org").has_usable_password()


def test_people_are_no_administrators():
    user = User.objects.create_user("ada@example.org")

    assert (user.is_staff, user.is_superuser) == (False, False)


def test_createsuperuser_asks_for_an_address(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")

    call_command("createsuperuser", email="Root@example.org", interactive=False, verbosity=0)

    user = User.objects.get()
    assert (user.email, user.is_superuser, user.is_staff) == ("root@example.org", True, True)
    assert user.check_password("correct horse battery staple")


def test_createsuperuser_refuses_an_address_that_is_taken(monkeypatch, user):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")

    with pytest.raises(CommandError, match="already"):
        call_command("createsuperuser", email="ADA@example.org", interactive=False, verbosity=0)
