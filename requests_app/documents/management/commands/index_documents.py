"""`python manage.py index_documents`: compare the index of the search with what is stored, and make it anew."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from requests_app.documents.models import Blob, Fingerprint, Passage
from requests_app.documents.search import near, services, spelling
from requests_app.documents.search.engines import the_engine


class Command(BaseCommand):
    """Say what is wrong with the index; exit status 1 when anything is. With --rebuild, put it right."""

    help = "Compare the index of the search with the stored text. --rebuild makes it anew, with all that belongs to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="make the index, the names of documents, the known words and the fingerprints anew",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild when asked, then check."""
        if options["rebuild"]:
            self._rebuild()
        problems = [*the_engine().problems(), *services.problems()]
        for sentence in problems:
            self.stdout.write(sentence)
        if problems:
            self.stdout.write("Nothing stored is lost. Make the index anew with: manage.py index_documents --rebuild")
            sys.exit(1)
        self.stdout.write(f"The index holds the words of all {Passage.objects.count()} stretches of text.")

    def _rebuild(self) -> None:
        engine, began = the_engine(), timezone.now()
        engine.ready()
        engine.rebuild()
        services.keep_all_about_anew()
        spelling.forget_all()
        while spelling.learn():
            pass
        Fingerprint.objects.exclude(blob__passages__isnull=False).delete()
        for blob in Blob.objects.filter(passages__isnull=False).distinct().iterator():
            near.keep_fingerprint(blob)
        seconds = (timezone.now() - began).total_seconds()
        self.stdout.write(f"Made anew in {seconds:.0f} seconds; the index takes {engine.size() / 2**20:.1f} MB.")
