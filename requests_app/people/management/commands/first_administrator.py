"""`python manage.py first_administrator`: print the one-time link of the first account."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from requests_app.people import services
from requests_app.people.mail import link_url


class Command(BaseCommand):
    """Prints the same link until somebody used it or it ran out; afterwards it says that there is nothing to do."""

    help = "Print the one-time link that opens the first administrator's account. May run any number of times."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="", help="their e-mail address; without it, they type it themselves")

    def handle(self, *args: Any, **options: Any) -> None:
        link = services.first_administrator_link(email=options["email"], now=timezone.now())
        if link is None:
            self.stdout.write(
                "There is an administrator already, so no link was made. "
                "If they cannot sign in: python manage.py sign_in_link THEIR-EMAIL"
            )
            return
        self.stdout.write(
            "Open this link in a browser to make the first administrator's account. It works once, until "
            f"{link.expires_at:%A, %B} {link.expires_at.day}, {link.expires_at:%Y, %H:%M} UTC:\n\n  {link_url(link)}\n"
        )
