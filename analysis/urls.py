"""URLs of the pages."""

from django.urls import path

from analysis.albums import views as album_views
from analysis.bulk import views as bulk_views
from analysis.comparing import views as comparing_views
from analysis.consents import views as consent_views
from analysis.corrections import review_views
from analysis.corrections import views as correction_views
from analysis.dashboard import views as dashboard_views
from analysis.live import views as live_views
from analysis.photos import file_views, views
from analysis.sessions import views as session_views
from analysis.sharing import public_views as shared_views
from analysis.sharing import views as sharing_views
from analysis.videos import views as video_views
from analysis.webhooks import views as webhook_views

app_name = "analysis"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("photos/new/", views.upload, name="upload"),
    path("photos/", views.photo_create, name="photo-create"),
    path("photos/shared/", views.shared, name="shared"),
    path("photos/sample/", views.sample_create, name="sample-create"),
    path("photos/delete/", bulk_views.delete_many, {"kind": "photos"}, name="photos-delete"),
    path("photos/<uuid:pk>/", views.detail, name="detail"),
    path("photos/<uuid:pk>/delete/", bulk_views.delete_one, {"kind": "photos"}, name="delete"),
    path("photos/<uuid:pk>/albums/", album_views.item_albums, {"kind": "photos"}, name="photo-albums"),
    path("photos/<uuid:pk>/image.jpg", file_views.photo_file, {"field": "picture"}, name="image"),
    path("photos/<uuid:pk>/thumbnail.webp", file_views.photo_file, {"field": "thumbnail"}, name="thumbnail"),
    path("photos/<uuid:pk>/annotated.jpg", file_views.annotated, name="annotated"),
    path("photos/<uuid:pk>/faces/", correction_views.mark, name="face-mark"),
    path("review/", review_views.review, name="review"),
    path("faces/<int:pk>/unmark/", correction_views.unmark, name="face-unmark"),
    path("faces/<int:pk>/correct/", correction_views.correct, name="face-correct"),
    path("corrections/<int:pk>/withdraw/", correction_views.withdraw, name="correction-withdraw"),
    path("corrections/<int:pk>/face.jpg", correction_views.face_image, name="correction-face"),
    path("account/consents/", consent_views.consent_list, name="consents"),
    path("account/consents/<str:purpose>/", consent_views.consent, name="consent"),
    path("live/", live_views.live, name="live"),
    path("dashboard/", dashboard_views.dashboard, name="dashboard"),
    path("dashboard/series/", dashboard_views.series, name="series"),
    path("history/chart.png", dashboard_views.chart_png, name="chart-png"),
    path("history/", views.history, name="history"),
    path("history/export.csv", dashboard_views.export, {"format": "csv"}, name="export-csv"),
    path("history/export.json", dashboard_views.export, {"format": "json"}, name="export-json"),
    path("history/again/", views.reanalysis_progress, name="reanalysis"),
    path("history/again/start/", views.reanalysis_start, name="reanalysis-start"),
    path("history/again/<uuid:pk>/cancel/", views.reanalysis_cancel, name="reanalysis-cancel"),
    path("history/again/<uuid:pk>/dismiss/", views.reanalysis_dismiss, name="reanalysis-dismiss"),
    path("albums/", album_views.albums, name="albums"),
    path("albums/<uuid:pk>/", album_views.album, name="album"),
    path("albums/<uuid:pk>/edit/", album_views.album_edit, name="album-edit"),
    path("albums/<uuid:pk>/delete/", album_views.album_delete, name="album-delete"),
    path("bulk/", bulk_views.jobs, name="bulk-jobs"),
    path("bulk/photos/", bulk_views.act, {"kind": "photos"}, name="bulk-photos"),
    path("bulk/sessions/", bulk_views.act, {"kind": "sessions"}, name="bulk-sessions"),
    path("bulk/videos/", bulk_views.act, {"kind": "videos"}, name="bulk-videos"),
    path("bulk/<uuid:pk>/cancel/", bulk_views.job_cancel, name="bulk-cancel"),
    path("bulk/<uuid:pk>/dismiss/", bulk_views.job_dismiss, name="bulk-dismiss"),
    path("bulk/<uuid:pk>/download.zip", bulk_views.job_download, name="bulk-download"),
    path("sessions/delete/", bulk_views.delete_many, {"kind": "sessions"}, name="sessions-delete"),
    path("videos/delete/", bulk_views.delete_many, {"kind": "videos"}, name="videos-delete"),
    path("sessions/", session_views.sessions, name="sessions"),
    path("sessions/<uuid:pk>/", session_views.session, name="session"),
    path("sessions/<uuid:pk>/edit/", session_views.session_edit, name="session-edit"),
    path("sessions/<uuid:pk>/face/", session_views.session_face, name="session-face"),
    path("sessions/<uuid:pk>/albums/", album_views.item_albums, {"kind": "sessions"}, name="session-albums"),
    path("sessions/<uuid:pk>/delete/", bulk_views.delete_one, {"kind": "sessions"}, name="session-delete"),
    path("sessions/<uuid:pk>/data.json", session_views.session_data, name="session-data"),
    path("sessions/<uuid:pk>/samples.csv", session_views.session_csv_file, name="session-csv"),
    path("videos/", video_views.video_list, name="videos"),
    path("videos/<uuid:pk>/", video_views.video_detail, name="video-detail"),
    path("videos/<uuid:pk>/part/", video_views.video_part, name="video-part"),
    path("videos/<uuid:pk>/progress/", video_views.video_progress, name="video-progress"),
    path("videos/<uuid:pk>/cancel/", video_views.video_cancel, name="video-cancel"),
    path("videos/<uuid:pk>/retry/", video_views.video_retry, name="video-retry"),
    path("videos/<uuid:pk>/delete/", bulk_views.delete_one, {"kind": "videos"}, name="video-delete"),
    path("videos/<uuid:pk>/annotated/", video_views.video_annotated, name="video-annotated"),
    path("photos/<uuid:pk>/share/", sharing_views.share, {"kind": "photo"}, name="share-photo"),
    path("albums/<uuid:pk>/share/", sharing_views.share, {"kind": "album"}, name="share-album"),
    path("sessions/<uuid:pk>/share/", sharing_views.share, {"kind": "session"}, name="share-session"),
    path("account/webhooks/", webhook_views.webhook_list, name="webhooks"),
    path("account/webhooks/<uuid:pk>/", webhook_views.webhook, name="webhook"),
    path("account/webhooks/<uuid:pk>/switch/", webhook_views.webhook_switch, name="webhook-switch"),
    path("account/webhooks/<uuid:pk>/test/", webhook_views.webhook_test, name="webhook-test"),
    path("account/webhooks/<uuid:pk>/secret/", webhook_views.webhook_secret, name="webhook-secret"),
    path("account/webhooks/<uuid:pk>/delete/", webhook_views.webhook_delete, name="webhook-delete"),
    path("account/webhooks/deliveries/<uuid:pk>/resend/", webhook_views.delivery_resend, name="delivery-resend"),
    path("account/links/", sharing_views.link_list, name="links"),
    path("account/links/<uuid:pk>/revoke/", sharing_views.link_revoke, name="link-revoke"),
    path("s/<str:token>/", shared_views.shared, name="shared"),
    path("s/<str:token>/photos/<uuid:pk>/", shared_views.shared_photo, name="shared-photo"),
    path(
        "s/<str:token>/photos/<uuid:pk>/image.jpg",
        shared_views.shared_photo_file,
        {"field": "picture"},
        name="shared-image",
    ),
    path(
        "s/<str:token>/photos/<uuid:pk>/thumbnail.webp",
        shared_views.shared_photo_file,
        {"field": "thumbnail"},
        name="shared-thumbnail",
    ),
    path("s/<str:token>/sessions/<uuid:pk>/", shared_views.shared_session, name="shared-session"),
    path("s/<str:token>/sessions/<uuid:pk>/data.json", shared_views.shared_session_data, name="shared-session-data"),
    path("s/<str:token>/sessions/<uuid:pk>/video/", shared_views.shared_session_video, name="shared-session-video"),
    path("photos/compare/", comparing_views.compare_photos, name="compare-photos"),
    path("sessions/compare/", comparing_views.compare_sessions, name="compare-sessions"),
    path("model/compare/", comparing_views.compare_versions, name="compare-versions"),
    path("model/", views.about_model, name="about-model"),
    path("sample.webp", file_views.sample_picture, name="sample-picture"),
]
