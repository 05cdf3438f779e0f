import datetime as dt

import pytest
from django.utils import timezone

from analysis.errors import LinkError
from analysis.models import AuditEntry, SharedLink
from analysis.sharing import services
from tests.analysis.session_factories import make_session


def test_neither_the_secret_nor_the_password_is_stored(share, photo):
    new = share(photo, password="correct horse battery")
    stored = str(SharedLink.objects.values().get())
    assert len(new.secret) >= 32
    assert new.secret not in stored
    assert "horse" not in stored
    assert services.find_link(secret=new.secret) == new.link


def test_making_and_revoking_are_in_the_audit_log(share, photo, user):
    new = share(photo, title="For Ben")
    for _ in range(2):
        services.revoke_link(link=new.link, by=user)
    subject = f"photo {photo.pk} of user {user.pk}"
    made, revoked = AuditEntry.objects.order_by("pk")
    assert [(each.action, each.actor, each.subject) for each in (made, revoked)] == [
        ("shared", user, subject),
        ("share_revoked", user, subject),
    ]
    assert made.details["shows"] == "picture"
    assert new.secret not in str(made.details)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"expires_at": timezone.now()}, "bad_expiry"),
        ({"expires_at": timezone.now() + dt.timedelta(days=366)}, "bad_expiry"),
        ({"title": "x" * 81}, "title_too_long"),
        ({"password": "12345678"}, "weak_password"),
    ],
)
def test_what_cannot_be_shared_leaves_nothing(share, photo, values, code):
    with pytest.raises(LinkError) as refused:
        share(photo, **values)
    assert refused.value.code == code
    assert not SharedLink.objects.exists()


def test_a_live_session_has_no_picture_to_show(share, user):
    session = make_session(user, {1: "happy"})
    with pytest.raises(LinkError, match="no picture"):
        share(session)
    assert share(session, shows="numbers").link.kind == "session"


def test_active_links_are_limited_and_ended_ones_do_not_count(share, photo, user, monkeypatch):
    monkeypatch.setattr(services, "MAX_ACTIVE", 1)
    first = share(photo)
    with pytest.raises(LinkError, match="up to 1 active link"):
        share(photo)
    services.revoke_link(link=first.link, by=user)
    share(photo)


def test_links_that_ended_long_ago_are_forgotten(share, photo):
    kept, expired, revoked = (share(photo).link for _ in range(3))
    long_ago = timezone.now() - dt.timedelta(days=31)
    SharedLink.objects.filter(pk=expired.pk).update(expires_at=long_ago)
    SharedLink.objects.filter(pk=revoked.pk).update(revoked_at=long_ago)
    assert set(SharedLink.objects.long_ended()) == {expired, revoked}
    assert kept.is_active
