"""The site's choices are one row."""

import pytest
from django.db import IntegrityError, transaction

from accounts import services
from accounts.errors import AccountsError
from accounts.models import SiteSettings

pytestmark = pytest.mark.django_db


def test_sign_up_is_closed_until_somebody_chooses():
    assert SiteSettings.objects.current().sign_up == "closed"


def test_reading_writes_nothing():
    SiteSettings.objects.current()

    assert not SiteSettings.objects.exists()


def test_the_choice_is_kept():
    services.change_sign_up(sign_up="open")
    services.change_sign_up(sign_up="invitation")

    assert SiteSettings.objects.current().sign_up == "invitation"


def test_an_unknown_choice_is_refused_by_name():
    with pytest.raises(AccountsError, match="expected one of closed, invitation, open; got “everybody”"):
        services.change_sign_up(sign_up="everybody")


def test_the_database_refuses_a_second_row():
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(pk=2)


def test_the_database_refuses_an_unknown_choice():
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.create(sign_up="everybody")
