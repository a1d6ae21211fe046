"""What the commands print and every way they refuse; test_law_commands.py proves the same from the shell."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from requests_app.law.book import CODES

pytestmark = pytest.mark.usefixtures("today")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_due_prints_each_deadline_with_how_it_was_counted():
    text = run("due", "md", "--event", "received=2026-03-02")
    assert "Maryland (MD)" in text
    assert "Judged as of Friday, March 6, 2026." in text
    assert "Monday, March 16, 2026" in text
    assert "Md. Gen. Prov. § 4-203(b)(2)" in text
    assert "How we counted" in text


def test_due_answers_in_json_with_the_promised_keys():
    answer = json.loads(run("due", "PA", "--event", "received=2026-03-02", "--json"))
    assert answer["jurisdiction"] == "PA"
    assert isinstance(answer["notes"], list)
    first = answer["deadlines"][0]
    assert {"kind", "duty_of", "rule_id", "citation", "trigger", "trigger_date", "earliest", "latest", "certainty",
            "state", "trace"} <= set(first)  # fmt: skip
    # 65 Pa. Stat. § 67.901: five business days from Monday, March 2.
    assert (first["kind"], first["duty_of"], first["latest"]) == ("determination", "agency", "2026-03-09")
    assert first["trace"]


def test_due_judges_on_another_day_when_told():
    late = json.loads(run("due", "PA", "--event", "received=2026-03-02", "--as-of", "2026-03-10", "--json"))
    assert late["deadlines"][0]["state"] == "missed"
    on_time = json.loads(run("due", "PA", "--event", "received=2026-03-02", "--as-of", "2026-03-09", "--json"))
    assert on_time["deadlines"][0]["state"] == "running"


def test_due_takes_a_fact_and_a_way_of_sending():
    question = ("due", "ID", "--event", "sent=2026-03-02", "--sent-by", "hand", "--json")
    resident = json.loads(run(*question, "--condition", "not_nonresident"))
    stranger = json.loads(run(*question, "--condition", "nonresident"))
    assert resident["deadlines"][0]["earliest"] == "2026-03-05"
    assert stranger["deadlines"][0]["earliest"] == "2026-03-23"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["ZZ", "--event", "received=2026-03-02"], "no jurisdiction with the code 'ZZ'", id="unknown-code"),
        pytest.param(["MD"], "Give at least one event", id="no-event"),
        pytest.param(["MD", "--event", "received=2026-02-30"], "not a possible date", id="impossible-date"),
        pytest.param(["MD", "--event", "received=02.03.2026"], "write the year first", id="date-the-wrong-way-round"),
        pytest.param(["MD", "--event", "received"], "is not an event; write EVENT=DATE", id="event-without-date"),
        pytest.param(["MD", "--event", "eaten=2026-03-02"], "no event called 'eaten'", id="unknown-event"),
        pytest.param(["MD", "--event", "acknowledged=2026-03-02"], "Nothing was sent or received", id="nothing-sent"),
        pytest.param(
            ["MD", "--event", "received=2026-03-02", "--event", "clarified=2026-03-03"], "answers nothing",
            id="answer-without-question",
        ),
        pytest.param(
            ["MD", "--event", "received=2026-03-02", "--event", "acknowledged=2026-03-01"], "cannot come before",
            id="event-before-its-cause",
        ),
        pytest.param(["MD", "--event", "received=1999-03-02"], "No date was guessed", id="before-the-calendar"),
        pytest.param(
            ["MD", "--event", "received=2026-03-02", "--sent-by", "pigeon"], "no way of sending", id="unknown-way"
        ),
        pytest.param(
            ["MD", "--event", "received=2026-03-02", "--condition", "tall"], "knows no condition", id="unknown-fact"
        ),
        pytest.param(
            ["MD", "--event", "received=2026-03-02", "--as-of", "soon"], "is not a date", id="unclear-day-of-judgement"
        ),
    ],
)  # fmt: skip
def test_due_refuses_with_one_line_and_status_two(arguments: list[str], words: str):
    with pytest.raises(CommandError) as refused:
        run("due", *arguments)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.returncode == 2


def test_the_law_book_prints_one_jurisdiction_or_all():
    one = run("lawbook", "md")
    assert one.startswith("Maryland (MD)")
    assert "Virginia (VA)" not in one
    every = run("lawbook")
    assert all(f"({code})" in every for code in CODES)


def test_the_law_book_refuses_an_unknown_code_with_status_two():
    with pytest.raises(CommandError) as refused:
        run("lawbook", "MD", "zz")
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
