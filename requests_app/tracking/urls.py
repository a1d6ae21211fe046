"""Addresses of the tracking room. The front page at `/` is publishing's; it sends the signed-in here."""

from django.urls import path

from requests_app.tracking import campaign_views, exemptions, views
from requests_app.tracking.calendar import date_views, feed_views
from requests_app.tracking.calendar import views as calendar
from requests_app.tracking.evidence import views as evidence
from requests_app.tracking.officials import views as officials

app_name = "tracking"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("letters/", views.letters, name="letters"),
    path("desk/", views.desk, name="desk"),
    path("campaigns/", campaign_views.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", campaign_views.campaign, name="campaign"),
    path("campaigns/<int:pk>/summary.csv", campaign_views.campaign_csv, name="campaign-csv"),
    path("campaigns/<int:pk>/summary.pdf", campaign_views.campaign_pdf, name="campaign-pdf"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request_page, name="request"),
    path("requests/<str:reference>/evidence/", evidence.page, name="evidence"),
    path("requests/<str:reference>/evidence.pdf", evidence.binder, name="evidence-pdf"),
    path("requests/<str:reference>/evidence.zip", evidence.archive, name="evidence-zip"),
    path("requests/<str:reference>/dates/", date_views.dates, name="dates"),
    path("requests/<str:reference>/dates/<int:pk>/", date_views.date, name="date"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feeds/", feed_views.feeds, name="feeds"),
    path("calendar/feeds/<int:pk>/close/", feed_views.revoke, name="feed-revoke"),
    path("feeds/<str:secret>.ics", feed_views.feed, name="feed"),
    path("exemptions/", exemptions.index, name="exemptions"),
    path("exemptions/<str:code>/", exemptions.library, name="exemption-library"),
    path("officials/letters/", officials.letters, name="official-letters"),
    path("officials/<int:pk>/letter/", officials.letter, name="official-letter"),
    path("officials/<int:pk>/call/", officials.call, name="official-call"),
]
