"""`manage.py agency_link MD-2026-0001 --to "Pat Doe, Records Unit"`: the links over which an agency hands in files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.documents.handed_in import codes, limits, queries, services
from requests_app.documents.handed_in.troubles import NotGiven
from requests_app.documents.models import AgencyLink
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person


class Command(BaseCommand):
    """Makes a link and prints it once; lists the links of a request; closes one."""

    help = "Make, list or close links over which an agency hands in files for one request."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="of the request, such as MD-2026-0001")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", metavar="WHO", help="make a link for this person or office")
        what.add_argument("--list", action="store_true", help="list the links, without their secrets")
        what.add_argument("--close", type=int, metavar="NUMBER", help="close this link for good")
        parser.add_argument("--days", type=int, default=limits.DAYS, help=f"1 to {limits.MOST_DAYS}")
        parser.add_argument("--files", type=int, default=limits.FILES, help=f"1 to {limits.MOST_FILES}")
        parser.add_argument("--mb", type=int, default=limits.MEGABYTES, help="all files together")
        parser.add_argument("--by", metavar="HANDLE", help="who makes or closes it")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = RecordsRequest.objects.defer("letter").filter(reference__iexact=options["reference"].strip()).first()
        if asked is None:
            raise CommandError(f"There is no request {options['reference']}. Its reference stands on its page.")
        by = None
        if options["by"]:
            by = Person.objects.filter(handle=options["by"], is_active=True).first()
            if by is None:
                raise CommandError(f"Nobody who may sign in has the handle {options['by']}. Nothing was changed.")
        if options["list"]:
            self._list(asked)
        elif options["close"] is not None:
            self._close(asked, options["close"], by)
        else:
            self._make(asked, options, by)

    def _make(self, asked: RecordsRequest, options: dict[str, Any], by: Person | None) -> None:
        bounds = services.Bounds(options["days"], options["files"], options["mb"])
        try:
            link, code = services.give_link(asked, to=options["to"], bounds=bounds, by=by, now=timezone.now())
        except NotGiven as stop:
            raise CommandError(str(stop)) from stop
        self.stdout.write(
            f"Link {link.pk} for {link.given_to}, until {link.expires_at:%Y-%m-%d %H:%M %Z}. It is shown this once.\n"
            "Give it by telephone or in a mail of its own, never in a letter:\n\n"
            f"  {services.address_of(code)}\n\n"
            f"or have them open {services.door_address()} and type\n\n  {codes.shown(code)}\n"
        )

    def _list(self, asked: RecordsRequest) -> None:
        now = timezone.now()
        for link in queries.links_of(asked):
            self.stdout.write(
                f"{link.pk}  {link.state(now):7}  until {link.expires_at:%Y-%m-%d}  "
                f"{link.taken_files}/{link.most_files} files  "
                f"{link.taken_bytes / limits.MB:,.1f}/{link.most_bytes / limits.MB:,.0f} MB  {link.given_to}"
            )

    def _close(self, asked: RecordsRequest, number: int, by: Person | None) -> None:
        link = AgencyLink.objects.filter(request=asked, pk=number).first()
        if link is None:
            raise CommandError(f"{asked.reference} has no link {number}. --list shows those that it has.")
        closed = services.revoke_link(link, by=by, now=timezone.now())
        self.stdout.write("The link is closed." if closed else "The link was closed before.")
