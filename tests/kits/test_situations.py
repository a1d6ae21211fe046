"""Which letter makes sense now: a table of turns, and properties that hold whatever the matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.kits import samples
from requests_app.kits.catalog import letter_type, letter_types
from requests_app.kits.later import compose_later
from requests_app.kits.later_schema import LETTER_KEYS
from requests_app.kits.letters import ChoiceError
from requests_app.kits.matter import Duty, Fees, Happening, Matter, Refusal
from requests_app.kits.situations import Offer, offers, recommended
from requests_app.law.book import CODES, open_book
from tests.kits.cast import statute
from tests.kits.later_cast import TODAY, body_of, later, matter, offer, recipient

ACCUSING = frozenset(letter.key for letter in letter_types() if letter.accuses)


def refused(code: str = "MD", *, days_ago: int = 5, **changes: object) -> Matter:
    """Return a matter that was refused in words some days ago, its reviews counted by the law room."""
    about = samples.sample_matter(code, "refused")
    sent = TODAY - timedelta(days=days_ago + 3)
    on = {"sent": 0, "received": 0, "acknowledged": 2, "denied": 3}
    told = tuple(replace(each, on=sent + timedelta(days=on[each.kind])) for each in about.happened)
    refusal = replace(about.refusal, on=told[-1].on) if about.refusal is not None else None
    about = replace(about, sent_on=sent, received_on=sent, happened=told, refusal=refusal)
    return replace(samples.with_duties(about, open_book(None), TODAY), **changes)  # type: ignore[arg-type]


def only(*objections: str) -> Refusal:
    return Refusal(on=TODAY - timedelta(days=5), kind="denied", objections=objections)


SMALL_FEE = Fees(estimated_cents=2_000, limit_cents=5_000)
PLAIN_FEE = Fees(estimated_cents=48_000)

SITUATIONS = [
    # waiting
    pytest.param(matter(turn="fresh"), None, id="sent-yesterday-wait"),
    pytest.param(matter("WY", "fresh"), "receipt_confirmation", id="clock-starts-with-their-confirmation"),
    pytest.param(matter(turn="fresh", status="ready", sent_on=None), None, id="not-sent"),
    pytest.param(matter(turn="fresh", status="undelivered"), None, id="bounced-send-again-first"),
    pytest.param(
        matter(turn="fresh", status="sent", sent_on=TODAY - timedelta(days=8), received_on=None, duties=()),
        "receipt_confirmation",
        id="eight-days-and-no-receipt",
    ),
    pytest.param(matter(turn="silent"), "determination_overdue", id="decision-missed"),
    pytest.param(matter("AK", "silent"), "determination_overdue", id="records-due-instead-of-a-decision"),
    pytest.param(matter("FL", "silent"), "determination_overdue", id="no-fixed-time-after-thirty-days"),
    pytest.param(matter("CO", "silent"), "determination_overdue", id="time-hangs-on-an-unsettled-fact"),
    pytest.param(matter("AZ", "silent"), "acknowledgment_overdue", id="acknowledgment-missed"),
    pytest.param(later(matter(turn="silent"), "determination_overdue", 3), None, id="written-three-days-ago-wait"),
    pytest.param(
        later(matter("NE", "silent"), "determination_overdue", 15),
        "determination_overdue",
        id="nothing-to-appeal-to-ask-again",
    ),
    pytest.param(matter(turn="extended"), "extension_expired", id="extension-over"),
    pytest.param(matter("DE", "extended"), "extension_expired", id="extension-without-a-number"),
    pytest.param(samples.sample_matter("MD", "extended", fresh_refusal=True), None, id="extension-runs-wait"),
    # their questions
    pytest.param(matter(turn="asked"), "clarification_answer", id="they-ask"),
    pytest.param(matter(turn="fee", fees=PLAIN_FEE), "fee_waiver_request", id="fee-with-a-right-to-a-waiver"),
    pytest.param(matter("TN", "fee", fees=PLAIN_FEE), "fee_itemization", id="fee-without-waiver-or-lines"),
    pytest.param(matter("TN", "fee"), "deposit_objection", id="lines-are-there-and-a-deposit"),
    pytest.param(matter(turn="fee", fees=SMALL_FEE), "fee_acceptance", id="within-our-limit"),
    pytest.param(
        matter(turn="fee", fees=replace(SMALL_FEE, estimated_cents=48_000, waiver="refused")),
        "fee_waiver_appeal",
        id="waiver-refused",
    ),
    pytest.param(
        matter(turn="fee", fees=replace(PLAIN_FEE, waiver="asked", lines=samples.turn("fee").fees.lines)),
        None,
        id="waiver-pending-wait",
    ),
    # granted, produced
    pytest.param(matter(turn="granted"), "production_overdue", id="records-missed"),
    pytest.param(matter("VA", "granted"), "production_overdue", id="records-without-a-number-after-thirty-days"),
    pytest.param(matter(turn="done"), "thanks_and_closing", id="everything-came"),
    pytest.param(later(matter(turn="done"), "thanks_and_closing", 2), None, id="thanked-already"),
    # refused
    pytest.param(refused(), "objection_reply", id="refused-with-reasons"),
    pytest.param(refused(refusal=only("O4")), "must_create_record", id="only-create-a-record"),
    pytest.param(refused(refusal=only("O8")), "objection_reply", id="burden-reply-first"),
    pytest.param(matter(turn="none"), "no_records_challenge", id="no-records"),
    pytest.param(matter(turn="part"), "objection_reply", id="part-withheld"),
    pytest.param(refused("PA", days_ago=12), "administrative_appeal", id="appeal-date-presses"),
    pytest.param(later(refused("PA", days_ago=1), "objection_reply", 1), None, id="replied-yesterday-wait"),
    pytest.param(
        later(refused("IL", days_ago=20), "objection_reply", 12), "administrative_appeal", id="reply-unanswered"
    ),
    pytest.param(
        later(refused("MD", days_ago=20), "objection_reply", 12), "mediation_request", id="ombudsman-comes-first"
    ),
    pytest.param(
        later(refused("MO", days_ago=20), "objection_reply", 12), "attorney_general_complaint", id="only-a-complaint"
    ),
    pytest.param(later(refused("CA", days_ago=40), "objection_reply", 32), "notice_before_suit", id="no-body-at-all"),
    pytest.param(refused("PA", status="appeal"), None, id="review-under-way-wait"),
]


@pytest.mark.parametrize(("about", "expected"), SITUATIONS)
def test_the_recommended_letter(about: Matter, expected: str | None) -> None:
    found = recommended(about, statute(about.jurisdiction))
    assert (found.key if found is not None else None) == expected
    if found is not None:
        assert found == offers(about, statute(about.jurisdiction))[0]


def test_a_review_decided_against_us_opens_the_next_one_or_the_court() -> None:
    lost = Happening(kind="appeal_decided", on=TODAY, outcome="refused")
    maryland = refused("MD")
    board = offer("administrative_appeal", replace(maryland, happened=(*maryland.happened, lost)))
    assert board.fits in ("now", "possible")
    assert board.body == "the State Public Information Act Compliance Board"
    connecticut = refused("CT")
    assert offer("notice_before_suit", connecticut).fits == "too_early"
    suit = offer("notice_before_suit", replace(connecticut, happened=(*connecticut.happened, lost)))
    assert (suit.fits, suit.ours) == ("now", True)


@pytest.mark.parametrize(
    ("key", "code", "why"),
    [
        ("administrative_appeal", "CA", "names no body or officer for an appeal"),
        ("constructive_denial_appeal", "US", "names no body that hears silence"),
        ("mediation_request", "OH", "no ombudsman or mediator"),
        ("attorney_general_complaint", "PA", "no complaint to the attorney general"),
    ],
)
def test_what_a_law_does_not_know_is_not_offered(key: str, code: str, why: str) -> None:
    found = offer(key, refused(code))
    assert found.fits == "not_here"
    assert why in found.why


def test_an_offer_carries_what_the_form_begins_with() -> None:
    reply = offer("objection_reply", refused())
    assert reply.preset["objections"] == ("O1", "O4")
    assert reply.preset["quote"].startswith("The requested records")
    appeal = offer("administrative_appeal", refused("PA"))
    assert appeal.preset["rule_id"] == appeal.rule_id == "PA.appeal.67.1101"
    assert (appeal.level, appeal.ours, appeal.event_kind) == ("commission", True, "appeal_filed")
    assert appeal.by is not None
    assert offer("fee_acceptance", matter(turn="fee", fees=SMALL_FEE)).preset == {"limit": 2_000}
    assert offer("administrative_appeal", refused("VT")).agency_head


def test_our_answer_to_a_question_is_due_on_its_safe_day() -> None:
    asked = replace(matter(turn="asked"), duties=())
    due = Duty(
        kind="reply",
        duty_of="requester",
        rule_id="x",
        duty="answer",
        citation="§ 1",
        trigger="clarification_request",
        trigger_date=TODAY,
        earliest=TODAY + timedelta(days=3),
        latest=TODAY + timedelta(days=5),
        certainty="fixed",
        state="running",
    )
    found = offer("clarification_answer", replace(asked, duties=(due,)))
    assert (found.by, found.ours, found.citation) == (TODAY + timedelta(days=3), True, "§ 1")
    assert "November 26, 2026" in found.why


# --- whatever the matter ----------------------------------------------------------------------------------------------

_STATUSES = (
    "sent",
    "received",
    "acknowledged",
    "extended",
    "clarification",
    "fee",
    "production",
    "partial",
    "refused",
    "appeal",
    "done",
    "ready",
    "undelivered",
)
_KINDS = (
    "acknowledged",
    "extension",
    "clarification_requested",
    "fee_estimated",
    "determined",
    "denied",
    "no_records",
    "produced_part",
    "produced",
    "appeal_filed",
    "appeal_decided",
    "reply",
)


@cache
def _agency_rules(code: str) -> tuple[tuple[str, str], ...]:
    kinds = ("acknowledgment", "determination", "production", "extension")
    return tuple((r.id, r.kind) for r in statute(code).rules if r.duty_of == "agency" and r.kind in kinds)


@st.composite
def matters(draw: st.DrawFn) -> Matter:
    """Draw a matter that nobody planned: any status, happenings, and duties of the law book with any dates."""
    code = draw(st.sampled_from(CODES))
    day = st.integers(-200, 60).map(lambda days: TODAY + timedelta(days=days))
    rules = _agency_rules(code)
    duties = []
    for rule_id, kind in draw(st.lists(st.sampled_from(rules), max_size=4)) if rules else ():
        latest = draw(st.none() | day)
        duties.append(
            Duty(
                kind=kind,
                duty_of="agency",
                rule_id=rule_id,
                duty="x",
                citation=statute(code).rule(rule_id).citation,
                trigger="receipt",
                trigger_date=TODAY,
                earliest=latest,
                latest=latest,
                certainty=draw(st.sampled_from(("fixed", "presumed", "disputed", "conditional"))),
                state=draw(st.sampled_from(("running", "paused", "met", "missed", "superseded"))),
            )
        )
    happened = [
        Happening(kind=kind, on=draw(day), letter_key=draw(st.sampled_from(("", *LETTER_KEYS))))
        for kind in draw(st.lists(st.sampled_from((*_KINDS, "follow_up")), max_size=4))
    ]
    refusal = draw(
        st.none()
        | st.builds(
            Refusal,
            on=day,
            kind=st.sampled_from(("denied", "no_records", "part")),
            objections=st.lists(st.sampled_from(("O1", "O4", "O8")), unique=True).map(tuple),
            quote=st.text(max_size=30),
        )
    )
    about = samples.sample_matter(code, "fresh")
    return replace(
        about,
        status=draw(st.sampled_from(_STATUSES)),
        sent_on=draw(day.filter(lambda on: on <= TODAY)),
        duties=tuple(duties),
        happened=tuple(happened),
        refusal=refusal,
        fees=draw(
            st.builds(
                Fees,
                estimated_cents=st.none() | st.integers(0, 10**6),
                limit_cents=st.none() | st.just(5_000),
                deposit_cents=st.none() | st.just(100),
                waiver=st.sampled_from(("not_asked", "asked", "granted", "part", "refused")),
            )
        ),
    )


@settings(max_examples=80, deadline=None)
@given(matters())
def test_every_letter_is_judged_and_exactly_one_is_recommended(about: Matter) -> None:
    found = offers(about, statute(about.jurisdiction))
    assert {each.key for each in found} == set(LETTER_KEYS)
    fits = [("now", "possible", "too_early", "not_here").index(each.fits) for each in found]
    assert fits == sorted(fits)
    chosen = recommended(about, statute(about.jurisdiction))
    assert chosen == (found[0] if found[0].fits == "now" else None)
    for each in found:
        assert each.why.endswith("."), each
        assert len(each.why.split()) >= 4
        assert each.event_kind in ("follow_up", "clarified", "fee_paid", "appeal_filed", "withdrawn", "closed")


@settings(max_examples=80, deadline=None)
@given(matters())
def test_an_accusing_letter_is_never_due_before_the_latest_date(about: Matter) -> None:
    law = statute(about.jurisdiction)
    for each in offers(about, law):
        if each.key in ACCUSING and each.fits == "now" and not _was_refused(about):
            kinds = _kinds_behind(each)
            rows = [duty for duty in about.duties if duty.kind in kinds and duty.duty_of == "agency"]
            if any(_certainly_missed(duty, about, law) for duty in rows):
                continue
            # Nothing was certainly missed: then no counted date may lie ahead, and the letter itself blames nobody.
            same = [duty for duty in rows if duty.kind == kinds[0]]
            assert all(duty.latest is not None and duty.latest < about.today for duty in same), each
            assert each.key in ("determination_overdue", "production_overdue", "extension_expired"), each
            made = compose_later(letter_type(each.key), law, recipient(each.key, about), about, samples.SENDER, {})
            assert "By my count" not in body_of(made)


@settings(max_examples=80, deadline=None)
@given(matters())
def test_whatever_is_due_can_be_written(about: Matter) -> None:
    law = statute(about.jurisdiction)
    for each in offers(about, law):
        if each.fits == "now":
            inputs = {**samples.sample_inputs(each.key), **each.preset}
            inputs = {name: value for name, value in inputs.items() if name != "items" or about.items}
            if each.key == "objection_reply" and not inputs.get("objections"):
                continue  # the person chooses
            made = compose_later(letter_type(each.key), law, recipient(each.key, about), about, samples.SENDER, inputs)
            assert made.paragraphs()


def test_every_letter_is_due_or_possible_in_some_jurisdiction() -> None:
    seen = set()
    for code in CODES:
        for turn in samples.TURNS:
            for fresh in (False, True):
                about = samples.sample_matter(code, turn.key, fresh_refusal=fresh)
                seen |= {each.key for each in offers(about, statute(code)) if each.fits in ("now", "possible")}
    assert seen == set(LETTER_KEYS)


def test_what_is_offered_as_a_review_can_be_composed_by_its_preset() -> None:
    for code in CODES:
        about = refused(code)
        for each in offers(about, statute(code)):
            if each.rule_id is not None and each.fits in ("now", "possible"):
                try:
                    made = compose_later(
                        letter_type(each.key),
                        statute(code),
                        recipient(each.key, about),
                        about,
                        samples.SENDER,
                        each.preset,
                    )
                except ChoiceError as error:
                    pytest.fail(f"{code} {each.key}: {error}")
                assert made.letter_key == each.key


def _was_refused(about: Matter) -> bool:
    return about.refusal is not None or any(each.kind in ("denied", "no_records") for each in about.happened)


def _kinds_behind(each: Offer) -> tuple[str, ...]:
    return {
        "acknowledgment_overdue": ("acknowledgment",),
        "determination_overdue": ("determination", "production"),
        "production_overdue": ("production",),
        "extension_expired": ("extension",),
        "extension_unlawful": ("determination", "production"),
    }.get(each.key, ("acknowledgment", "determination", "production", "extension"))


def _certainly_missed(duty: Duty, about: Matter, law: object) -> bool:
    late = duty.latest is not None and duty.latest < about.today
    return late and duty.certainty != "conditional"


def test_the_day_itself_is_not_late() -> None:
    rule = "MD.determination.4-203-a-1"
    due = next(each for each in samples.sample_matter("MD", "silent").duties if each.rule_id == rule)
    for today, late in ((date(2026, 7, 1), False), (date(2026, 7, 2), True)):
        about = samples.with_duties(matter(turn="silent"), open_book(None), today)
        assert (offer("determination_overdue", about).fits == "now") is late
        assert due.latest == date(2026, 7, 1)
