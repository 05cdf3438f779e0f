"""Users, e-mail addresses and invitations in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ManyToManyField, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.errors import AccountsError
from accounts.forms import PasswordChangeForm, UserCreationForm
from accounts.models import Invitation, User
from accounts.privacy.deletion import request_deletion
from accounts.security import admin as security_admin  # noqa: F401  # registers its models
from accounts.security.services import Kind, record_event
from analysis.audit.admin import ReadOnlyAdmin, ViewRecordingAdmin
from training.runs.contributions import versions_learnt_from

# The admin's own sign-in page has no rate limits and no e-mail verification.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


_ACTIONS = {"add": _("Add"), "change": _("Change"), "delete": _("Delete"), "view": _("View")}


class GroupsOrPermissionsField(ModelMultipleChoiceField):
    """Permissions on what the admin has, by what they allow in the active language; their rows say it in English."""

    def __init__(self, queryset: QuerySet[Any], **options: Any) -> None:
        if queryset.model is Permission:
            types = ContentType.objects.get_for_models(*admin.site._registry)
            queryset = queryset.filter(content_type__in=types.values())
        super().__init__(queryset, **options)

    def label_from_instance(self, obj: Any) -> str:
        if not isinstance(obj, Permission):
            return str(obj)
        action = _ACTIONS.get(obj.codename.partition("_")[0], obj.name)
        return f"{obj.content_type} | {action}"


CHECKBOXES: dict[type[Any], dict[str, Any]] = {
    ManyToManyField: {"widget": CheckboxSelectMultiple, "form_class": GroupsOrPermissionsField}
}
"""Groups and permissions, instead of Django's two lists, which phones and screen readers have trouble with."""

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    filter_horizontal = ()
    formfield_overrides = CHECKBOXES


@admin.register(User)
class UserAdmin(ViewRecordingAdmin, DjangoUserAdmin):
    add_form = UserCreationForm
    change_password_form = PasswordChangeForm
    filter_horizontal = ()
    formfield_overrides = CHECKBOXES
    readonly_fields = ("last_login", "date_joined")
    ordering = ("-date_joined",)
    actions = ("delete_selected",)
    list_display = ("email", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Name"), {"fields": ("first_name", "last_name")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Storage"), {"fields": ("quota_megabytes",)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)

    def owner_id_of(self, row: User) -> int:
        return row.pk

    def audit_name(self, row: User) -> str:
        return ""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], list]:
        """Describe what is deleted; Django would list rows and require permissions for each of their models."""
        lines = []
        for user in objs:
            line = gettext("%(user)s: the account with its photos, results, corrections, sessions, videos and consents")
            lines.append(line % {"user": user})
            if versions := versions_learnt_from(user=user):
                line = gettext("These versions, which learnt from the corrections of %(user)s, are kept: %(versions)s")
                lines.append(line % {"user": user, "versions": ", ".join(versions)})
        return lines, {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:
        try:
            return super().delete_view(request, object_id, extra_context)
        except AccountsError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[object_id]))

    @admin.action(description=_("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase | None:
        """Django's action, which deletes none of the users if one of them cannot be deleted."""
        try:
            with transaction.atomic():
                return delete_selected(self, request, queryset)
        except AccountsError as error:
            message = gettext("No account was deleted. %(reason)s") % {"reason": error.message}
            self.message_user(request, message, messages.ERROR)
            return None

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[User]) -> None:
        """Request the deletions, which a worker does."""
        for user in queryset:
            request_deletion(user=user, by=request.user)
        message = gettext("Deleted accounts are locked now. They and all their data are gone in about a minute.")
        self.message_user(request, message)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        record_event(request=request, kind=Kind.CHANGED_BY_ADMINISTRATOR, user=obj)
        return super().log_change(request, obj, message)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            services.sync_email_addresses(user=obj)


admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(ViewRecordingAdmin, AllauthEmailAddressAdmin):
    def owner_id_of(self, row: EmailAddress) -> int:
        return row.user_id


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations are created on the page of the site's settings, which shows the link."""

    list_display = ("__str__", "created_by", "created_at", "expires_at", "used_at", "used_by")
    list_select_related = ("created_by", "used_by")
    list_filter = ("used_at", "expires_at")
