"""The admin's list of models, by what they are about instead of the package they come from."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

# Of `settings.ADMIN_GROUPS`: marked there, they would have Django read the settings before they are whole.
GROUP_NAMES = (gettext_noop("Recognition"), gettext_noop("People"), gettext_noop("Security"))


class AdminSite(admin.AdminSite):
    site_header = site_title = _("Expressions administration")
    index_title = _("Administration")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the groups of `ADMIN_GROUPS` with the models that the user may see, then all other models."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {
            f"{app['app_label']}.{model['object_name'].lower()}": model for app in apps for model in app["models"]
        }
        groups = {
            name: [models.pop(label) for label in labels if label in models]
            for name, labels in settings.ADMIN_GROUPS.items()
        }
        groups[gettext_noop("More")] = list(models.values())
        return [
            {"name": gettext(name), "app_label": name.lower(), "app_url": "", "has_module_perms": True, "models": found}
            for name, found in groups.items()
            if found
        ]
