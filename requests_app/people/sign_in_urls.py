"""Signing in and the second factor: the pages of django-allauth that we want, named one by one.

What is not here does not exist: public sign-up (one page says that accounts come by invitation), several e-mail
addresses (people:my-address changes the one), sign-in by mailed code, sign-in through other sites.
"""

from allauth.account import views
from allauth.account.decorators import reauthentication_required
from django.urls import include, path, re_path

urlpatterns = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("closed/", views.account_inactive, name="account_inactive"),
    path("sign-up/", views.signup, name="account_signup"),  # says that sign-up is closed (adapters.py)
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    # For an account that has only passkeys: changing leads here. The passkey is asked for once more.
    path("password/set/", reauthentication_required(views.password_set), name="account_set_password"),
    path("password/forgotten/", views.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/forgotten/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("second-factor/", include("allauth.mfa.urls")),
]
