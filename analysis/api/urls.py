"""Addresses of photos, sessions, videos and their history under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from analysis.api.analyses import AnalysisViewSet
from analysis.api.faces import CorrectionView, FaceView
from analysis.api.history import HistoryView, SummaryView
from analysis.api.history_files import ChartView, CsvExportView, JsonExportView
from analysis.api.sessions import SessionViewSet
from analysis.api.versions import VersionViewSet
from analysis.api.videos import VideoViewSet

router = SimpleRouter(use_regex_path=False)
router.register("analyses", AnalysisViewSet, "analysis")
router.register("sessions", SessionViewSet, "session")
router.register("videos", VideoViewSet, "video")
router.register("versions", VersionViewSet, "version")

urlpatterns = [
    path("", include(router.urls)),
    path("faces/<int:pk>/", FaceView.as_view(), name="face"),
    path("faces/<int:pk>/correction/", CorrectionView.as_view(), name="face-correction"),
    path("history/", HistoryView.as_view(), name="history"),
    path("history/summary/", SummaryView.as_view(), name="history-summary"),
    path("history/chart.png", ChartView.as_view(), name="history-chart"),
    path("history/export.csv", CsvExportView.as_view(), name="history-csv"),
    path("history/export.json", JsonExportView.as_view(), name="history-json"),
]
