"""`python manage.py new_reply_address MD-2026-0007 --why "…" --by HANDLE`: give a request a new address for answers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.correspondence import readdressing
from requests_app.filing import permissions
from requests_app.filing.models import RecordsRequest
from requests_app.filing.our_addresses import address_of
from requests_app.filing.services import AddressNotChanged
from requests_app.people.models import Person


class Command(BaseCommand):
    """The same as the page "Address for answers" of the request does."""

    help = "Give a request a new address for answers. Mail to the old one still finds it, and waits for a coordinator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="Such as MD-2026-0007.")
        parser.add_argument("--why", required=True, help="The reason; it stays on the request.")
        parser.add_argument("--by", required=True, metavar="HANDLE", help="The coordinator who does it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the address and print the new one."""
        found = RecordsRequest.objects.filter(reference=_storable(options["reference"]).upper()).first()
        if found is None:
            raise CommandError("There is no such request. Look at its page for the reference. Nothing was changed.")
        by = Person.objects.filter(handle__iexact=_storable(options["by"]), is_active=True).first()
        if by is None or not permissions.can_change_address(by, found):
            raise CommandError("Say who does it: --by and the handle of a coordinator. Nothing was changed.")
        seen = len(readdressing.retired_addresses(found))
        why = _storable(options["why"])
        try:
            changed = readdressing.give_new_address(found.pk, why=why, seen=seen, by=by, now=timezone.now())
        except AddressNotChanged as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{changed.reference} is answered at {address_of(changed)} from now on.")


def _storable(text: str) -> str:
    """Return a text of the command line as any database takes it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
