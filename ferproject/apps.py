"""Django's admin with the site's own `AdminSite`."""

from __future__ import annotations

from django.contrib.admin.apps import SimpleAdminConfig


class AdminConfig(SimpleAdminConfig):
    default_site = "ferproject.admin_site.AdminSite"
