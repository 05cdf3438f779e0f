"""Addresses of the set-up, the user's account, invitations and the site's settings."""

from django.urls import path, re_path

from accounts import email_views, views
from accounts.notices import views as notice_views
from accounts.privacy import views as privacy_views
from accounts.security import views as security_views
from accounts.tokens import views as token_views

app_name = "accounts"
urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("invite/<str:token>/", views.accept_invitation, name="accept-invitation"),
    path("account/", views.profile, name="profile"),
    path("account/security/", security_views.security_log, name="security-log"),
    path("account/sessions/<int:pk>/end/", security_views.end_session, name="end-session"),
    # Before allauth's own addresses.
    path("accounts/sessions/", security_views.sessions, name="sessions"),
    path("accounts/email/", email_views.email),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", email_views.confirm_email),
    path("account/language/", views.language, name="language"),
    path("account/time-zone/", views.time_zone, name="time-zone"),
    path("account/time-zone/found/", views.save_browser_time_zone, name="time-zone-found"),
    path("account/delete/", privacy_views.delete_account, name="delete"),
    path("account/notices/", notice_views.notices, name="notices"),
    path("account/retention/", privacy_views.retention, name="retention"),
    path("account/space/", privacy_views.space, name="space"),
    path("account/export/", privacy_views.takeout, name="takeout"),
    path("account/tokens/", token_views.token_list, name="tokens"),
    path("account/tokens/new/", token_views.create_token, name="create-token"),
    path("account/tokens/<uuid:pk>/revoke/", token_views.revoke_token, name="revoke-token"),
    path("site/", views.site_settings, name="settings"),
    path("site/second-factor/", views.change_second_factor, name="second-factor"),
    path("site/quota/", views.change_quota, name="quota"),
    path("site/invitations/", views.create_invitation, name="create-invitation"),
    path("site/invitations/<int:pk>/revoke/", views.revoke_invitation, name="revoke-invitation"),
]
