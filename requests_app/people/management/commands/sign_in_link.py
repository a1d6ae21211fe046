"""`python manage.py sign_in_link EMAIL`: a way back in for somebody who lost their password or second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.people import services
from requests_app.people.mail import link_url
from requests_app.people.models import Person


class Command(BaseCommand):
    """Prints a one-time link by which one person sets a new password. Earlier ones stop working."""

    help = "Print a one-time link by which a person sets a new password. It works once, for one day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the e-mail address with which the person signs in")
        parser.add_argument(
            "--reset-second-factor",
            action="store_true",
            help="also remove their authenticator app, passkeys and recovery codes when the link is used",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']}. Check the spelling.")
        if not person.is_active:
            raise CommandError(
                f"The account of {person.handle} is closed. An administrator can open it again on their page; "
                "then run this again."
            )
        link = services.make_way_in(person.pk, resets_second_factor=options["reset_second_factor"], now=timezone.now())
        asks = "removes their second factor" if link.resets_second_factor else "keeps their second factor"
        self.stdout.write(
            f"Give this link to {person.handle} and to nobody else. It works once, for one day, and {asks}:\n\n"
            f"  {link_url(link)}\n"
        )
