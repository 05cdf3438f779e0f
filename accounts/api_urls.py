from django.urls import path

from accounts.api.views import MeView
from accounts.notices.api import NoticesView

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("notices/", NoticesView.as_view(), name="notices"),
]
