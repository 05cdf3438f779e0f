"""Every address of the site; each app brings its own."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Expressions: administration"

urlpatterns = [
    path("", include("analysis.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
