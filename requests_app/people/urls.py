"""Addresses of the people room."""

from django.urls import path, register_converter

from requests_app.people import views
from requests_app.people.absences import views as absences
from requests_app.people.models import Role
from requests_app.people.notices import views as telling


class RoleConverter:
    """A role in an address; any other word leads nowhere."""

    regex = "|".join(Role.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RoleConverter, "role")

app_name = "people"
urlpatterns = [
    path("", views.people_list, name="list"),
    path("me/", views.me, name="me"),
    path("me/address/", views.my_address, name="my-address"),
    path("me/address/withdraw/", views.withdraw_address, name="withdraw-address"),
    path("me/address/<str:token>/", views.confirm_address, name="confirm-address"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/back/", absences.come_back, name="come-back"),
    path("welcome/", views.welcome, name="welcome"),
    path("me/telling/", telling.preferences, name="preferences"),
    path("notices/", telling.notices, name="notices"),
    path("notices/read/", telling.notices_read, name="notices-read"),
    path("notices/<int:pk>/read/", telling.notice_read, name="notice-read"),
    path("notices/<int:pk>/open/", telling.notice_open, name="notice-open"),
    path("mail/<str:token>/", telling.unsubscribe, name="unsubscribe"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<int:pk>/withdraw/", views.withdraw_invitation, name="withdraw-invitation"),
    path("join/<str:token>/", views.accept, name="accept"),
    path("way-in/<str:token>/", views.way_in, name="way-in"),
    path("<int:pk>/", views.person_page, name="person"),
    path("<int:pk>/give/<role:role>/", views.grant, name="grant"),
    path("<int:pk>/take/<role:role>/", views.revoke, name="revoke"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
