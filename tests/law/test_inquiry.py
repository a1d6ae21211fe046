"""Questions in words: the exact answer for Maryland, the JSON shape, and every way to ask wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from requests_app.law.book import LawBook, open_book
from requests_app.law.inquiry import Answer, answer_due, parse_event

BOOK = open_book()
NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)


def due(code: str, *events: str, **options: object) -> Answer:
    return answer_due(BOOK, code, events, now=NOW, **options)  # type: ignore[arg-type]


def test_maryland_explains_itself_as_on_paper() -> None:
    answer = due("MD", "received=2026-02-06T14:10", sent_by="email")

    # A last day's citation and the days are those of the reviewed files; Feb 16 is Presidents' Day.
    assert answer.status == 0
    assert (
        """\
Notice of delay due  Monday, February 23, 2026           agency's duty · Md. Gen. Prov. § 4-203(b)(2)
  If production will take more than 10 working days, tell the applicant in writing or by e-mail the expected time, the
  range of fees and the reason for delay.
  How we counted
  1  Received Friday, February 6, 2026, by e-mail at 2:10 pm.
  2  The day of receipt does not count (Md. Gen. Prov. § 1-302).
  3  Ten working days: Mon 9 (1), Tue 10 (2), Wed 11 (3), Thu 12 (4), Fri 13 (5), Tue 17 (6), Wed 18 (7), Thu 19 (8),
     Fri 20 (9), Mon 23 (10).
  4  Not counted: Mon Feb 16 Presidents' Day (Gen. Prov. § 1-111(a)(4)), weekends.
  5  No disputed days: earliest and latest are the same.

Decision due  Monday, March 9, 2026                      agency's duty · Md. Gen. Prov. § 4-203(a)(1)
  Grant or deny the application, promptly and in any case by then.
  How we counted
  1  Received Friday, February 6, 2026, by e-mail at 2:10 pm.
  2  The day of receipt does not count (Md. Gen. Prov. § 1-302).
  3  Thirty calendar days end on Sunday, March 8, 2026.
  4  A last day that is a Sunday or legal holiday moves to the next day that is not (Md. Gen. Prov. § 1-302): Monday,
     March 9.
  5  No disputed days: earliest and latest are the same.
