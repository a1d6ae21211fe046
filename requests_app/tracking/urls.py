"""Addresses of the tracking room. The front page at `/` is publishing's; it sends the signed-in here."""

from django.urls import path

from requests_app.tracking import campaign_views, exemptions, views
from requests_app.tracking.calendar import date_views, feed_views
from requests_app.tracking.calendar import views as calendar
from requests_app.tracking.desk import acts as desk_acts
from requests_app.tracking.desk import bulk as desk_bulk
from requests_app.tracking.desk import looks as desk_looks
from requests_app.tracking.desk import people as desk_people
from requests_app.tracking.desk import views as desk
from requests_app.tracking.evidence import views as evidence
from requests_app.tracking.officials import views as officials
from requests_app.tracking.recalculation import views as recalculation
from requests_app.tracking.reminders import views as reminders
from requests_app.tracking.statistics import agency_page, report_views
from requests_app.tracking.statistics import views as statistics

app_name = "tracking"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("letters/", views.letters, name="letters"),
    path("desk/", desk.desk, name="desk"),
    path("desk/bulk/", desk_bulk.bulk, name="desk-bulk"),
    path("desk/views/", desk_looks.views, name="desk-views"),
    path("desk/views/first/", desk_looks.open_with, name="desk-first-view"),
    path("desk/views/<int:pk>/remove/", desk_looks.remove_view, name="desk-view-remove"),
    path("desk/views/<int:pk>/share/", desk_looks.share_view, name="desk-view-share"),
    path("desk/look/", desk_looks.look, name="desk-look"),
    path("desk/people/", desk_people.people, name="desk-people"),
    path("desk/people/<slug:handle>/", desk_people.hand_over, name="hand-over"),
    path("desk/undo/<slug:what>/<int:pk>/", desk_acts.undo, name="desk-undo"),
    path("desk/rows/<str:reference>/", desk_acts.row, name="desk-row"),
    path("desk/rows/<str:reference>/record/", desk_acts.choose_event, name="desk-record-what"),
    path("desk/rows/<str:reference>/record/<slug:kind>/", desk_acts.record, name="desk-record"),
    path("desk/rows/<str:reference>/letter/", desk_acts.letter, name="desk-letter"),
    path("desk/rows/<str:reference>/snooze/", desk_acts.snooze, name="desk-snooze"),
    path("desk/rows/<str:reference>/wake/", desk_acts.wake, name="desk-wake"),
    path("desk/rows/<str:reference>/assign/", desk_acts.assign, name="desk-assign"),
    path("desk/rows/<str:reference>/note/", desk_acts.note, name="desk-note"),
    path("campaigns/", campaign_views.campaigns, name="campaigns"),
    path("campaigns/<int:pk>/", campaign_views.campaign, name="campaign"),
    path("campaigns/<int:pk>/summary.csv", campaign_views.campaign_csv, name="campaign-csv"),
    path("campaigns/<int:pk>/summary.pdf", campaign_views.campaign_pdf, name="campaign-pdf"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request_page, name="request"),
    path("requests/<str:reference>/mute/", reminders.mute, name="mute"),
    path("mutes/", reminders.mutes, name="mutes"),
    path("mutes/<int:pk>/agree/", reminders.mute_confirm, name="mute-confirm"),
    path("mutes/<int:pk>/end/", reminders.mute_end, name="mute-end"),
    path("reminders/", reminders.policy, name="policy"),
    path("reminders/<str:duty_of>/<str:kind>/", reminders.policy_rule, name="policy-rule"),
    path("reminders/<str:duty_of>/<str:kind>/change/", reminders.policy_change, name="policy-change"),
    path("undelivered/", reminders.undelivered_mail, name="undelivered"),
    path("undelivered/<str:box>/<int:pk>/again/", reminders.undelivered_again, name="undelivered-again"),
    path("undelivered/<str:box>/<int:pk>/leave/", reminders.undelivered_leave, name="undelivered-leave"),
    path("requests/<str:reference>/evidence/", evidence.page, name="evidence"),
    path("requests/<str:reference>/evidence.pdf", evidence.binder, name="evidence-pdf"),
    path("requests/<str:reference>/evidence.zip", evidence.archive, name="evidence-zip"),
    path("requests/<str:reference>/dates/", date_views.dates, name="dates"),
    path("requests/<str:reference>/dates/<int:pk>/", date_views.date, name="date"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feeds/", feed_views.feeds, name="feeds"),
    path("calendar/feeds/<int:pk>/close/", feed_views.revoke, name="feed-revoke"),
    path("feeds/<str:secret>.ics", feed_views.feed, name="feed"),
    path("feeds/<path:address>", feed_views.no_feed, name="no-feed"),
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
