"""The CSV form: read whatever a spreadsheet writes, say what each line does, write exactly that."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.agencies import queries, services
from requests_app.agencies.importing import (
    BYTES_MAX,
    COLUMNS,
    LINES_MAX,
    AgencyState,
    ContactState,
    ImportFileError,
    Plan,
    compose_csv,
    decode,
    parse_csv,
    plan_import,
)
from requests_app.agencies.models import Agency, AgencyImport, ContactPoint
from requests_app.people.models import Person
from tests.agencies.conftest import make_agency
from tests.people.cast import NOW, make_person

HEAD = "code,state,name,short_name,roles,channel,address,confidence,source,as_of\n"
FACTS = {"name": "State Police", "short_name": "SP", "parent": "", "website": "", "records_office": ""}


def known() -> list[AgencyState]:
    contact = ContactState(
        {"office_or_title": "", "confidence": "low", "source": "", "as_of": "", "doubt": ""}, retired=False
    )
    retired = ContactState({**contact.facts}, retired=True)
    contacts = {("email", "a@b.example"): contact, ("email", "old@b.example"): retired}
    return [AgencyState("md-sp", "MD", FACTS | {"submission_notes": ""}, {"dmv"}, contacts)]


def plan(*lines: str, head: str = HEAD) -> Plan:
    return plan_import(parse_csv(head + "\n".join(lines)), known())


def outcomes(*lines: str) -> list[str]:
    return [one.outcome for one in plan(*lines).outcomes]


# --- one line ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        pytest.param("md-sp,MD,State Police,SP,dmv,email,a@b.example,low,,", "unchanged", id="as-it-is"),
        pytest.param("md-sp,md,,,,,,,,", "unchanged", id="empty-cells-change-nothing"),
        pytest.param(",MD,state police,,,,,,,", "update", id="found-by-name-in-another-case"),
        pytest.param("md-sp,MD,State Police,,nlets_control_point,,,,,", "update", id="one-more-role"),
        pytest.param("md-sp,MD,State Police,,,email,A@B.EXAMPLE,,,", "create", id="another-mailbox"),
        pytest.param("md-sp,MD,State Police,,,email,a@B.EXAMPLE,,,", "unchanged", id="domain-in-another-case"),
        pytest.param("md-sp,MD,State Police,,,email,a@b.example,high,,2026-11", "update", id="a-newer-fact"),
        pytest.param("md-sp,MD,State Police,,,fax,410-555-0100,,,", "create", id="a-new-way"),
        pytest.param("md-sp,MD,State Police,,,email,old@b.example,high,,", "unchanged", id="retired-stays-retired"),
        pytest.param(",DE,Motor Vehicles,DMV,dmv,,,,,", "create", id="a-new-agency"),
    ],
)
def test_a_line_says_what_it_does(line: str, outcome: str) -> None:
    assert outcomes(line) == [outcome]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("md-sp,ZZ,State Police,,,,,,,", "two-letter code", id="no-such-state"),
        pytest.param("md-sp,DE,State Police,,,,,,,", "belongs to MD", id="another-state"),
        pytest.param("md-x,MD,State Police,,dmv,,,,,", "code md-sp", id="same-name-other-code"),
        pytest.param("de-x,MD,New,,dmv,,,,,", "must begin with md-", id="code-of-another-state"),
        pytest.param("md-X!,MD,New,,dmv,,,,,", "must begin with md-", id="code-with-odd-signs"),
        pytest.param(",MD,New,,,,,,,", "at least one role", id="new-without-a-role"),
        pytest.param("md-new,MD,,,dmv,,,,,", "needs its name", id="new-without-a-name"),
        pytest.param(",MD,New,,king,,,,,", "no role king", id="no-such-role"),
        pytest.param("md-sp,MD,State Police,,,email,,,,", "needs its channel", id="way-without-address"),
        pytest.param("md-sp,MD,State Police,,,,a@b.example,,,", "needs its channel", id="address-without-way"),
        pytest.param("md-sp,MD,State Police,,,email,nobody,,,", "not an e-mail address", id="no-address"),
        pytest.param("md-sp,MD,State Police,,,pigeon,home,,,", "no channel pigeon", id="no-such-way"),
        pytest.param("md-sp,MD,State Police,,,email,a@b.example,sure,,", "high, medium or low", id="odd-confidence"),
        pytest.param("md-sp,MD,State Police,,,email,a@b.example,,,soon", "must look like", id="odd-date"),
        pytest.param(f"md-sp,MD,{'x' * 201},,,,,,,", "longer than 200", id="endless-name"),
    ],
)
def test_a_bad_line_says_why_and_writes_nothing(line: str, says: str) -> None:
    (outcome,) = plan(line).outcomes
    assert outcome.outcome == "error"
    assert says in outcome.says[0]
    assert outcome.number == 2
    assert plan(line).changes == []


def test_a_bad_line_does_not_stop_the_others() -> None:
    assert outcomes(",ZZ,Nowhere,,dmv,,,,,", ",DE,Motor Vehicles,,dmv,,,,,") == ["error", "create"]


def test_lines_of_one_agency_belong_together() -> None:
    lines = [
        ",DE,Motor Vehicles,DMV,dmv,email,a@dmv.example,,,",
        ',DE,Motor Vehicles,,,post,"1 Road\nDover, DE",,,',
        "de-dmv,DE,,,,email,a@dmv.example,,,",
    ]
    made = plan(*lines)
    assert [one.outcome for one in made.outcomes] == ["create", "create", "unchanged"]
    assert {change.code for change in made.changes} == {"de-dmv"}
    assert [one.number for one in made.outcomes] == [2, 3, 5]  # the address takes two lines of the file


def test_two_lines_that_contradict_each_other_are_told_apart() -> None:
    made = plan("md-sp,MD,State Police,SP1,,,,,,", "md-sp,MD,State Police,SP2,,,,,,")
    assert [one.outcome for one in made.outcomes] == ["update", "error"]
    assert "line 2" in made.outcomes[1].says[0]


def test_an_agency_cannot_take_the_name_of_another() -> None:
    made = plan(",MD,Second Police,,dmv,,,,,", "md-sp,MD,Second Police,,,,,,,")
    assert made.outcomes[1].outcome == "error"


# --- the whole file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n\n ", "empty", id="blank"),
        pytest.param(b"PK\x03\x04rest", "spreadsheet", id="xlsx"),
        pytest.param(b"\xd0\xcf\x11\xe0rest", "spreadsheet", id="xls"),
        pytest.param(b"x" * (BYTES_MAX + 1), "larger than 5 MB", id="huge"),
        pytest.param(b"state,name\nMD,a\x00b", "not a text file", id="null-byte"),
        pytest.param(b"\xff\xfea", "damaged", id="broken-utf-16"),
        pytest.param(b"first,second\n1,2", "unknown: first, second", id="other-columns"),
        pytest.param(b"name\nx", "missing: state", id="missing-column"),
        pytest.param(b"state,name,name\nMD,x,y", "twice: name", id="column-twice"),
        pytest.param(b"state,name,channel\nMD,x,email", "belong together", id="half-a-contact"),
        pytest.param(b"state,name\n", "nothing to import", id="no-lines"),
        pytest.param(b'state,name\nMD,"x', "quotation mark", id="open-quote"),
        pytest.param(b"state,name\nMD,Police, State", "more cells", id="comma-in-a-name"),
        pytest.param(b"state,name\n" + b"MD,x\n" * (LINES_MAX + 1), "10,000 lines", id="too-many-lines"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(raw: bytes, says: str) -> None:
    with pytest.raises(ImportFileError, match=says) as refusal:
        parse_csv(decode(raw)[0])
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("state,name\r\nPR,Año".encode(), id="utf-8"),
        pytest.param("\ufeffstate,name\r\nPR,Año".encode(), id="utf-8-with-mark"),
        pytest.param("state,name\r\nPR,Año".encode("utf-16"), id="utf-16"),
        pytest.param("state,name\r\nPR,Año".encode("cp1252"), id="windows"),
        pytest.param("State;Name\nPR;Año".encode(), id="semicolons-and-capitals"),
        pytest.param("state\tname\nPR\tAño".encode(), id="tabs"),
        pytest.param("\n\nstate,name,\n\nPR,Año,\n\n".encode(), id="empty-lines-and-columns"),
    ],
)
def test_whatever_a_spreadsheet_program_writes_is_read(raw: bytes) -> None:
    (line,) = parse_csv(decode(raw)[0]).lines
    assert dict(line.cells) == {"state": "PR", "name": "Año"}


def test_a_guess_at_the_encoding_is_told() -> None:
    assert decode("Año".encode("cp1252"))[1]
    assert not decode("Año".encode())[1]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=30)
armed = st.tuples(st.text("'", max_size=3), st.sampled_from("=+-@"), words).map("".join)
cell_text = (words | armed).map(str.strip)


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), cell_text, max_size=4), min_size=1, max_size=3))
def test_an_export_reads_back_as_it_was(filled: list[dict[str, str]]) -> None:
    # A few cells say as much as all of them. A line without any cell would be no line.
    rows = [dict.fromkeys(COLUMNS, "") | cells | {"state": "MD"} for cells in filled]
    text = compose_csv(rows)
    back = [dict(line.cells) for line in parse_csv(decode(text.encode())[0]).lines]
    assert back == rows


@given(cell_text)
def test_no_exported_cell_begins_like_a_formula(text: str) -> None:
    for row in csv.reader(io.StringIO(compose_csv([{"name": text, "address": f"\t{text}"}]), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_plan_is_known_by_what_it_would_write() -> None:
    one = plan("md-sp,MD,State Police,SP1,,,,,,")
    assert one.sha256 == plan("md-sp,MD,State Police,SP1,,,,,,").sha256
    assert one.sha256 != plan("md-sp,MD,State Police,SP2,,,,,,").sha256


# --- through the door -------------------------------------------------------------------------------------------------


@pytest.fixture
def bob(db: None) -> Person:
    return make_person("bob", "coordinator")


def preview(bob: Person, *lines: str, head: str = HEAD) -> AgencyImport:
    raw = (head + "\n".join(lines)).encode()
    return services.preview_import(raw=raw, file_name="agencies.csv", by=bob, now=NOW)


def snapshot() -> list[Any]:
    return [list(Agency.objects.order_by("pk").values()), list(ContactPoint.objects.order_by("pk").values())]


NEW = ",DE,Motor Vehicles,DMV,dmv; governor_records,fax,302-555-0100,medium,https://x.example,2026-11"
WRONG = ",ZZ,Nowhere,,dmv,,,,,"


def test_a_dry_run_writes_nothing(bob: Person, police: Agency) -> None:
    before = snapshot()
    preview(bob, NEW, WRONG)
    assert snapshot() == before


def test_a_confirmed_import_writes_exactly_what_was_shown(bob: Person, police: Agency) -> None:
    kept = preview(bob, NEW, WRONG, f"md-police,MD,{police.name},,dmv,email,records@md-police.example,medium,,2026")
    shown = services.plan_of(kept)
    done = services.apply_import(kept.pk, plan_sha256=shown.sha256, by=bob, now=NOW)
    assert [one.outcome for one in done.outcomes] == ["create", "error", "update"]
    agency = Agency.objects.get(code="de-dmv")
    assert {role.kind for role in agency.roles.all()} == {"dmv", "governor_records"}
    fax = agency.contact_points.get()
    assert (fax.value, fax.confidence, fax.health, fax.as_of) == ("(302) 555-0100", "medium", "unconfirmed", "2026-11")
    assert agency.changes.first() is not None
    assert agency.changes.last().why == "Imported from the file agencies.csv."  # type: ignore[union-attr]
    changed = police.contact_points.get()
    assert (changed.confidence, changed.as_of, changed.source) == ("medium", "2026", "https://x.example")
    assert {role.kind for role in police.roles.all()} == {"nlets_control_point", "dmv"}


def test_a_second_click_imports_nothing_more(bob: Person) -> None:
    kept = preview(bob, NEW)
    sha256 = services.plan_of(kept).sha256
    services.apply_import(kept.pk, plan_sha256=sha256, by=bob, now=NOW)
    before = snapshot()
    assert services.apply_import(kept.pk, plan_sha256=sha256, by=bob, now=NOW).outcomes == ()
    assert snapshot() == before


def test_when_the_list_moved_on_the_import_waits_for_another_look(bob: Person, police: Agency) -> None:
    kept = preview(bob, "md-police,MD,,New short name,,,,,,")
    shown = services.plan_of(kept).sha256
    services.edit_agency(police.pk, fields={"short_name": "New short name"}, why="x", by=bob, now=NOW)
    before = snapshot()
    with pytest.raises(services.ImportChanged):
        services.apply_import(kept.pk, plan_sha256=shown, by=bob, now=NOW)
    assert snapshot() == before
    again = services.plan_of(AgencyImport.objects.get(pk=kept.pk))
    assert services.apply_import(kept.pk, plan_sha256=again.sha256, by=bob, now=NOW).count("unchanged") == 1


def test_the_exported_list_changes_nothing_when_it_comes_back(bob: Person) -> None:
    services.seed(NOW)
    retired = ContactPoint.objects.filter(channel="phone")[0]
    services.retire_contact(retired.pk, why="x", by=bob, now=NOW)
    text = "\ufeff" + compose_csv(queries.export_rows())
    kept = services.preview_import(raw=text.encode(), file_name="x.csv", by=bob, now=NOW)
    plan_again = services.plan_of(kept)
    assert plan_again.count("unchanged") == len(plan_again.outcomes) > 190
    assert plan_again.changes == []


def test_old_previews_are_forgotten(bob: Person) -> None:
    old = preview(bob, NEW)
    AgencyImport.objects.update(made_at=NOW - services.PREVIEW_LASTS * 2)
    preview(bob, NEW)
    assert not AgencyImport.objects.filter(pk=old.pk).exists()


def test_ten_thousand_lines_are_planned_without_a_query_for_each(
    bob: Person, django_assert_max_num_queries: Any
) -> None:
    make_agency()
    lines = [f",DE,Agency {n},A{n},dmv,email,a{n}@x.example,,," for n in range(2000)]
    with django_assert_max_num_queries(8):
        kept = preview(bob, *lines)
    with django_assert_max_num_queries(4):
        assert services.plan_of(kept).count("create") == 2000
