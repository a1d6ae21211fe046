"""Editing a letter: blocks and back, locks, another generated letter underneath, and differences in words."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.kits import editing
from requests_app.kits.editing import Block, Edits
from requests_app.kits.letters import Letter, Part, Section
from requests_app.kits.text import to_text
from tests.kits.cast import letter

TEXT = st.text(alphabet="ab {}§.é\U0001f600א", min_size=1, max_size=12).map(str.strip).filter(bool)
ITEMS = st.lists(TEXT, max_size=4).map(tuple)
LETTER = letter()


@st.composite
def sections(draw: st.DrawFn) -> tuple[Section, ...]:
    """Sections as the composer makes them: a heading that runs in has a paragraph, two lists never touch."""
    made = []
    for _section in range(draw(st.integers(1, 4))):
        heading = draw(st.sampled_from(["", "Fees", "Time"]))
        parts = []
        for place in range(draw(st.integers(1, 3))):
            items = draw(ITEMS)
            bare = items and (place == 0 or not parts[-1].items) and draw(st.booleans())
            parts.append(Part(text="" if bare else draw(TEXT), items=items, legal=draw(st.booleans())))
        run_in = bool(parts[0].text) and draw(st.booleans())
        made.append(
            Section(
                key=draw(st.sampled_from(["fees", "time", "new"])), parts=tuple(parts), heading=heading, run_in=run_in
            )
        )
    return tuple(made)


LETTERS = sections().map(lambda made: replace(LETTER, sections=made))


# --- blocks and back --------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(LETTERS)
def test_the_blocks_of_a_letter_make_the_same_letter(made: Letter) -> None:
    blocks = editing.blocks_of(made)
    assert editing.apply_blocks(made, blocks) == made
    assert len({block.id for block in blocks}) == len(blocks)
    assert all(editing.is_block_id(block.id) and not block.is_new for block in blocks)


@pytest.mark.parametrize(("code", "kit_id"), [("MD", "K1"), ("US", "K3"), ("TX", "K8"), ("KY", "K7")])
def test_every_real_letter_survives(code: str, kit_id: str) -> None:
    made = letter(code, kit_id)
    assert editing.apply_blocks(made, editing.blocks_of(made)) == made


def lists_of(made: Letter) -> list[tuple[str, ...]]:
    return [part.items for section in made.sections for part in section.parts if part.items]


@settings(max_examples=40, deadline=None)
@given(LETTERS, st.data())
def test_moving_and_adding_keeps_every_text_once_and_every_list_whole(made: Letter, data: st.DataObject) -> None:
    blocks = editing.blocks_of(made)
    for _step in range(4):
        target = data.draw(st.sampled_from([block.id for block in blocks]))
        kind = data.draw(st.sampled_from(["up", "down", "item", "paragraph", "heading"]))
        if kind in ("up", "down"):
            blocks = editing.move(blocks, target, -1 if kind == "up" else 1)
        else:
            blocks, _made = editing.add_after(blocks, target, kind, "written")
    after = editing.apply_blocks(made, blocks)
    assert [block.text for block in editing.blocks_of(after)] == [block.text for block in blocks]
    assert [block.kind for block in editing.blocks_of(after)] == [block.kind for block in blocks]
    for section in after.sections:  # no list is cut in two: the numbers run on
        for one, other in pairwise(section.parts):
            assert not (one.items and other.items and not other.text)


def test_items_are_numbered_as_they_stand() -> None:
    blocks = editing.blocks_of(LETTER)
    first, second, *_rest = [block for block in blocks if block.id.startswith("records.0.")]
    blocks = editing.move(blocks, first.id, 1)
    blocks, added = editing.add_after(blocks, second.id, "item")
    blocks = editing.retype(blocks, {added: "A third thing."})
    items = lists_of(editing.apply_blocks(LETTER, blocks))[0]
    assert items[:3] == (second.text, "A third thing.", first.text)
    text = to_text(editing.apply_blocks(LETTER, editing.take_out(blocks, second.id)))
    assert " 1. A third thing." in text


def test_a_heading_taken_out_leaves_its_paragraph_a_section_of_its_own() -> None:
    blocks = editing.take_out(editing.blocks_of(LETTER), "fees.h")
    fees = next(section for section in editing.apply_blocks(LETTER, blocks).sections if section.key == "fees")
    assert fees.heading == ""
    assert fees.parts


def test_a_heading_moved_to_a_list_stands_above_it() -> None:
    blocks = editing.blocks_of(LETTER)
    place = [block.id for block in blocks].index("fees.h") - [block.id for block in blocks].index("records.0.0")
    made = editing.apply_blocks(LETTER, editing.move(blocks, "fees.h", -place))
    section = next(section for section in made.sections if section.heading == "Fees")
    assert section.parts[0].items
    assert not section.run_in, "a run-in heading without a paragraph would not be printed"


@pytest.mark.parametrize("typed", ["{state_name}", "{ref:log-extract}", "{0.__class__}", "{{twice}}", "{"])
def test_braces_that_a_person_types_are_printed_as_typed(typed: str) -> None:
    edits = Edits(
        base=editing.blocks_of(LETTER), blocks=editing.retype(editing.blocks_of(LETTER), {"opening.0": typed})
    )
    assert editing.edited(LETTER, edits).sections[0].parts[0].text == typed
    assert typed in to_text(editing.edited(LETTER, editing.load(editing.dump(edits)) or edits))


def test_a_blank_line_makes_another_paragraph_and_an_item_another_item() -> None:
    blocks = editing.retype(
        editing.blocks_of(LETTER), {"opening.0": "One\nline.\r\n \r\nTwo.", "records.0.0": "First\n\nSecond"}
    )
    opening, records = editing.apply_blocks(LETTER, blocks).sections[:2]
    assert [part.text for part in opening.parts] == ["One line.", "Two."]
    assert records.parts[0].items[:2] == ("First", "Second")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x0bc\ud800", "abc"),
        ("pay\u202etxt.exe", "paytxt.exe"),
        ("שרה כהן 🙂", "שרה כהן 🙂"),
        ("  two \t spaces\r\nand lines ", "two spaces and lines"),
    ],
    ids=["signs no printer knows", "hidden reversal", "right-to-left and emoji stay", "white space"],
)
def test_what_was_typed_is_tidied(raw: str, clean: str) -> None:
    assert editing.clean_text(raw) == clean


# --- locks ------------------------------------------------------------------------------------------------------------

LEGAL = replace(
    LETTER,
    sections=(
        Section(key="time", heading="Time", parts=(Part(text="The Act asks for a decision in 10 days.", legal=True),)),
        Section(key="end", parts=(Part(text="Please call me."),)),
    ),
)
GENERATED = editing.blocks_of(LEGAL)


@pytest.mark.parametrize(
    ("blocks", "refused"),
    [
        pytest.param(GENERATED, [], id="nothing-changed"),
        pytest.param(editing.retype(GENERATED, {"end.0": "Write to me."}), [], id="an-ordinary-paragraph"),
        pytest.param(editing.retype(GENERATED, {"time.0": "In 3 days."}), ["time.0"], id="law-without-a-reason"),
        pytest.param(editing.take_out(GENERATED, "time.0"), ["time.0"], id="law-taken-out"),
        pytest.param(tuple(b for b in GENERATED if b.id != "time.0"), ["time.0"], id="law-left-out-of-the-form"),
        pytest.param(editing.take_out(GENERATED, "time.0", "They know it."), [], id="taken-out-with-a-reason"),
        pytest.param(
            editing.retype(editing.unlock(GENERATED, "time.0", "Amended."), {"time.0": "In 7 days."}), [], id="unlocked"
        ),
        pytest.param(
            editing.retype(editing.unlock(GENERATED, "time.0", "  \n "), {"time.0": "In 7 days."}),
            ["time.0"],
            id="blank",
        ),
        pytest.param(editing.move(GENERATED, "time.0", 1), [], id="moved"),
    ],
)
def test_law_changes_only_with_a_reason(blocks: tuple[Block, ...], refused: list[str]) -> None:
    assert [problem.block_id for problem in editing.check(GENERATED, blocks)] == refused


def test_what_was_unlocked_and_why_can_be_told() -> None:
    blocks = editing.retype(editing.unlock(GENERATED, "time.0", "Amended."), {"time.0": "In 7 days."})
    [told] = editing.unlocked(GENERATED, blocks)
    assert (told.before, told.after, told.because) == (
        "The Act asks for a decision in 10 days.",
        "In 7 days.",
        "Amended.",
    )
    assert editing.unlocked(GENERATED, editing.put_back(blocks, GENERATED, "time.0")) == ()


def test_an_empty_letter_is_refused_in_a_sentence() -> None:
    blocks = GENERATED
    for block in GENERATED:
        blocks = editing.take_out(blocks, block.id, "No.")
    assert [problem.message for problem in editing.check(GENERATED, blocks)] == [
        "The letter has no text left. Put a paragraph back, or write one."
    ]
    assert len(blocks) == len(GENERATED), "everything can be put back"


def test_a_paste_of_forty_thousand_signs_is_a_letter_and_one_of_a_hundred_thousand_is_not() -> None:
    fits = editing.retype(GENERATED, {"end.0": "word " * 8000})
    assert editing.check(GENERATED, fits) == ()
    [problem] = editing.check(GENERATED, editing.retype(GENERATED, {"end.0": "word " * 20_000}))
    assert problem.block_id == "end.0"
    assert "99,999 characters" in problem.message


# --- composed again ---------------------------------------------------------------------------------------------------


def with_text(made: Letter, key: str, text: str) -> Letter:
    changed = [replace(s, parts=(replace(s.parts[0], text=text),)) if s.key == key else s for s in made.sections]
    return replace(made, sections=tuple(changed))


@settings(max_examples=40, deadline=None)
@given(LETTERS)
def test_edits_of_nothing_follow_any_letter(made: Letter) -> None:
    other = replace(made, sections=made.sections[::-1])
    assert editing.edited(other, editing.begin(made)) == other


def test_what_nobody_touched_follows_the_generated_letter() -> None:
    edits = Edits(base=GENERATED, blocks=editing.retype(GENERATED, {"end.0": "Write to me."}))
    later = with_text(LEGAL, "time", "The Act asks for a decision in 7 days.")
    merged = editing.merge(edits, later)
    assert editing.edited(later, edits).paragraphs() == ("The Act asks for a decision in 7 days.", "Write to me.")
    assert [(drift.fate, drift.block.id, drift.needs_a_look) for drift in merged.drift] == [
        ("followed", "time.0", False)
    ]


def test_words_of_a_person_stay_over_a_newer_text_and_that_is_said() -> None:
    edits = Edits(base=GENERATED, blocks=editing.retype(GENERATED, {"end.0": "Write to me."}))
    later = with_text(LEGAL, "end", "Please call me at once.")
    merged = editing.merge(edits, later)
    assert editing.edited(later, edits).paragraphs()[-1] == "Write to me."
    [drift] = merged.drift
    assert (drift.fate, drift.before, drift.now, drift.needs_a_look) == (
        "kept",
        "Please call me.",
        "Please call me at once.",
        True,
    )
    assert editing.merge(merged.edits, later).drift == (), "said once, settled when it is saved"


def test_an_item_deselected_takes_nothing_else_with_it() -> None:
    whole = letter(item_ids=("existing-reports", "nlets-statistics", "refused"))
    blocks = editing.blocks_of(whole)
    last = [block for block in blocks if block.id.startswith("records.0.")][-1]
    edits = Edits(base=blocks, blocks=editing.retype(blocks, {last.id: last.text + " By week, please."}))
    fewer = letter(item_ids=("existing-reports", "refused"))
    assert lists_of(editing.edited(fewer, edits))[0] == (lists_of(fewer)[0][0], last.text + " By week, please.")
    more = letter(item_ids=("existing-reports", "nlets-statistics", "refused", "ori-list"))
    assert len(lists_of(editing.edited(more, edits))[0]) == 4


def test_words_on_an_item_that_is_gone_are_kept_and_said() -> None:
    whole = letter(item_ids=("existing-reports", "refused"))
    blocks = editing.blocks_of(whole)
    edits = Edits(base=blocks, blocks=editing.retype(blocks, {"records.0.1": "Refusals, all of them, by day."}))
    fewer = letter(item_ids=("existing-reports",))
    merged = editing.merge(edits, fewer)
    assert "Refusals, all of them, by day." in lists_of(editing.edited(fewer, edits))[0]
    assert any(drift.fate == "gone" and drift.needs_a_look for drift in merged.drift)


def test_what_was_taken_out_stays_out() -> None:
    edits = Edits(base=GENERATED, blocks=editing.take_out(GENERATED, "end.0"))
    later = with_text(LEGAL, "end", "Please call me at once.")
    assert "call" not in " ".join(editing.edited(later, edits).paragraphs())


def test_edits_survive_storage() -> None:
    blocks = editing.retype(editing.unlock(GENERATED, "time.0", "Amended."), {"time.0": "In 7 days."})
    edits = Edits(base=GENERATED, blocks=blocks)
    assert editing.load(json.loads(json.dumps(editing.dump(edits)))) == edits
    assert edits.changed
    assert editing.load({}) is None
    assert not editing.begin(LEGAL).changed


# --- differences ------------------------------------------------------------------------------------------------------

PROSE = st.lists(
    st.sampled_from(["the", "agency", "must", "answer.", "Now!", "\n", "{x}", "§ 4-203"]), max_size=40
).map(" ".join)


@given(PROSE, PROSE)
def test_a_difference_gives_back_both_sides(old: str, new: str) -> None:
    changes = editing.diff(old, new)
    assert "".join(change.text for change in changes if change.op != "added") == old
    assert "".join(change.text for change in changes if change.op != "removed") == new
    assert all(one.op != other.op for one, other in pairwise(changes))


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_of_any_text_gives_back_both_sides(old: str, new: str) -> None:
    changes = editing.diff(old, new)
    assert "".join(change.text for change in changes if change.op != "added") == old
    assert "".join(change.text for change in changes if change.op != "removed") == new


def test_a_difference_reads_word_by_word() -> None:
    changes = editing.diff("Please answer in ten days. Thank you.", "Please answer in five days. Thank you.")
    assert [(change.op, change.text) for change in changes] == [
        ("same", "Please answer in "),
        ("removed", "ten "),
        ("added", "five "),
        ("same", "days. Thank you."),
    ]


@settings(max_examples=5, deadline=None)
@given(st.sampled_from([5, 100, 150, 400, 5000]))
def test_a_long_paste_is_compared_at_once(vocabulary: int) -> None:
    old = " ".join(f"w{place * 7919 % vocabulary}" for place in range(8000))
    new = " ".join(f"w{place * 6007 % vocabulary}" for place in range(8000))
    began = time.process_time()
    editing.diff(old, new)
    assert time.process_time() - began < 3


def test_two_versions_compared_block_by_block() -> None:
    old = editing.blocks_of(LEGAL)
    new, added = editing.add_after(old, "end.0", "paragraph", "One thing more.")
    new = editing.move(editing.retype(new, {"end.0": "Please write to me."}), "time.h", 2)
    new = editing.take_out(new, "time.0", "Known.")
    told = {change.block.id: (change.op, change.moved) for change in editing.compare(old, new)}
    assert told["end.0"][0] == "changed"
    assert told["time.0"] == ("removed", False)
    assert told[added] == ("added", False)
    assert told["time.h"][0] == "same"
    assert sum(moved for _op, moved in told.values()) == 1
