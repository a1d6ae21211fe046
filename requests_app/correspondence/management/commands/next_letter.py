"""Say from the shell which letter a request needs now and why, or write one into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.correspondence.next_letters import desk_of
from requests_app.filing.models import RecordsRequest
from requests_app.filing.next_action import recommended
from requests_app.filing.writing import stops, ways
from requests_app.kits import rendering
from requests_app.kits.later import LETTER_KEYS, letter_type
from requests_app.kits.letters import ChoiceError
from requests_app.kits.stationery import dress_of
from requests_app.kits.text import to_text


class Command(BaseCommand):
    """Print the recommended letter and why, or write it. Nothing is stored and nothing is sent."""

    help = "Say which letter a request needs now and why, or write one into a file. Stores and sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="Such as MD-2026-0007.")
        parser.add_argument("--key", choices=LETTER_KEYS, metavar="KEY", help="This letter instead of the recommended.")
        parser.add_argument("--out", type=Path, help="Write it here: .pdf or .txt. Left out: it is printed.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the letter, say why, compose it with what its offer presets, and print or write it."""
        reference = str(options["reference"]).upper()
        request = (
            RecordsRequest.objects.select_related("agency", "filer", "assignee").filter(reference=reference).first()
        )
        if request is None:
            raise CommandError(f"There is no request {reference}. Look at its page for the reference.")
        desk = desk_of(request, now=timezone.now())
        offer = desk.offer(options["key"]) if options["key"] else recommended(desk.offers)
        if offer is None:
            self.stdout.write(f"{reference}: {request.get_status_display()}. No letter is due now: wait.")
            return
        kind = letter_type(offer.key)
        self.stdout.write(f"{reference}: {kind.title} ({offer.key})")
        self.stdout.write(f"Why: {offer.why}")
        if offer.by is not None:
            self.stdout.write(f"By: {offer.by:%A, %B} {offer.by.day}, {offer.by.year}")
        for name, value in (("To", offer.body), ("Law", offer.citation)):
            if value:
                self.stdout.write(f"{name}: {value}")
        way = ways(desk, offer.key, offer.rule_id or "")[0]
        try:
            letter = desk.compose(offer.key, offer.preset, way)
        except ChoiceError as trouble:
            raise CommandError(f"{trouble} Write this letter on its page.") from trouble
        for warning in stops(desk, offer.key, letter, way, offer.rule_id or ""):
            self.stdout.write(f"[{warning.level}] {warning.text}")
        out: Path | None = options["out"]
        if out is None:
            self.stdout.write("\n" + to_text(letter))
            return
        if out.suffix not in (".pdf", ".txt"):
            raise CommandError(f"{out.name} ends in neither .pdf nor .txt. Choose one of them.")
        made = (
            rendering.to_pdf(rendering.to_html(letter, dress_of(letter)))
            if out.suffix == ".pdf"
            else to_text(letter).encode()
        )
        out.write_bytes(made)
        self.stdout.write(f"Written to {out}.")
