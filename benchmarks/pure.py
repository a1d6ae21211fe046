"""Letters and deadlines: figures that need no database."""

from __future__ import annotations

import json
import os
import time
from datetime import date, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")
django.setup()

import weasyprint  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

from benchmarks.figures import Figure, median_ms  # noqa: E402
from benchmarks.samples import sample_letter  # noqa: E402
from requests_app.kits import printing, rendering, samples  # noqa: E402
from requests_app.kits.later import compose_later, letter_type  # noqa: E402
from requests_app.law.book import CODES, open_book  # noqa: E402
from requests_app.law.deadlines import project  # noqa: E402
from requests_app.law.timeline import Event, Timeline  # noqa: E402

ROUNDS = 7


def composing() -> Figure:
    """A letter composed: a campaign makes a hundred at once, so each gets five milliseconds."""
    return Figure("compose one letter", median_ms(lambda: sample_letter("MD", "K1")), "ms", 5)


def composing_later() -> Figure:
    """A later letter composed: an appeal, the longest of them, to a body with its own dates."""
    letter, statute = letter_type("administrative_appeal"), open_book().statute("PA")
    matter = samples.sample_matter("PA", "refused", fresh_refusal=True)
    body = samples.sample_body("the Office of Open Records")
    inputs = samples.sample_inputs(letter.key)
    return Figure(
        "compose one later letter",
        median_ms(lambda: compose_later(letter, statute, body, matter, samples.SENDER, inputs)),
        "ms",
        5,
    )


def letter_pdf() -> Figure:
    """Our PDF against WeasyPrint's own time for the same HTML with the same options."""
    letter = sample_letter("MD", "K1")
    html = rendering.to_html(letter)
    ours = median_ms(lambda: rendering.to_pdf(rendering.to_html(letter)), 7)
    own = median_ms(lambda: weasyprint_alone(html), 7)
    return Figure("letter PDF, against WeasyPrint's own time", ours / own, "times", 1.15)


def weasyprint_alone(html: str) -> object:
    """The same page with the same sheet and fonts, straight through WeasyPrint."""
    fonts, fetcher = FontConfiguration(), printing._FontFetcher()
    sheet = weasyprint.CSS(string=printing._stylesheet(), font_config=fonts, url_fetcher=fetcher)
    page = weasyprint.HTML(string=html, base_url="letter:", url_fetcher=fetcher)
    return page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")


def due_dates() -> Figure:
    """Projected due dates a second on one core, all jurisdictions in turn, arithmetic only."""
    book = open_book()
    parts = [(book.statute(code), book.calendar(code)) for code in CODES]
    first = date(2026, 1, 5)
    timelines = [Timeline([Event("received", first + timedelta(days=day))]) for day in range(200)]
    for statute, calendar in parts:
        project(statute, timelines[0], calendar, as_of=first)
    # Time of this core, and the best of several rounds: what else the machine does meanwhile is not ours to count.
    rates = []
    for _round in range(ROUNDS):
        counted, start = 0, time.process_time()
        for timeline in timelines:
            for statute, calendar in parts:
                counted += len(project(statute, timeline, calendar, as_of=first).deadlines)
        rates.append(counted / (time.process_time() - start))
    return Figure("due dates projected on one core", max(rates), "a second", 50_000, more_is_better=True)


if __name__ == "__main__":
    print(json.dumps([figure.plain() for figure in (composing(), composing_later(), letter_pdf(), due_dates())]))
