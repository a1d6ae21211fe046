"""The dullest law, calendar and timeline that are valid; a test changes only what it is about."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from requests_app.law.calendars import HolidayCalendar, build_calendar
from requests_app.law.deadlines import Deadline, Projection, project
from requests_app.law.inquiry import parse_event
from requests_app.law.schema import CalendarFile, Rule, Statute
from requests_app.law.timeline import Timeline

EVERY_CLOSED_DAY = ("saturday", "sunday", "holiday")


def rule(rule_id: str = "decide", **changes: Any) -> dict[str, Any]:
    """A rule as a file would say it: the agency decides within five business days of receipt."""
    return {
        "id": f"MD.{rule_id}",
        "kind": "determination",
        "duty_of": "agency",
        "duty": "decide",
        "period": {"amount": 5, "unit": "business_days"},
        "trigger": "receipt",
        "citation": "Code § 1",
        "confidence": "high",
    } | changes


def days(amount: int, unit: str = "calendar_days") -> dict[str, Any]:
    """A period as a file would say it."""
    return {"amount": amount, "unit": unit}


def statute_facts(*rules: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A whole statute file as plain values."""
    return {
        "code": "MD",
        "name": "Sample",
        "timezone": "America/New_York",
        "edition": "2026-01-01",
        "status_date": "2026-01-01",
        "statute": {
            "name": "Sample Records Act",
            "short_name": "SRA",
            "citation": "Code § 1 et seq.",
            "records_term": "public records",
            "url": "https://example.org/act",
        },
        "requester": {"residents_only": False, "who": "any person", "citation": "Code § 2"},
        "submission": {
            "writing_required": True,
            "official_form_required": False,
            "email_allowed": True,
            "identification_required": False,
            "purpose_may_be_asked": False,
            "citation": "Code § 3",
            "notes": None,
        },
        "standard_if_no_fixed_deadline": None,
        "rules": list(rules) or [rule()],
        "tolling": [],
        "receipt": {
            "email": "same_business_day",
            "after_hours": "next_business_day",
            "closed_day": "same_day",
        },
        "day_counting": {
            "business_day_excludes": "weekends and holidays",
            "rolls": list(EVERY_CLOSED_DAY),
            "rolls_disputed": [],
            "citation": "Code § 4",
        },
        "fees": {
            "inspection_free": True,
            "waiver_available": True,
            "waiver_standard": None,
            "free_allowance": None,
            "may_charge_labor": True,
            "advance_notice_or_deposit": None,
            "citation": "Code § 5",
        },
        "denial_must": [],
        "denial_citation": None,
        "segregability": {"required": True, "citation": "Code § 6"},
        "electronic_copies": {
            "right_to_electronic_format": True,
            "new_compilation_required": False,
            "citation": "Code § 7",
        },
        "likely_exemptions": [],
        "remedies": {"attorney_fees": None, "civil_penalty": None, "citation": "Code § 8"},
        "oversight": [],
        "recent_changes": [],
        "sources": [{"url": "https://example.org/act", "supports": "all", "text_as_of": None, "kind": "statute"}],
        "confidence": "high",
        "doubts": [],
    } | changes


def statute(*rules: dict[str, Any], **changes: Any) -> Statute:
    """A statute with these rules."""
    return msgspec.convert(statute_facts(*rules, **changes), Statute)


def counting(rolls: tuple[str, ...] = EVERY_CLOSED_DAY, disputed: tuple[str, ...] = ()) -> dict[str, Any]:
    """A computation-of-time rule with these rolling days."""
    facts: dict[str, Any] = statute_facts()["day_counting"]
    return facts | {"rolls": list(rolls), "rolls_disputed": list(disputed)}


def calendar(*, closed: tuple[str, ...] = (), disputed: tuple[str, ...] = ()) -> HolidayCalendar:
    """The federal calendar with these days closed or disputed besides, in every test's years."""
    corrections = [
        {"name": f"{status} day", "status": status, "when": {"date": day}, "citation": "Order 1"}
        for status, days_named in (("closed", closed), ("disputed", disputed))
        for day in days_named
    ]
    facts = {
        "code": "MD",
        "base": {"country": "US", "subdiv": None},
        "citation": "Code § 9",
        "reviewed_from": "2024-01-01",
        "reviewed_through": "2030-12-31",
        "corrections": corrections,
        "sources": [{"url": "https://example.org/days", "supports": "all", "as_of": None}],
        "confidence": "high",
        "doubts": [],
    }
    return build_calendar(msgspec.convert(facts, CalendarFile))


PLAIN_CALENDAR = calendar()


def timeline(events: str) -> Timeline:
    """A timeline from words: "received=2026-03-02 denied=2026-03-09"; a way of sending stands behind a slash."""
    found = []
    for words in events.split():
        event, _, method = words.partition("/")
        found.append(parse_event(event, "America/New_York", method or None))  # type: ignore[arg-type]
    return Timeline(found)


def projected(
    law: Statute,
    events: str,
    *,
    as_of: str = "2026-12-31",
    on: HolidayCalendar = PLAIN_CALENDAR,
    conditions: Any = None,
) -> Projection:
    """Project a timeline in words on a day in words."""
    return project(law, timeline(events), on, as_of=date.fromisoformat(as_of), conditions=conditions)


def only(projection: Projection, rule_id: str) -> Deadline:
    """The one row of a rule."""
    found = [row for row in projection.deadlines if row.rule_id == f"MD.{rule_id}"]
    assert len(found) == 1, [(row.rule_id, row.state) for row in projection.deadlines]
    return found[0]


def pair(row: Deadline) -> tuple[str, str]:
    """The two dates of a row in words."""
    return str(row.earliest), str(row.latest)


def rule_of(facts: dict[str, Any]) -> Rule:
    """A rule from plain values."""
    return msgspec.convert(facts, Rule)
