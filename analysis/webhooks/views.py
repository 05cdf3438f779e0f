"""Pages on which users register webhooks and see what was sent to them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from analysis.errors import WebhookError
from analysis.pagination import Cursor, read_page
from analysis.webhooks import services
from analysis.webhooks.forms import WebhookForm
from analysis.webhooks.models import Webhook, WebhookDelivery
from ferproject.errors import http_status

PAGE_SIZE = 25
_FIELD_OF_ERROR = {"bad_webhook_url": "url", "webhook_unresolved": "url", "private_address": "url"}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: HttpRequest) -> HttpResponse:
    """List webhooks, or register one and show its secret, which is not shown again."""
    form, status = WebhookForm(request.POST or None, offers_site=request.user.is_staff), 200
    if form.is_valid():
        try:
            webhook = services.create_webhook(owner=request.user, **form.cleaned_data)
            return render(request, "analysis/webhooks/secret.html", {"webhook": webhook, "is_new": True})
        except WebhookError as error:
            form.add_error(_FIELD_OF_ERROR.get(error.code), error.message)
            status = http_status(error)
    webhooks = Webhook.objects.owned_by(request.user).newest_first()
    context = {
        "webhooks": webhooks,
        "form": form,
        "too_many": len(webhooks) >= services.MAX_WEBHOOKS and services.too_many_text(),
    }
    return render(request, "analysis/webhooks/webhooks.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a webhook with its deliveries, or change where it leads and for what."""
    hook, status = _own(request, pk), 200
    form = WebhookForm(request.POST or None, initial={"url": hook.url, "events": hook.events})
    if form.is_valid():
        try:
            services.change_webhook(webhook=hook, **form.cleaned_data)
            messages.success(request, gettext("Your changes were saved."))
            return _back_to(hook)
        except WebhookError as error:
            form.add_error(_FIELD_OF_ERROR.get(error.code), error.message)
            status = http_status(error)
    deliveries = hook.deliveries.defer("body")
    page = read_page(deliveries, cursor=Cursor.parse(request.GET.get("page", "")), size=PAGE_SIZE)
    context = {"webhook": hook, "form": form, "page": page}
    return render(request, "analysis/webhooks/webhook.html", context, status=status)


@login_required
@require_POST
def webhook_switch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Switch a webhook on, or off where `on` is empty."""
    hook = _own(request, pk)
    services.change_webhook(webhook=hook, is_on=bool(request.POST.get("on")))
    messages.success(
        request, gettext("The webhook was switched on.") if hook.is_on else gettext("The webhook was switched off.")
    )
    return _back_to(hook)


@login_required
@require_POST
def webhook_test(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    hook = _own(request, pk)
    try:
        services.send_test(webhook=hook)
        messages.success(request, gettext("A test event was sent. Reload this page to see the answer."))
    except WebhookError as error:
        messages.error(request, error.message)
    return _back_to(hook)


@never_cache
@login_required
@require_POST
def webhook_secret(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Replace the secret and show the new one."""
    hook = _own(request, pk)
    services.renew_secret(webhook=hook)
    return render(request, "analysis/webhooks/secret.html", {"webhook": hook})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for confirmation, then delete."""
    hook = _own(request, pk)
    if request.method != "POST":
        return render(request, "analysis/webhooks/delete.html", {"webhook": hook})
    services.delete_webhook(webhook=hook)
    messages.success(request, gettext("The webhook was deleted."))
    return redirect("analysis:webhooks")


@login_required
@require_POST
def delivery_resend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    rows = WebhookDelivery.objects.owned_by(request.user).select_related("webhook")
    delivery = get_object_or_404(rows, pk=pk)
    try:
        services.resend_delivery(delivery=delivery)
        messages.success(request, gettext("The event was sent again. Reload this page to see the answer."))
    except WebhookError as error:
        messages.error(request, error.message)
    return _back_to(delivery.webhook)


def _own(request: HttpRequest, pk: uuid.UUID) -> Webhook:
    found: Webhook = get_object_or_404(Webhook.objects.owned_by(request.user), pk=pk)
    return found


def _back_to(hook: Webhook) -> HttpResponse:
    return redirect("analysis:webhook", pk=hook.pk)
