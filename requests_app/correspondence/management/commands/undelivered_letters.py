"""`manage.py undelivered_letters`: which letters did not arrive, which ways are left, and send one again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.correspondence import permissions
from requests_app.correspondence.delivery import again, queries, wording
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.services import NotSendable
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.kits.later import letter_type
from requests_app.people.models import Person


class Command(BaseCommand):
    help = "Lists the letters that did not arrive. With a number, the ways that are left; with --way, sends it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", type=int, help="of a letter in the list")
        parser.add_argument("--way", metavar="WAY", help="such as contact:12, as the ways of the letter are listed")
        parser.add_argument("--by", metavar="HANDLE", help="who sends it; needed with --way")
        parser.add_argument("--where-seen", default="", help="where that person saw an address that nobody confirmed")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = queries.for_list(queries.not_delivered())
        if options["number"] is None:
            self._list(list(rows))
            return
        letter = rows.filter(pk=options["number"]).first()
        if letter is None:
            raise CommandError(
                f"No letter {options['number']} waits for another way. Without a number, all are listed."
            )
        if options["way"]:
            self._send(letter, options["way"], options["by"], options["where_seen"])
        else:
            self._ways(letter)

    def _list(self, letters: list[OutgoingLetter]) -> None:
        for letter in letters:
            told = wording.told(queries.Try(letter, is_open=True))
            title = letter_type(letter.next_letter.key).title if letter.next_letter else "Our request"
            self.stdout.write(
                f"{letter.pk}  {letter.request.reference}  {title}, to {letter.to_address}: {told.label}."
            )
            self.stdout.write(f"    {told.why} {told.said}".rstrip())
        if not letters:
            self.stdout.write("Every letter left, and none came back.")

    def _ways(self, letter: OutgoingLetter) -> None:
        request, later = self._rows(letter)
        for one in queries.alternatives_for(request, later):
            remarks = [
                *(["mail came back"] if one.came_back else []),
                *(["needs --where-seen: nobody confirmed it"] if one.needs_a_look else []),
            ]
            address = one.way.address.replace("\n", ", ")
            said = f" ({'; '.join(remarks)})" if remarks else ""
            self.stdout.write(f"--way {one.key}  {one.way.delivery.label} {address}".rstrip() + said)

    def _send(self, letter: OutgoingLetter, key: str, handle: str | None, where_seen: str) -> None:
        request, later = self._rows(letter)
        by = Person.objects.filter(handle=handle or "", is_active=True).first()
        if by is None or not permissions.can_send(by, request):
            raise CommandError("Say with --by who sends it: somebody who works on this request. Nothing was sent.")
        chosen = next((one for one in queries.alternatives_for(request, later) if one.key == key), None)
        if chosen is None:
            raise CommandError(f"There is no way {key} for this letter. Without --way, they are listed.")
        now = timezone.now()
        try:
            if later is None:
                again.send_again(request, chosen.way, where_seen=where_seen, by=by, now=now)
            else:
                again.send_later_again(
                    later, chosen.way, seen_changes=later.changes, where_seen=where_seen, by=by, now=now
                )
        except NotSendable as stop:
            raise CommandError(str(stop)) from stop
        if chosen.way.delivery == Delivery.EMAIL:
            self.stdout.write(f"It waits in the outbox for {chosen.way.address} and can still be taken back.")
        else:
            self.stdout.write(f"It goes another way now ({chosen.way.delivery.label}). Send it, and record that.")

    def _rows(self, letter: OutgoingLetter) -> tuple[RecordsRequest, NextLetter | None]:
        request = RecordsRequest.objects.select_related("agency", "contact_point").get(pk=letter.request_id)
        letters = NextLetter.objects.select_related("sent_event", "contact_point", "body_contact", "changed_by")
        return request, letters.filter(pk=letter.next_letter_id).first() if letter.next_letter_id else None
