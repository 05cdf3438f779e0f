import datetime as dt

from django.db import migrations

SAME_REQUEST = dt.timedelta(seconds=1)
"""A form that corrected a face and gave the consent saved the correction first."""


def link_consents(apps, schema_editor):
    """Give each correction the consent it was made under; what was shown to reviewers without one loses its review."""
    Correction = apps.get_model("analysis", "Correction")
    Consent = apps.get_model("analysis", "Consent")
    for consent in Consent.objects.filter(purpose="training").order_by("given_at"):
        theirs = Correction.objects.filter(by_id=consent.user_id, consent=None)
        under = theirs.filter(created_at__gte=consent.given_at)
        if consent.withdrawn_at is not None:
            under = under.filter(created_at__lt=consent.withdrawn_at)
        just_before = theirs.filter(
            created_at__lt=consent.given_at, created_at__gte=consent.given_at - SAME_REQUEST
        ).order_by("-created_at")[:1]
        ids = [*under.values_list("pk", flat=True), *just_before.values_list("pk", flat=True)]
        Correction.objects.filter(pk__in=ids).update(consent=consent)
    Correction.objects.filter(consent=None).update(status="pending", reviewed_by=None, reviewed_at=None)


class Migration(migrations.Migration):
    dependencies = [("analysis", "0020_correction_consent")]

    operations = [migrations.RunPython(link_consents, migrations.RunPython.noop)]
