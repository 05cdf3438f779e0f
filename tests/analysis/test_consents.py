import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from analysis import consents
from analysis.errors import ConsentError
from analysis.models import Consent

ADDRESS = reverse("analysis:training-consent")


def test_nobody_has_agreed_until_they_do(user):
    assert consents.standing_consent(user=user) is None


def test_it_records_the_purpose_the_notice_and_the_time(user):
    consent = consents.give_consent(user=user, notice_version=consents.training_notice())
    assert (consent.purpose, consent.notice_version) == ("training", consents.training_notice())
    assert consent.given_at is not None
    assert consents.standing_consent(user=user) == consent


def test_agreeing_twice_is_one_consent(user):
    first = consents.give_consent(user=user, notice_version=consents.training_notice())
    assert consents.give_consent(user=user, notice_version=consents.training_notice()) == first


def test_the_database_keeps_two_standing_ones_apart(user):
    consents.give_consent(user=user, notice_version="2026-11")
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(user=user, purpose="training", notice_version="2026-11")


def test_a_notice_that_has_changed_since_is_to_be_read_again(user):
    with pytest.raises(ConsentError) as raised:
        consents.give_consent(user=user, notice_version="2001-01")
    assert raised.value.code == "notice_changed"


def test_withdrawing_ends_it_and_keeps_the_record(user):
    consents.give_consent(user=user, notice_version=consents.training_notice())
    assert consents.withdraw_consent(user=user)
    assert consents.standing_consent(user=user) is None
    assert Consent.objects.get().withdrawn_at is not None


def test_withdrawing_what_was_not_given_is_no_error(user):
    assert not consents.withdraw_consent(user=user)


def test_agreeing_again_is_a_record_of_its_own(user):
    for _ in range(2):
        consents.give_consent(user=user, notice_version=consents.training_notice())
        consents.withdraw_consent(user=user)
    assert Consent.objects.count() == 2


def test_one_persons_consent_is_not_anothers(user, other_user):
    consents.give_consent(user=user, notice_version=consents.training_notice())
    assert consents.standing_consent(user=other_user) is None
    assert not consents.withdraw_consent(user=other_user)


def test_the_page_asks_and_takes_the_answer(signed_in, user):
    assert b"You have not agreed" in signed_in.get(ADDRESS).content
    signed_in.post(ADDRESS, {"answer": "agree", "notice": consents.training_notice()})
    assert b"You agreed on" in signed_in.get(ADDRESS).content
    signed_in.post(ADDRESS, {"answer": "withdraw"})
    assert b"You have not agreed" in signed_in.get(ADDRESS).content


def test_the_page_takes_no_agreement_to_another_notice(signed_in, user):
    response = signed_in.post(ADDRESS, {"answer": "agree", "notice": "2001-01"}, follow=True)
    assert b"please read it again" in response.content
    assert consents.standing_consent(user=user) is None


def test_a_visitor_is_asked_to_sign_in(client, db):
    assert client.get(ADDRESS)["Location"].startswith(reverse("account_login"))


def test_the_account_page_says_where_one_stands(signed_in, user):
    assert b"Faces you correct are not used" in signed_in.get(reverse("accounts:profile")).content
    consents.give_consent(user=user, notice_version=consents.training_notice())
    assert b"You agreed on" in signed_in.get(reverse("accounts:profile")).content
