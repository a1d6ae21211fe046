"""Addresses of the tracking room. The front page at `/` is publishing's; it sends the signed-in here."""

from django.urls import path

from requests_app.tracking import campaign_views, exemptions, views
from requests_app.tracking.evidence import views as evidence
from requests_app.tracking.officials import views as officials
from requests_app.tracking.recalculation import views as recalculation
from requests_app.tracking.statistics import agency_page, report_views
from requests_app.tracking.statistics import views as statistics

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
    path("moved-dates/", recalculation.recalculations, name="recalculations"),
    path("moved-dates/ask/", recalculation.ask, name="recalculation-ask"),
    path("moved-dates/<int:pk>/", recalculation.recalculation, name="recalculation"),
    path("moved-dates/<int:pk>/moved.csv", recalculation.moved_csv, name="recalculation-csv"),
    path("exemptions/", exemptions.index, name="exemptions"),
    path("exemptions/<str:code>/", exemptions.library, name="exemption-library"),
    path("statistics/", statistics.page, name="statistics"),
    path("statistics/table.csv", statistics.table_csv, name="statistics-csv"),
    path("statistics/table.xlsx", statistics.table_xlsx, name="statistics-xlsx"),
    path("statistics/requests.csv", statistics.requests_csv, name="statistics-requests"),
    path("agencies/<slug:code>/record/", agency_page.page, name="agency"),
    path("reports/", report_views.index, name="reports"),
    path("reports/<int:pk>/report.pdf", report_views.pdf, name="report-pdf"),
    path("officials/letters/", officials.letters, name="official-letters"),
    path("officials/<int:pk>/letter/", officials.letter, name="official-letter"),
    path("officials/<int:pk>/call/", officials.call, name="official-call"),
]
