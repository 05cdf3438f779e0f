"""What makes the site an app that can be installed: manifest, service worker and its offline page, and the icon."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

OFFLINE_FILES = [
    *("css/shared/variables.css", "css/shared/dark.css", "css/shared/base.css", "css/shared/layout.css"),
    *("css/shared/components.css", "favicon.svg"),
]
"""Static files of the offline page: with that page, all that the service worker stores."""
ICONS = [
    *((f"app/icon-{size}.png", size, "any") for size in (192, 512)),
    ("app/maskable-512.png", 512, "maskable"),
]
PAGES = [
    (gettext_lazy("Upload"), "analysis:upload"),
    (gettext_lazy("Live"), "analysis:live"),
    (gettext_lazy("History"), "analysis:history"),
]
HOUR = 3600


@require_safe
@cache_control(public=True, max_age=HOUR)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest, with which browsers offer to install the site and phones to share photos with it."""
    icons = [
        {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    content = {
        "id": "/",
        "name": "Expressions",
        "short_name": "Expressions",
        "lang": get_language(),
        "description": _("Recognizes the apparent expression of every face in your photos, on your own server."),
        "start_url": reverse("analysis:upload"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf9f7",
        "theme_color": "#4840b8",
        "icons": icons,
        "shortcuts": [{"name": str(name), "url": reverse(url), "icons": icons[:1]} for name, url in PAGES],
        "share_target": {
            "action": reverse("analysis:shared"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photo", "accept": ["image/*"]}]},
        },
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which stores the offline page alone; a new release is a new script, and a new cache."""
    files = [reverse("offline"), *(static(name) for name in OFFLINE_FILES)]
    context = {"files": files, "offline": reverse("offline"), "shared": reverse("analysis:shared")}
    context["upload"] = reverse("analysis:upload")
    return render(request, "web_app/service_worker.js", context, content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=HOUR)
def offline(request: HttpRequest) -> HttpResponse:
    """The page shown without a connection; it says nothing about anybody."""
    return render(request, "web_app/offline.html")


@require_safe
@cache_control(public=True, max_age=HOUR)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """The icon, where browsers look for one unasked, as beside a picture."""
    return HttpResponseRedirect(static("favicon.svg"))
