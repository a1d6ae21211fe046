"""`python manage.py erase_mail 17 --why "…" --by HANDLE`: erase a message that came in, for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.correspondence.incoming import permissions, services
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.people.models import Person


class Command(BaseCommand):
    """The same as the page "Erase" of the message does, for an administrator."""

    help = "Erase a message and every copy of it for good. Who did it, when and why stays; documents of its files stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("message", type=int, help="Its number, as in the address of its page: /mail/17/.")
        parser.add_argument("--why", required=True, help="The reason; it stays for good.")
        parser.add_argument("--by", required=True, metavar="HANDLE", help="The administrator who does it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase it and say how many copies there were."""
        number = options["message"]
        if not 0 < number < 2**63 or not IncomingMessage.objects.filter(pk=number).exists():
            raise CommandError("There is no such message. Nothing was erased.")
        by = Person.objects.filter(handle__iexact=_storable(options["by"]), is_active=True).first()
        if by is None or not permissions.can_erase_mail(by):
            raise CommandError("Say who does it: --by and the handle of an administrator. Nothing was erased.")
        try:
            erased = services.erase_message(number, by=by, why=_storable(options["why"]), now=timezone.now())
        except services.NotErased as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"Message {number}: {erased} copies erased." if erased else "It was erased before.")


def _storable(text: str) -> str:
    """Return a text of the command line as any database takes it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
