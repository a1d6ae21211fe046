"""Which address belongs to which room."""

from django.contrib import admin
from django.urls import include, path

from foia import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("account/", include("requests_app.people.sign_in_urls")),
    path("people/", include("requests_app.people.urls")),
    path("agencies/", include("requests_app.agencies.urls")),
    path("kits/", include("requests_app.kits.urls")),
    path("", include("requests_app.filing.urls")),
    path("documents/", include("requests_app.documents.urls")),
    path("hand-in/", include("requests_app.documents.handed_in.public_urls")),
    path("", include("requests_app.correspondence.urls")),
    path("review/", include("requests_app.review.urls")),
    path("", include("requests_app.tracking.urls")),
    path("", include("requests_app.publishing.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "foia.errors.bad_request"
handler403 = "foia.errors.permission_denied"
handler404 = "foia.errors.not_found"
handler500 = "foia.errors.server_error"
