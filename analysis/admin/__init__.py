"""This app's pages in the admin, by subject."""

from analysis.admin import audit, corrections, photos, versions

__all__ = ["audit", "corrections", "photos", "versions"]
