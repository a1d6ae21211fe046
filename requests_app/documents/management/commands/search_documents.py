"""`python manage.py search_documents "query"`: the search, from the shell."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from requests_app.documents.marks.queries import page_with_id
from requests_app.documents.search import wording
from requests_app.documents.search.finding import find
from requests_app.documents.search.queries import findable_by
from requests_app.documents.search.spelling import suggest
from requests_app.people.models import Person


class Command(BaseCommand):
    """Search as one person: with what that person may see, and nothing else."""

    help = "Search the returned documents, as the person whose address is given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", help='as on the screen: words, "phrases", -without, state:MD, ...')
        parser.add_argument("--as", dest="person", required=True, help="e-mail address of an account")
        parser.add_argument("--page", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the documents of one page of the answer, each with its best places."""
        person = Person.objects.filter(email__iexact=options["person"], is_active=True).first()
        if person is None:
            raise CommandError("No open account has this address. Give the address with which the person signs in.")
        if numbered := page_with_id(findable_by(person).select_related("request"), options["query"]):
            document, number = numbered
            self.stdout.write(
                f"{options['query']}: page {number} of {document.original_name} ({document.request.reference})"
            )
            self.stdout.write(f"  {document.get_absolute_url()}")
        results = find(person, options["query"], page=max(1, options["page"]))
        for remark in results.asked.remarks:
            self.stdout.write(wording.remark(remark))
        for found in results.found:
            document = found.document
            self.stdout.write(f"{document.request.reference}  {document.agency.name}  {document.original_name}")
            self.stdout.write(f"  {document.get_absolute_url()}")
            for place in found.places:
                said = "".join(f"[{words}]" if is_found else words for words, is_found in place.pieces)
                self.stdout.write(f"  {wording.place(place.kind, place.place)}: {said}")
        self.stdout.write(wording.how_many(results))
        if not results.found and (other := suggest(person, options["query"], results.asked)):
            self.stdout.write(f"Did you mean: {other}")
