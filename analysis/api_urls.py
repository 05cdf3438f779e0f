"""Addresses of photos, sessions, videos and their history under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from analysis.albums.api import AlbumViewSet, TagViewSet
from analysis.bulk.api import BulkViewSet
from analysis.corrections.api import CorrectionView, FaceView, MarkView
from analysis.dashboard.api import HistoryView, SummaryView
from analysis.dashboard.api_files import ChartView, CsvExportView, JsonExportView
from analysis.photos.api import AnalysisViewSet
from analysis.sessions.api import SessionViewSet
from analysis.sharing.api import LinkViewSet
from analysis.versions.api import VersionViewSet
from analysis.videos.api import VideoViewSet
from analysis.webhooks.api import DeliveryViewSet, WebhookViewSet

router = SimpleRouter(use_regex_path=False)
router.register("analyses", AnalysisViewSet, "analysis")
router.register("sessions", SessionViewSet, "session")
router.register("links", LinkViewSet, "link")
router.register("videos", VideoViewSet, "video")
router.register("albums", AlbumViewSet, "album")
router.register("tags", TagViewSet, "tag")
router.register("bulk", BulkViewSet, "bulk")
router.register("versions", VersionViewSet, "version")
router.register("webhooks", WebhookViewSet, "webhook")
router.register("webhook-deliveries", DeliveryViewSet, "webhook-delivery")

urlpatterns = [
    path("", include(router.urls)),
    path("analyses/<uuid:pk>/faces/", MarkView.as_view(), name="face-mark"),
    path("faces/<int:pk>/", FaceView.as_view(), name="face"),
    path("faces/<int:pk>/correction/", CorrectionView.as_view(), name="face-correction"),
    path("history/", HistoryView.as_view(), name="history"),
    path("history/summary/", SummaryView.as_view(), name="history-summary"),
    path("history/chart.png", ChartView.as_view(), name="history-chart"),
    path("history/export.csv", CsvExportView.as_view(), name="history-csv"),
    path("history/export.json", JsonExportView.as_view(), name="history-json"),
]
