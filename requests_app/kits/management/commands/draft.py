"""`python manage.py draft MD --kit K1 --requester "Jane Example" --out letter.pdf`: one letter from the shell."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.agencies import queries
from requests_app.kits.addressees import FEDERAL_ROLES, addressee_of, custodians_for, official_of
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.kits.composer import compose
from requests_app.kits.letters import DEFAULT_FEE_LIMIT_CENTS, Addressee, ChoiceError, Choices, Letter
from requests_app.kits.rendering import to_html, to_pdf
from requests_app.kits.schema import Kit
from requests_app.kits.text import to_text
from requests_app.kits.word import to_docx
from requests_app.law.book import LawFileError, UnknownJurisdiction, open_book
from requests_app.law.schema import Statute

MISUSE = 2
"""Exit status when the command was not told something usable; nothing is written then."""


class Command(BaseCommand):
    """Composes a letter and writes it as PDF, HTML or text. It files nothing and sends nothing."""

    requires_system_checks: list[str] = []  # one clear line on stderr, nothing beside it
    help = (
        "Draft a letter and write it as PDF (--out letter.pdf, or .docx, .html, .txt) or print it (--text). "
        "Files nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("jurisdiction", help="Two-letter code of a state, DC, or US. Lower case will do.")
        parser.add_argument("--kit", default="K1", help="Request kit, K1 to K8. K1 if left out.")
        parser.add_argument("--agency", help="Code of the agency. The kit's first custodian there if left out.")
        parser.add_argument("--requester", default="", help="Name of the person who signs.")
        parser.add_argument("--organisation", default=None, help="Group for which the requester signs.")
        parser.add_argument("--reply-to", default=None, help="E-mail address for the answer.")
        parser.add_argument("--postal-address", default="", help="The requester's postal address, lines set off by ;")
        parser.add_argument("--phone", default=None, help="The requester's telephone number.")
        parser.add_argument("--date", help="Date of the letter, YYYY-MM-DD. Today there, if left out.")
        parser.add_argument("--period-start", help="First day of the period, YYYY-MM-DD. The kit's own if left out.")
        parser.add_argument("--period-end", help="Last day, YYYY-MM-DD. The date of the agency's search if left out.")
        parser.add_argument("--fee-limit", help="Dollars; 50 if left out, 'none' for no limit.")
        parser.add_argument(
            "--delivery",
            default="email",
            choices=("email", "portal", "post", "hand", "fax"),
            help="How it will travel.",
        )
        parser.add_argument(
            "--resident",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="The requester is (or is not) a resident or citizen as the law asks.",
        )
        parser.add_argument("--reference", default=None, help="Our reference, such as MD-2026-0007.")
        parser.add_argument(
            "--out", type=Path, help="Write the letter here; the ending chooses .pdf, .docx, .html or .txt."
        )
        parser.add_argument("--text", action="store_true", help="Print the letter.")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path | None = options["out"]
        if out is None and not options["text"]:
            raise _misuse(_("Say where the letter goes: --out letter.pdf writes it, --text prints it."))
        statute, kit = _statute(options["jurisdiction"]), _kit(options["kit"])
        letter = _letter(kit, statute, _addressee(kit, statute, options["agency"]), _choices(statute, options))
        if options["text"]:
            self.stdout.write(to_text(letter), ending="")
        if out is not None:
            _write(letter, out)
            self.stderr.write(f"Wrote {out}.")
        for warning in letter.warnings:
            if warning.level != "note":
                self.stderr.write(f"{warning.level}: {warning.text}")


def _statute(code: str) -> Statute:
    overlay = Path(settings.LAW_OVERLAY_DIR) if settings.LAW_OVERLAY_DIR else None
    try:
        return open_book(overlay).statute(code)
    except (UnknownJurisdiction, LawFileError) as error:
        raise _misuse(str(error)) from error


def _kit(kit_id: str) -> Kit:
    try:
        return get_kit(kit_id)
    except UnknownKit as error:
        raise _misuse(str(error)) from error


def _addressee(kit: Kit, statute: Statute, code: str | None) -> Addressee:
    sharing = queries.custodians(statute.code, FEDERAL_ROLES if statute.code == "US" else queries.CUSTODIAN_ROLES)
    if code is not None:
        agency = queries.agency_with_contacts(code.strip().lower())
        if agency is None or agency.jurisdiction != statute.code:
            raise _misuse(
                f"No agency of {statute.name} has the code {code!r}. Leave --agency out for the first custodian."
            )
        return addressee_of(agency, sharing)
    if kit.kind == "officials" and statute.code == "US":
        return official_of(statute)
    custodians = custodians_for(kit, statute.code)
    if custodians:
        return addressee_of(custodians[0], sharing)
    if kit.kind == "officials":
        return official_of(statute)
    raise _misuse(
        f"No custodian of {statute.name} is recorded for kit {kit.id}. Bring the agencies in with 'manage.py seed'."
    )


def _choices(statute: Statute, options: dict[str, Any]) -> Choices:
    today = timezone.now().astimezone(ZoneInfo(statute.timezone)).date()
    return Choices(
        requester_name=options["requester"],
        reply_address=options["reply_to"] or settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">"),
        request_date=_read("--date", options["date"], _day) or today,
        organisation=options["organisation"] or settings.ORGANISATION_NAME or None,
        requester_postal_address=tuple(line.strip() for line in options["postal_address"].split(";") if line.strip()),
        phone=options["phone"],
        period_start=_read("--period-start", options["period_start"], _day),
        period_end=_read("--period-end", options["period_end"], _day),
        fee_limit_cents=_fee_limit(options["fee_limit"]),
        delivery_method=options["delivery"],
        resident_confirmed=options["resident"],
        reference=options["reference"],
    )


def _letter(kit: Kit, statute: Statute, addressee: Addressee, choices: Choices) -> Letter:
    try:
        return compose(kit, statute, addressee, choices)
    except ChoiceError as error:
        option = {"requester_name": "--requester", "reply_address": "--reply-to"}.get(
            error.field, "--" + error.field.removesuffix("_cents").replace("_", "-")
        )
        raise _misuse(f"{option}: {error}") from error


def _write(letter: Letter, out: Path) -> None:
    writers: dict[str, Callable[[], bytes]] = {
        ".pdf": lambda: to_pdf(to_html(letter)),
        ".docx": lambda: to_docx(letter),
        ".html": lambda: to_html(letter).encode(),
        ".txt": lambda: to_text(letter).encode(),
    }
    if out.suffix.lower() not in writers:
        raise _misuse(f"--out: {out.name} ends in none of {', '.join(writers)}, so the kind of file is not clear.")
    try:
        out.write_bytes(writers[out.suffix.lower()]())
    except OSError as error:
        raise _misuse(f"--out: {out} cannot be written ({error.strerror}). Choose another place.") from error


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day of a letter has no time zone


def _read(option: str, text: str | None, parse: Callable[[str], date]) -> date | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise _misuse(f"{option}: {text!r} is not a day. Write it as YYYY-MM-DD, for example 2024-01-01.") from error


def _fee_limit(text: str | None) -> int | None:
    if text is None:
        return DEFAULT_FEE_LIMIT_CENTS
    if text.strip().lower() == "none":
        return None
    try:
        cents = Decimal(text.strip().lstrip("$")) * 100
    except InvalidOperation:
        cents = Decimal("NaN")
    if not cents.is_finite() or cents < 0 or cents != cents.to_integral_value():
        raise _misuse(f"--fee-limit: {text!r} is not a sum. Write dollars such as 50 or 12.50, or none.")
    return int(cents)


def _misuse(message: str) -> CommandError:
    return CommandError(message, returncode=MISUSE)
