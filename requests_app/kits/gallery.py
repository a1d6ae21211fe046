"""A gallery of every letter in every jurisdiction, for lawyers to read through: static pages, no script, no network.

`write` makes `index.html`, one page for each jurisdiction and one for each kind of letter. Each letter stands with its
citations, how sure the law book is, what its sender would be told, and how hard it is to read. The matters are examples
(`samples`); no real request is shown.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.template.loader import render_to_string

from requests_app.kits import citing, reading, rendering, samples
from requests_app.kits.addressees import official_of
from requests_app.kits.catalog import KIT_IDS, get_kit, letter_type, letter_types
from requests_app.kits.composer import compose
from requests_app.kits.later import compose_later
from requests_app.kits.letters import ChoiceError, Choices, Letter
from requests_app.kits.steps import steps_by
from requests_app.law.book import CODES, open_book
from requests_app.law.schema import Statute

_HERE: Final = Path(__file__).parent
_FONTS: Final = ("Latin-Merriweather-Regular.ttf", "Latin-Merriweather-Bold.ttf", "Latin-Merriweather-Italic.ttf")


@dataclass(frozen=True)
class Shown:
    """One letter in the gallery, or why there is none. `stem`: its page-wide id."""

    kind: str
    title: str
    when: str
    code: str
    state: str
    confidence: str
    letter: Letter | None
    reason: str = ""

    @property
    def stem(self) -> str:
        return f"{self.code}-{self.kind}".lower().replace("_", "-")

    @property
    def grade(self) -> float | None:
        """The reading level of the body, a school grade."""
        return None if self.letter is None else reading.grade(self.letter.paragraphs())

    @property
    def words(self) -> int:
        return 0 if self.letter is None else sum(len(text.split()) for text in self.letter.paragraphs())

    @property
    def cited(self) -> tuple[str, ...]:
        return () if self.letter is None else citing.citations(self.letter.paragraphs())


def write(folder: Path, codes: Sequence[str] = CODES) -> int:
    """Write the gallery into a folder and return how many letters it holds. Earlier pages are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for font in _FONTS:
        shutil.copyfile(_HERE / "fonts" / font, folder / font)
    shutil.copyfile(_HERE / "gallery.css", folder / "gallery.css")
    shown = {code: tuple(_letters(code)) for code in codes}
    every = [each for letters in shown.values() for each in letters]
    kinds = tuple(dict.fromkeys((each.kind, each.title) for each in every))
    for code, letters in shown.items():
        title = open_book(None).statute(code).name
        _page(folder / f"{code}.html", "kits/gallery/letters.html", title=title, letters=letters, by="kind")
    for kind, title in kinds:
        chosen = [each for each in every if each.kind == kind]
        _page(folder / f"{kind}.html", "kits/gallery/letters.html", title=title, letters=chosen, by="state")
    _page(
        folder / "index.html",
        "kits/gallery/index.html",
        title="Letters to read through",
        states=[_summary(code, open_book(None).statute(code).name, letters) for code, letters in shown.items()],
        kinds=[_summary(kind, title, [each for each in every if each.kind == kind]) for kind, title in kinds],
        count=sum(each.letter is not None for each in every),
    )
    return sum(each.letter is not None for each in every)


def _page(path: Path, template: str, **context: object) -> None:
    if "letters" in context:
        letters: Sequence[Shown] = context["letters"]  # type: ignore[assignment]
        context["letters"] = [
            {"shown": each, **(rendering.context(each.letter) if each.letter is not None else {})} for each in letters
        ]
    path.write_text(render_to_string(template, context), encoding="utf-8")


def _summary(key: str, title: str, letters: Sequence[Shown]) -> dict[str, object]:
    made = [each for each in letters if each.letter is not None]
    grades = [each.grade for each in made if each.grade is not None]
    return {
        "key": key,
        "title": title,
        "made": len(made),
        "missing": len(letters) - len(made),
        "grade": round(sum(grades) / len(grades), 1) if grades else None,
        "confidence": letters[0].confidence if letters and len({each.code for each in letters}) == 1 else "",
    }


def _letters(code: str) -> Iterator[Shown]:
    statute = open_book(None).statute(code)
    yield from (_first(kit_id, statute) for kit_id in KIT_IDS)
    for letter in letter_types():
        yield _later(letter.key, statute)


def _first(kit_id: str, statute: Statute) -> Shown:
    kit = get_kit(kit_id)
    addressee = samples.sample_agency(statute.code) if kit.kind == "records" else official_of(statute)
    choices = Choices(
        requester_name=samples.SENDER.requester_name,
        reply_address=samples.SENDER.reply_address,
        organisation=samples.SENDER.organisation,
        request_date=samples.TODAY,
        reference=f"{statute.code}-2026-0007",
        resident_confirmed=True,
    )
    letter = compose(kit, statute, addressee, choices)
    return _shown(kit_id, f"{kit_id}: {kit.title}", kit.plain, statute, letter)


def _later(key: str, statute: Statute) -> Shown:
    """Return a later letter in the turn where it is at home; a review is shown with its time still running."""
    kind = letter_type(key)
    reviews = kind.to == "body" and key != "constructive_denial_appeal"
    matter = samples.sample_matter(statute.code, samples.AT_HOME[key], fresh_refusal=reviews)
    addressee = samples.sample_agency(statute.code)
    if kind.to == "body":
        found = steps_by(key, statute, matter)
        addressee = samples.sample_body(found[0].body.name) if found else addressee
    try:
        letter = compose_later(kind, statute, addressee, matter, samples.SENDER, samples.sample_inputs(key))
    except ChoiceError as error:
        return replace(_shown(key, kind.title, kind.when, statute, None), reason=str(error))
    return _shown(key, kind.title, kind.when, statute, letter)


def _shown(kind: str, title: str, when: str, statute: Statute, letter: Letter | None) -> Shown:
    return Shown(kind, title, when, statute.code, statute.name, statute.confidence, letter)
