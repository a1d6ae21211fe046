"""The addresses that the shell links to, so that its tests do not wait for the rooms that answer them."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest, **_: object) -> HttpResponse:
    """Answer nothing: the tests only need the names."""
    return HttpResponse()


urlpatterns = [
    path("account/", include("allauth.urls")),
    path("people/", include(([path("me/", page, name="me"), path("notices/", page, name="notices")], "people"))),
    path("home/", include(([path("", page, name="home")], "tracking"))),
    path(
        "",
        include(
            (
                [
                    path("", page, name="front"),
                    path("law/", page, name="law-list"),
                    path("calculator/", page, name="calculator"),
                ],
                "publishing",
            )
        ),
    ),
]
