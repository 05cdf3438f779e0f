"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from ferproject import web_app
from ferproject.languages import javascript_catalog
from ferproject.security_txt import security_txt

admin.autodiscover()

urlpatterns = [
    path("", include("analysis.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("ferproject.api.urls")),
    path("manifest.webmanifest", web_app.manifest, name="manifest"),
    path("service-worker.js", web_app.service_worker, name="service-worker"),
    path("offline/", web_app.offline, name="offline"),
    path("language/", set_language, name="set-language"),
    path("javascript-catalog.js", javascript_catalog, name="javascript-catalog"),
    path("favicon.ico", web_app.favicon, name="favicon"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
]
handler400 = "ferproject.error_pages.bad_request"
handler403 = "ferproject.error_pages.permission_denied"
handler404 = "ferproject.error_pages.page_not_found"
handler429 = "accounts.rate_limits.too_many_requests"
handler500 = "ferproject.error_pages.server_error"
