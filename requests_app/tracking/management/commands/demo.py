"""`python manage.py demo`: fill the example organisation and say how to sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.tracking import example


class Command(BaseCommand):
    """Fill an empty example database with people, letters and answers; nothing in it is real."""

    help = "Fill the example organisation (only in a database started by `make demo`)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill it, and list who can sign in."""
        try:
            handles = example.organise(timezone.now())
        except example.NotAnExample as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("The example organisation is ready. Nothing in it is real. Sign in as one of:")
        for actor in example.CAST:
            if actor.handle in handles:
                self.stdout.write(f"  {example.address_of(actor.handle):<24} {', '.join(actor.roles)}")
        self.stdout.write(f"The password of each is {example.PASSWORD}")
