"""The project's addresses, with placeholders for the two upper rooms that the filing room links to by name."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from foia.urls import handler400, handler403, handler404, handler500
from foia.urls import urlpatterns as project

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def elsewhere(request: HttpRequest, **named: object) -> HttpResponse:
    return HttpResponse("A page of an upper room.")


tracking = [path("home/", elsewhere, name="home"), path("requests/<str:reference>/", elsewhere, name="request")]
correspondence = [path("ask/<uuid:draft_id>/file/", elsewhere, name="file")]
urlpatterns = [
    *(entry for entry in project if getattr(entry, "namespace", "") not in ("tracking", "correspondence")),
    path("", include((tracking, "tracking"))),
    path("", include((correspondence, "correspondence"))),
]