"""
        in answer.text
    )


def test_the_json_has_the_promised_keys() -> None:
    answer = json.loads(due("md", "received=2026-02-06", as_json=True).text)

    assert set(answer) == {"jurisdiction", "deadlines", "notes"}
    assert answer["jurisdiction"] == "MD"
    promised = ("kind", "duty_of", "rule_id", "citation", "trigger", "trigger_date", "earliest", "latest", "certainty")
    first = answer["deadlines"][0]
    assert {key: first[key] for key in promised} == {
        "kind": "acknowledgment",
        "duty_of": "agency",
        "rule_id": "MD.acknowledgment.4-203-b-2",
        "citation": "Md. Gen. Prov. § 4-203(b)(2)",
        "trigger": "receipt",
        "trigger_date": "2026-02-06",
        "earliest": "2026-02-23",
        "latest": "2026-02-23",
        "certainty": "fixed",
    }
    assert first["state"] == "running"
    assert first["trace"][0] == "Received Friday, February 6, 2026."


def test_a_law_without_periods_answers_with_its_standard() -> None:
    answer = due("FL", "received=2026-02-06")

    assert answer.status == 0
    assert "No date: this law sets no number of days" in answer.text
    assert "The custodian must acknowledge promptly" in answer.text


def test_as_of_decides_what_is_late() -> None:
    before = json.loads(due("MD", "received=2026-02-06", as_of="2026-02-23", as_json=True).text)
    after = json.loads(due("MD", "received=2026-02-06", as_of="2026-02-24", as_json=True).text)

    assert [answer["deadlines"][0]["state"] for answer in (before, after)] == ["running", "missed"]


def test_without_a_day_it_is_judged_now_in_the_jurisdictions_own_time() -> None:
    # 2:00 am in UTC on Feb 24 is the evening of Feb 23 in Maryland.
    answer = answer_due(BOOK, "MD", ["received=2026-02-06"], now=datetime(2026, 2, 24, 2, 0, tzinfo=UTC))

    assert "Judged as of Monday, February 23, 2026." in answer.text
    assert "Status: late" not in answer.text


def test_a_stated_condition_leaves_one_branch() -> None:
    both = json.loads(due("ID", "received=2026-03-02", as_json=True).text)
    one = json.loads(due("ID", "received=2026-03-02", conditions=["nonresident"], as_json=True).text)

    assert [row["certainty"] for row in both["deadlines"]] == ["conditional", "conditional"]
    assert [(row["rule_id"], row["certainty"]) for row in one["deadlines"]] == [
        ("ID.determination.74-103-2.nonresident", "fixed")
    ]


def test_sending_is_by_email_unless_said_otherwise() -> None:
    email = due("TX", "sent=2026-03-04T09:00")
    post = due("TX", "sent=2026-03-04T09:00", sent_by="post")

    assert "Sent Wednesday, March 4, 2026, by e-mail at 9:00 am" in email.text
    # A mailed request counts as received on the third business day after postmark (Gov't Code § 552.301(a-1)).
    assert "Presumed received on Monday, March 9, 2026" in post.text


def test_a_time_with_an_offset_becomes_local_time() -> None:
    event = parse_event("received=2026-03-02T03:30:00+00:00", "America/New_York")

    assert (str(event.on), str(event.at)) == ("2026-03-01", "22:30:00")


@pytest.mark.parametrize(
    ("code", "events", "options", "words"),
    [
        pytest.param("XX", ["received=2026-03-02"], {}, "no jurisdiction with the code 'XX'", id="unknown-code"),
        pytest.param("", ["received=2026-03-02"], {}, "no jurisdiction with the code ''", id="empty-code"),
        pytest.param("MD", [], {}, "Give at least one event", id="no-event"),
        pytest.param("MD", ["received"], {}, "'received' is not an event", id="event-without-a-date"),
        pytest.param("MD", ["received="], {}, "is not an event", id="event-with-an-empty-date"),
        pytest.param("MD", ["recieved=2026-03-02"], {}, "no event called 'recieved'", id="misspelt-event"),
        pytest.param("MD", ["received=2026-02-30"], {}, "'2026-02-30' is not a possible date", id="impossible-date"),
        pytest.param("MD", ["received=2026-13-01"], {}, "'2026-13-01' is not a possible date", id="impossible-month"),
        pytest.param("MD", ["received=2026-03-02T25:00"], {}, "is not a possible date", id="impossible-hour"),
        pytest.param("MD", ["received=03/02/2026"], {}, "write the year first", id="american-date"),
        pytest.param("MD", ["received=20260302"], {}, "write the year first", id="date-without-dashes"),
        pytest.param("MD", ["received=2020-03-02"], {}, "does not reach 2020-03-02", id="before-the-calendar"),
        pytest.param("MD", ["received=2060-03-02"], {}, "does not reach 2060-03-02", id="after-the-calendar"),
        pytest.param("MD", ["denied=2026-03-02"], {}, "Nothing was sent or received", id="no-cause"),
        pytest.param(
            *("MD", ["received=2026-03-02", "acknowledged=2026-03-01"], {}, "cannot come before"),
            id="event-before-its-cause",
        ),
        pytest.param(
            *("MD", ["received=2026-03-02", "clarified=2026-03-05"], {}, "answers nothing"), id="answer-to-no-question"
        ),
        pytest.param(
            *("MD", ["received=2026-03-02", "appeal_filed=2026-03-03"], {}, "cannot come before a denial"),
            id="appeal-before-silence-could-count",
        ),
        pytest.param(
            *("MD", ["received=2026-03-02", "received=2026-03-03"], {}, "can happen only once"), id="received-twice"
        ),
        pytest.param(
            *("MD", ["received=2026-03-02"], {"as_of": "soon"}, "'soon' is not a date"), id="as-of-is-no-date"
        ),
        pytest.param(
            *("MD", ["sent=2026-03-02"], {"sent_by": "pigeon"}, "'pigeon' is no way of sending"), id="unknown-way"
        ),
        pytest.param(
            *("ID", ["received=2026-03-02"], {"conditions": ["resident"]}, "use one of nonresident"),
            id="unknown-condition",
        ),
    ],
)
def test_a_wrong_question_gets_one_clear_line_and_status_two(
    code: str, events: list[str], options: dict[str, object], words: str
) -> None:
    answer = due(code, *events, **options)

    assert (answer.status, answer.text) == (2, "")
    assert words in answer.error
    assert "\n" not in answer.error


def test_a_broken_overlay_is_named_and_not_guessed_around(tmp_path: Path) -> None:
    (tmp_path / "statutes").mkdir()
    (tmp_path / "statutes" / "MD.json").write_text("{}", encoding="utf-8")

    answer = answer_due(LawBook(tmp_path), "MD", ["received=2026-03-02"], now=NOW)

    assert answer.status == 2
    assert answer.error.startswith("The law book cannot be used: statutes/MD.json: ")


def test_an_answer_ends_paragraphs_and_stays_narrow() -> None:
    answer = due("VA", "received=2026-03-06", "extension=2026-03-12", "fee_estimated=2026-03-16", as_of="2026-04-01")

    head = [line for line in answer.text.splitlines() if " due  " in line]
    assert any("no date while the clock stands still" in line for line in head)
    assert all(len(line) <= 118 for line in answer.text.splitlines() if line.startswith("  "))
