"""`python manage.py hand_over vera --to vic --by cora`: everything that somebody has goes into other hands."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.filing import permissions as filing
from requests_app.people.models import Person
from requests_app.tracking import permissions
from requests_app.tracking.desk.workload import AT_ONCE, hand_over, holdings_of


class Command(BaseCommand):
    """Hands over, or says what would be handed over."""

    help = "Give all open requests, begun letters and parts of campaigns of one person to another."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("handle", help="Whose requests, such as vera.")
        parser.add_argument("--to", required=True, help="Who takes over, such as vic.")
        parser.add_argument("--by", help="The coordinator who decided so; the timelines name them.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would change hands.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, or do it and say what became of each thing."""
        person, to = _person(options["handle"]), _person(options["to"])
        if person.pk == to.pk:
            raise CommandError("Both are the same person. Nothing was changed.")
        if not filing.can_be_assigned(to):
            raise CommandError(f"{to.handle} can follow no requests: neither volunteer nor coordinator.")
        if options["dry_run"]:
            self._look(person, to)
            return
        if not options["by"]:
            raise CommandError("Say who decided so with --by, or look first with --dry-run. Nothing was changed.")
        by = _person(options["by"])
        if not permissions.can_hand_over(by):
            raise CommandError(f"{by.handle} is neither coordinator nor administrator. Nothing was changed.")
        results = hand_over(person, to=to, by=by, now=timezone.now())
        for result in results:
            self.stdout.write(f"{'LEFT' if result.failed else 'done'}\t{result.what}\t{result.sentence}")
        done = sum(not result.failed for result in results)
        self.stdout.write(f"{done} handed over to {to.handle}, {len(results) - done} left.")
        if holdings_of(person).requests:
            self.stdout.write(f"More is left: {AT_ONCE} requests change hands at once. Run it again.")

    def _look(self, person: Person, to: Person) -> None:
        found = holdings_of(person)
        for row in found.requests:
            self.stdout.write(f"request\t{row.reference}\t{row.agency.name}")
        for draft in found.drafts:
            self.stdout.write(f"letter begun\t{draft}")
        for target in found.targets:
            self.stdout.write(f"campaign\t{target.campaign.name}\t{target}")
        more = " and more" if found.more else ""
        self.stdout.write(
            f"{len(found.requests)}{more} requests, {len(found.drafts)} letters begun and {len(found.targets)} parts "
            f"of campaigns would go from {person.handle} to {to.handle}. Nothing was changed."
        )


def _person(handle: str) -> Person:
    try:
        return Person.objects.get(handle__iexact=handle)
    except Person.DoesNotExist as missing:
        raise CommandError(f"There is nobody with the handle {handle}. Nothing was changed.") from missing
