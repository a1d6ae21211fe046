"""Print the letters that wait for the post, as the page does, into one PDF file."""

from __future__ import annotations

import base64
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.correspondence.paper import batches, permissions, queries
from requests_app.correspondence.paper.models import PrintBatch
from requests_app.correspondence.paper.printing import Options
from requests_app.filing.models import Campaign
from requests_app.people.models import Person


class Command(BaseCommand):
    help = "Print every letter that waits for the post into one PDF, with a list in front."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the PDF to write")
        parser.add_argument("--by", required=True, help="the handle of the coordinator in whose name it is done")
        parser.add_argument("--campaign", type=int, help="only the letters of this campaign, by its number")
        parser.add_argument("--shape", choices=["us10", "dl"], default="us10", help="the envelope")
        parser.add_argument("--addressing", choices=["window", "envelope", "label"], default="window")
        parser.add_argument("--certified", choices=["no", "certified", "receipt"], default="no")
        parser.add_argument("--one-sided", action="store_true", help="for printing on one side of the paper")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(handle=options["by"], is_active=True).first()
        if person is None or not permissions.can_print_many(person):
            raise CommandError(f"There is no coordinator {options['by']!r}. Nothing was printed.")
        campaign = None
        if options["campaign"] is not None:
            campaign = Campaign.objects.filter(pk=options["campaign"]).first()
            if campaign is None:
                raise CommandError(f"There is no campaign {options['campaign']}. Nothing was printed.")
        number = campaign.pk if campaign else None
        firsts = list(queries.requests_to_post(person, campaign=number)[: batches.MOST])
        laters = list(queries.letters_to_post(person, campaign=number)[: batches.MOST - len(firsts)])
        chosen = Options(
            shape=options["shape"],
            addressing=options["addressing"],
            certified=options["certified"],
            duplex=not options["one_sided"],
        )
        now = timezone.now()
        try:
            batch = batches.make_batch(firsts, laters, chosen, campaign=campaign, by=person, now=now)
        except batches.NothingToPrint as nothing:
            raise CommandError("No letter waits for the post. Nothing was printed.") from nothing
        batches.make_next(batch.pk, now=now)
        made = PrintBatch.objects.get(pk=batch.pk)
        for row in queries.letters_of(made):
            where = f"page {row.first_page}, {row.pages} pages" if row.pages else f"left out: {row.trouble}"
            self.stdout.write(f"{row.request.reference}  {where}")
        if made.state != PrintBatch.State.READY:
            raise CommandError("No letter could be printed; the reasons stand above.")
        options["file"].write_bytes(base64.b64decode(made.pdf))
        self.stdout.write(
            f"{options['file']}: {made.pages} pages. Mark the letters as posted on the page of this print."
        )
