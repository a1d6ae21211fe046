"""`python manage.py official_letter --state WA --requester "Jane Example" --out folder`: letters from the shell."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.agencies.officials import queries
from requests_app.agencies.officials.models import Office, Official
from requests_app.filing import lawbook
from requests_app.filing.our_addresses import general_address
from requests_app.kits import rendering
from requests_app.kits.letters import ChoiceError
from requests_app.kits.officials import bundling, cards, faxing
from requests_app.kits.officials.letters import NoAddress, OfficialSender, Way, compose_official_letter
from requests_app.kits.officials.mailing import compose_mail
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking.officials.gathering import address_of, known_status_of, officials_kit

MISUSE = 2
FORMS = ("letter", "postcard", "postcard-a6", "email", "fax")


class Command(BaseCommand):
    """Writes letters to officials on the list into a folder, one file each. Sends nothing and stores nothing."""

    help = "Write letters to officials into a folder, one file for each. Sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--official", type=int, action="append", default=[], help="Number of one; may be repeated.")
        parser.add_argument("--state", default="", help="Everybody in office in this state, by two-letter code.")
        parser.add_argument("--office", default="", choices=("", *Office.values), help="Only this office.")
        parser.add_argument("--as", dest="form", default="letter", choices=FORMS, help="What to write.")
        parser.add_argument("--requester", required=True, help="Name of the person who signs.")
        parser.add_argument("--town", default="", help="The town of the person who signs.")
        parser.add_argument("--reply-to", default="", help="Address for the answer; the group's own if left out.")
        parser.add_argument("--organisation", default="", help="Group for which the requester signs.")
        parser.add_argument("--own-words", default="", help="What the person adds.")
        parser.add_argument("--date", default="", help="Date of the letter, YYYY-MM-DD; today there if left out.")
        parser.add_argument("--out", type=Path, required=True, help="The folder; made if it is missing.")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self._chosen(options)
        sender = OfficialSender(
            name=options["requester"].strip(),
            reply_address=options["reply_to"] or general_address(),
            organisation=options["organisation"] or settings.ORGANISATION_NAME or None,
            town=options["town"],
        )
        out: Path = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        known = known_status_of([one.jurisdiction for one in chosen])
        left_out = 0
        for one in chosen:
            try:
                content, ending = self._write(one, sender, known[one.jurisdiction], options)
            except NoAddress as missing:
                left_out += 1
                self.stderr.write(str(missing))
                continue
            except ChoiceError as wrong:
                raise CommandError(f"{wrong} Nothing was written.", returncode=MISUSE) from wrong
            if not content:
                left_out += 1
                continue
            # The number keeps two people of one name apart.
            path = out / f"{bundling.file_stem(one.jurisdiction, one.office, one.name)}-{one.pk}{ending}"
            path.write_bytes(content)
            self.stdout.write(str(path))
        self.stdout.write(f"{len(chosen) - left_out} written, {left_out} left out.")

    def _chosen(self, options: dict[str, Any]) -> list[Official]:
        state = options["state"].strip().upper()
        if state and state not in JURISDICTIONS:
            raise CommandError(f"--state: {state!r} is no two-letter code of a state, DC or US.", returncode=MISUSE)
        if options["official"]:
            chosen = queries.in_office(options["official"])
        elif state or options["office"]:
            chosen = list(queries.narrowed(jurisdiction=state, office=options["office"]))
        else:
            raise CommandError("Say whom: --official NUMBER, --state or --office.", returncode=MISUSE)
        if not chosen:
            raise CommandError("Nobody on the list fits. Nothing was written.", returncode=MISUSE)
        return chosen

    def _write(self, one: Official, sender: OfficialSender, known: Any, options: dict[str, Any]) -> tuple[bytes, str]:
        """Return the content of a file and its ending; no content when it does not fit on a card."""
        kit, statute, address = officials_kit(), lawbook.statute_of(one.jurisdiction), address_of(one)
        form, own = options["form"], options["own_words"]
        if form.startswith("postcard"):
            card = cards.compose_card(kit, statute, address, sender, known, own_words=own)
            printed = cards.print_card(card, "a6" if form.endswith("a6") else "us")
            for text in printed.does_not_fit:
                self.stderr.write(f"{one.name}: {text}")
            return printed.pdf, f"-{form}.pdf"
        day = _day(options["date"]) if options["date"] else lawbook.local_day(one.jurisdiction, timezone.now())
        way: Way = form if form in ("email", "fax") else "letter"
        letter = compose_official_letter(kit, statute, address, sender, known, on=day, way=way, own_words=own)
        if form == "email":
            mail = compose_mail(letter, one.email)
            return f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.body}".encode(), ".txt"
        if form == "fax":
            return faxing.print_fax(letter, address), "-fax.pdf"
        return rendering.to_pdf(rendering.to_html(letter)), ".pdf"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--date: {text!r} is not a day. Write it as YYYY-MM-DD.", returncode=MISUSE) from error
