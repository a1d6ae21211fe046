"""Reads pages from their pictures with tesseract, a process for each page.

1. Draw the page in grey at 300 dots to the inch, as it is shown.
2. Make its lines level.
3. Let tesseract read it.
4. Where that went badly: find out which way is up, take out specks, and read it again; the better reading counts.
5. Put the words back to where they stand on the page as shown.

So a page that lies well is read once, and costs little more than tesseract alone.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from PIL import Image, ImageFilter

from requests_app.documents.pagewords import Word, clean
from requests_app.documents.readers.paged import Paged, Source, opened
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.straight import Turn, lies

DPI: Final = 300
MOST_PIXELS: Final = 40_000_000  # of the picture that is read: A2 at 300 dpi; what is larger is drawn coarser
LEAST_SIDE: Final = 20  # pixels; tesseract reads nothing smaller
MOST_SIDE: Final = 32_000  # pixels; nor anything longer
SECONDS: Final = 120.0  # for one reading of one page
WELL: Final = 70.0  # of 100: a page read so confidently is not read a second time
FEW_LETTERS: Final = 8  # a page with fewer was perhaps not read at all
A_SPECK: Final = 30.0  # of 100: signs alone, read with less, are specks of dust
LANGUAGE: Final = re.compile(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)?")
WORD_LEVEL: Final = "5"  # of tesseract's table


class OcrOrder(msgspec.Struct, frozen=True):
    """Which pages, in which languages (tesseract's names, such as eng)."""

    source: Source
    numbers: tuple[int, ...]
    languages: tuple[str, ...]


class OcrFound(msgspec.Struct, frozen=True):
    """The words of one page on the page as shown, in points.

    `confidence`: 0 to 100, the mean over the words by their length; 0 without words. `turned`: degrees clockwise by
    which the page was turned to be read. `skew`: degrees by which its lines were askew. `trouble`: it was not read.
    """

    number: int
    words: list[Word]
    confidence: float = 0.0
    turned: int = 0
    skew: float = 0.0
    trouble: str = ""


class Reading(NamedTuple):
    """One reading of a page: words with boxes in pixels of the picture that was read, each with its confidence."""

    words: list[tuple[Word, float]]
    turn: Turn

    @property
    def letters(self) -> int:
        """How many signs were read."""
        return sum(len(word.text) for word, _confidence in self.words)

    @property
    def confidence(self) -> float:
        """The mean over the words, by their length."""
        return sum(len(word.text) * sure for word, sure in self.words) / self.letters if self.letters else 0.0

    @property
    def runs_down(self) -> bool:
        """Whether most words stand on end: tesseract reads lines that run upwards, but not always in their order."""
        upright = sum(1 if word.right - word.left >= word.bottom - word.top else -1 for word, _sure in self.words
                      if len(word.text) > 2)  # fmt: skip
        return upright < 0

    @property
    def went_well(self) -> bool:
        """Whether another reading would hardly be better."""
        return self.letters >= FEW_LETTERS and self.confidence >= WELL and not self.runs_down

    @property
    def worth(self) -> float:
        """What counts when two readings are compared: much that is sure. Doubtful words count little."""
        sure = sum(len(word.text) * (sure / 100) ** 2 for word, sure in self.words)
        return sure / 2 if self.runs_down else sure


def ocr(path: Path, order: OcrOrder, output: Path) -> Iterator[OcrFound]:
    """Read these pages. One that cannot be read does not keep the others from it. Raises Refused: missing_program..."""
    languages = usable(order.languages)
    with opened(path, order.source) as paged:
        for number in order.numbers:
            try:
                yield read_page(paged, number, languages)
            except Refused as refused:
                yield OcrFound(number, [], trouble=refused.code)


def read_page(paged: Paged, number: int, languages: str) -> OcrFound:
    """Read one page. Raises Refused."""
    width, height = paged.size(number)
    dpi = min(DPI, 72 * (MOST_PIXELS / (width * height)) ** 0.5)
    size = (max(1, round(width * dpi / 72)), max(1, round(height * dpi / 72)))
    if min(size) < LEAST_SIDE or max(size) > MOST_SIDE:
        return OcrFound(number, [])
    return msgspec.structs.replace(
        read_picture(paged.image(number, *size, grey=True), (width, height), languages), number=number
    )


def read_picture(picture: Image.Image, page: tuple[float, float], languages: str) -> OcrFound:
    """Read the grey picture of a page of that size in points; its number is left open (0). Raises Refused."""
    if min(picture.size) < LEAST_SIDE or max(picture.size) > MOST_SIDE:
        return OcrFound(0, [])
    best = best_reading(picture, languages)
    across, down = page[0] / picture.width, page[1] / picture.height
    words = []
    for word, _sure in best.words:
        left, top, right, bottom = best.turn.back(word.left, word.top, word.right, word.bottom)
        words.append(Word(word.text, left * across, top * down, right * across, bottom * down))
    return OcrFound(0, words, round(best.confidence, 1), best.turn.clockwise, best.turn.angle)


def best_reading(picture: Image.Image, languages: str) -> Reading:
    """Read a picture, and again in other ways where that did not go well."""
    if picture.getextrema()[0] > 250:  # type: ignore[operator]  # grey has one pair: an empty page
        return Reading([], Turn(picture.size, 0, 0.0))
    angle, on_its_side = lies(picture)
    # Even where it seems to lie on its side: of a page with a line or two the ink does not tell.
    best = tesseract(picture, Turn(picture.size, 0, angle), languages)
    if best.went_well:
        return best
    for clockwise in _ways_up(picture, on_its_side):
        turned = Turn(picture.size, clockwise, 0.0).apply(picture)
        turn = Turn(picture.size, clockwise, lies(turned)[0])
        best = _better(best, tesseract(picture, turn, languages))
        if best.went_well:
            return best
    return _better(best, tesseract(picture.filter(ImageFilter.MedianFilter(3)), best.turn, languages))


def _better(one: Reading, other: Reading) -> Reading:
    return other if other.worth > one.worth else one


def _ways_up(picture: Image.Image, on_its_side: bool) -> tuple[int, ...]:
    """Return the turns to try, clockwise, besides none. Tesseract's own guess comes first; it needs many words."""
    guess = which_way_up(picture)
    if on_its_side:
        return (270, 90) if guess == 270 else (90, 270)
    if guess is None:
        return (180,)
    return (guess,) if guess else ()


def which_way_up(picture: Image.Image) -> int | None:
    """Return by how much the picture must be turned clockwise to be upright; None where tesseract cannot tell."""
    half = picture.reduce(2)  # letters are large enough for that, and it takes a quarter of the time
    said = _run(half, "--psm", "0", "--dpi", str(DPI // 2), "-l", "osd").stdout.decode("utf-8", "replace")
    found = re.search(r"^Rotate: (0|90|180|270)$", said, re.MULTILINE)
    return int(found.group(1)) if found else None


def tesseract(picture: Image.Image, turn: Turn, languages: str) -> Reading:
    """Read the picture, turned. Raises Refused: too_large when it takes too long, damaged when tesseract fails."""
    ran = _run(turn.apply(picture), "--psm", "3", "--dpi", str(DPI), "-l", languages, "tsv")
    if ran.returncode:
        raise Refused("damaged", f"tesseract: {ran.stderr[-200:].decode('utf-8', 'replace')}")
    return Reading(list(_words(ran.stdout.decode("utf-8", "replace"))), turn)


def _words(table: str) -> Iterator[tuple[Word, float]]:
    """Give the words of tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, ..."""
    for line in table.splitlines():
        cells = line.split("\t")
        if len(cells) < 12 or cells[0] != WORD_LEVEL:
            continue
        left, top, width, height = (float(cell) for cell in cells[6:10])
        sure = float(cells[10])
        for text in clean("\t".join(cells[11:])):
            if sure >= A_SPECK or any(sign.isalnum() for sign in text):
                yield Word(text, left, top, left + width, top + height), max(sure, 0.0)


def _run(picture: Image.Image, *options: str) -> subprocess.CompletedProcess[bytes]:
    head = f"P5 {picture.width} {picture.height} 255\n".encode()
    try:
        return subprocess.run(
            [_program(), "stdin", "stdout", *options], input=head + picture.tobytes(), capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as trouble:
        raise Refused("too_large", "tesseract took too long") from trouble


@functools.cache
def _program() -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise Refused("missing_program", "tesseract")
    return program


def usable(wanted: tuple[str, ...]) -> str:
    """Return the languages that are wanted and there, as tesseract takes them. Raises Refused: missing_program."""
    listed = subprocess.run([_program(), "--list-langs"], capture_output=True, timeout=SECONDS, check=False)
    there = set(listed.stdout.decode("utf-8", "replace").split())
    found = [language for language in wanted if LANGUAGE.fullmatch(language) and language in there]
    if not found:
        raise Refused("missing_program", f"no language of {wanted} for tesseract")
    return "+".join(found)
