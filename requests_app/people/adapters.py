"""Accounts come by invitation only."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Closes public sign-up: `services.accept_invitation` is the one way in."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
