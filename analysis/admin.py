"""This app's pages in the admin, by subject."""

from analysis.audit import admin as audit
from analysis.corrections import admin as corrections
from analysis.photos import admin as photos
from analysis.sharing import admin as sharing
from analysis.versions import admin as versions
from analysis.webhooks import admin as webhooks

__all__ = ["audit", "corrections", "photos", "sharing", "versions", "webhooks"]
