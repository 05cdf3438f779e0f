"""Fixtures of bulk actions."""

import pytest

from analysis.bulk import services
from analysis.photos.models import Photo


@pytest.fixture
def act(user):
    """Start a job on the user's photos, or on the rows given."""

    def act(action, rows=None, kind="photos", **options):
        rows = Photo.objects.owned_by(user) if rows is None else rows
        return services.start_job(owner=user, action=action, kind=kind, rows=rows, **options)

    return act


@pytest.fixture
def sent(monkeypatch):
    """The ids of the jobs whose tasks were sent."""
    found = []
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, row_id: found.append(row_id))
    return found
