"""Addresses under /api/; each app includes its own endpoints of version 1."""

from django.urls import include, path, re_path

from ferproject.api import schema  # noqa: F401  # registers the authentication schemes
from ferproject.api.views import NotFoundView, SchemaView, docs

app_name = "api"
version_1 = [
    path("", include("accounts.api_urls")),
    path("", include("analysis.api_urls")),
    path("", include("training.api_urls")),
]
urlpatterns = [
    path("v1/", include(version_1)),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    re_path(r"^", NotFoundView.as_view(), name="nothing"),
]
