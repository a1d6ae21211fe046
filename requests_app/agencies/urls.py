"""Addresses of the agencies room."""

from django.urls import path

from requests_app.agencies import views
from requests_app.agencies.officials import views as officials
from requests_app.agencies.proposals import views as proposals
from requests_app.agencies.status import views as status

app_name = "agencies"
urlpatterns = [
    path("", views.agency_list, name="list"),
    path("add/", views.add, name="add"),
    path("import/", views.import_file, name="import"),
    path("import/<int:pk>/", views.import_preview, name="import-preview"),
    path("import/<int:pk>/apply/", views.import_apply, name="import-apply"),
    path("export.csv", views.export, name="export"),
    path("proposed/", proposals.proposals, name="proposals"),
    path("proposed/<int:pk>/accept/", proposals.accept, name="proposal-accept"),
    path("proposed/<int:pk>/decline/", proposals.decline, name="proposal-decline"),
    path("officials/", officials.officials, name="officials"),
    path("officials/add/", officials.add, name="official-add"),
    path("officials/import/", officials.import_file, name="official-import"),
    path("officials/import/<int:pk>/", officials.import_preview, name="official-import-preview"),
    path("officials/import/<int:pk>/apply/", officials.import_apply, name="official-import-apply"),
    path("officials/export.csv", officials.export, name="official-export"),
    path("officials/<int:pk>/", officials.official, name="official"),
    path("officials/<int:pk>/edit/", officials.edit, name="official-edit"),
    path("officials/<int:pk>/in-office/", officials.retire, name="official-retire"),
    path("officials/<int:pk>/log/", officials.log, name="official-log"),
    path("officials/<int:pk>/log/<int:entry>/settle/", officials.settle, name="official-settle"),
    path("officials/<int:pk>/log/<int:entry>/strike/", officials.strike, name="official-strike"),
    path("status/<str:state>/", status.status, name="status"),
    path("status/<str:state>/add/", status.add, name="status-add"),
    path("status/<str:state>/<int:pk>/withdraw/", status.withdraw, name="status-withdraw"),
    path("<slug:code>/", views.detail, name="detail"),
    path("<slug:code>/edit/", views.edit, name="edit"),
    path("<slug:code>/addresses/add/", views.contact_add, name="contact-add"),
    path("<slug:code>/addresses/<int:pk>/edit/", views.contact_edit, name="contact-edit"),
    path("<slug:code>/addresses/<int:pk>/confirm/", views.contact_confirm, name="contact-confirm"),
    path("<slug:code>/addresses/<int:pk>/retire/", views.contact_retire, name="contact-retire"),
]
