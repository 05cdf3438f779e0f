from django.urls import reverse

from analysis.models import AuditEntry

LINKS = reverse("admin:analysis_sharedlink_changelist")


def test_staff_see_whose_a_link_is_and_revoke_it(client, administrator, share, photo, user):
    new = share(photo, title="For Ben")
    client.force_login(administrator)
    page = client.get(LINKS).content.decode()
    assert user.email in page
    assert "For Ben" not in page
    assert "For Ben" not in client.get(reverse("admin:analysis_sharedlink_change", args=[new.link.pk])).content.decode()
    client.post(LINKS, {"action": "revoke", "_selected_action": [str(new.link.pk)]})
    assert client.get(reverse("analysis:shared", args=[new.secret])).status_code == 410
    entry = AuditEntry.objects.filter(action="share_revoked").get()
    assert (entry.actor, entry.subject) == (administrator, f"photo {photo.pk} of user {user.pk}")
