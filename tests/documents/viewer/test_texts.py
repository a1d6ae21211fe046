"""Mail and text as they are laid out."""

from __future__ import annotations

import pytest

from requests_app.documents.viewer import texts

MAIL = """From: Records Office <records@police.example>
To: records@harbor.example
Subject: Your request
 of March 2

Attached are the counts.

> On March 2 you wrote:
> Please send the counts.

Regards"""


def test_a_mail_has_headers_and_folds_what_it_quotes() -> None:
    mail = texts.mail_in(MAIL)
    assert mail.headers[0] == ("From", "Records Office <records@police.example>")
    assert mail.headers[2] == ("Subject", "Your request of March 2")
    assert [(stretch.quoted, stretch.text.split()[0]) for stretch in mail.stretches] == [
        (False, "Attached"), (True, ">"), (False, "Regards"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["Dear all,\n\nwe met.", "", "Note: one\nno header\n\nx"])
def test_a_text_without_headers_is_all_text(text: str) -> None:
    mail = texts.mail_in(text)
    assert mail.headers == ()
    assert "\n".join(stretch.text for stretch in mail.stretches) == text


def test_lines_are_bounded_and_found_by_number() -> None:
    lines = texts.lines_of(["one\nTwo  words\n", "x" * 9000])
    assert [len(line) for line in lines] == [3, 10, texts.LONGEST_LINE]
    assert texts.lines_with(lines, "two WORDS") == {2}
    assert texts.lines_with(lines, " ") == set()


@pytest.mark.parametrize(
    ("given", "start"), [("", 1), ("1", 1), ("2000", 1), ("2001", 2001), ("999999", 4001), ("-4", 1), ("x", 1)]
)
def test_a_part_of_a_text_begins_where_its_line_stands(given: str, start: int) -> None:
    assert texts.start_of(given, 4500, 2000) == start
