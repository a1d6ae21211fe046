"""Officials: the list, its import and export, the log of what was said, and whom to ask again."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.agencies.importing import ImportFileError
from requests_app.agencies.officials import queries, services
from requests_app.agencies.officials.importing import (
    COLUMNS,
    Known,
    OfficialPlan,
    compose_officials_csv,
    parse_officials,
    plan_officials,
)
from requests_app.agencies.officials.models import Exchange, Official, OfficialChange, OfficialImport
from requests_app.agencies.officials.values import FACTS, clean_count, clean_facts
from requests_app.agencies.services import ImportChanged
from requests_app.people.models import Person
from tests.agencies.conftest import make_exchange, make_official
from tests.people.cast import NOW, browser_of, make_person

TODAY = NOW.date()
HEAD = "state,office,title,name,district,email,postal_address,phone,fax,source,checked_on\n"
SAM = "MD,state_senator,,Sam Sample,12,sam@leg.example,,,,https://leg.example,2025-02-01"
REORDERING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HEBREW = "שרה דוגמה 🌻"


@pytest.fixture
def bob(db: None) -> Person:
    return make_person("bob", "coordinator")


@pytest.fixture
def alice(db: None) -> Person:
    return make_person("alice", "volunteer")


def known() -> list[Known]:
    facts = dict.fromkeys(FACTS, "") | {
        "jurisdiction": "MD", "office": "governor", "name": "Robin Example", "source": "x", "checked_on": "2025-01-01",
        "email": "old@state.example",
    }  # fmt: skip
    left = facts | {"name": "Gone Before", "office": "attorney_general"}
    return [Known(1, facts), Known(2, left, retired=True)]


def plan(*lines: str, head: str = HEAD) -> OfficialPlan:
    return plan_officials(parse_officials(head + "\n".join(lines)), known(), today=TODAY)


# --- one line of a file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "outcome", "says"),
    [
        pytest.param(SAM, "create", "Adds the official", id="somebody-new"),
        pytest.param(f"MD,other,Delegate,{HEBREW},3A,,,,,x,2025-01-01", "create", "no letter can go", id="no-address"),
        pytest.param("MD,governor,,Robin Example,,,,,,,", "unchanged", "", id="empty-cells-change-nothing"),
        pytest.param("md,Governor,,robin example,,OLD@STATE.EXAMPLE,,,,,", "update", "name", id="written-otherwise"),
        pytest.param("MD,governor,,Robin Example,,new@state.example,,,,,", "update", "email", id="a-new-address"),
        pytest.param("MD,governor,,Next Person,,,,,,x,2025-02-01", "create", "Robin Example", id="one-holder-office"),
        pytest.param("MD,attorney_general,,Gone Before,,a@b.example,,,,,", "update", "stays so", id="retired-stays"),
    ],
)
def test_a_line_says_what_it_does(line: str, outcome: str, says: str) -> None:
    (one,) = plan(line).outcomes
    assert one.outcome == outcome
    assert says in " ".join(one.says)


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        pytest.param(SAM.replace("MD", "ZZ", 1), "state", "two-letter code", id="no-such-state"),
        pytest.param(SAM.replace("state_senator", "king"), "office", "one of: governor", id="no-such-office"),
        pytest.param(SAM.replace("Sam Sample", ""), "name", "Write the name", id="nobody"),
        pytest.param(SAM.replace("Sam Sample", "x" * 201), "name", "longer than 200", id="endless-name"),
        pytest.param(SAM.replace("Sam Sample", "S\u202eam"), "name", "cannot be printed", id="reordering-sign"),
        pytest.param(SAM.replace("sam@leg.example", "nobody"), "email", "not an e-mail", id="no-mailbox"),
        pytest.param("MD,governor,,New One,,,one line,,,x,2025-02-01", "postal_address", "two lines", id="one-line"),
        pytest.param("MD,governor,,New One,,,,12,,x,2025-02-01", "phone", "telephone number", id="no-number"),
        pytest.param(SAM.replace("https://leg.example", ""), "source", "where it was seen", id="no-source"),
        pytest.param(SAM.replace("2025-02-01", ""), "checked_on", "2026-11-21", id="never-checked"),
        pytest.param(SAM.replace("2025-02-01", "2/1/26"), "checked_on", "2026-11-21", id="odd-date"),
        pytest.param(SAM.replace("2025-02-01", "2026-03-03"), "checked_on", "still to come", id="tomorrow"),
        pytest.param("MD,other,,Jo Bloggs,,,,,,x,2025-02-01", "title", "needs its title", id="other-without-title"),
        pytest.param("US,governor,,Jo Bloggs,,,,,,x,2025-02-01", "office", "federal official", id="federal-governor"),
    ],
)
def test_a_bad_line_is_named_with_its_column_and_writes_nothing(line: str, column: str, says: str) -> None:
    made = plan(line, SAM.replace("Sam Sample", "Another One"))
    bad, good = made.outcomes
    assert (bad.outcome, bad.number) == ("error", 2)
    assert [problem.column for problem in bad.problems] == [column]
    assert says in str(bad.problems[0])
    assert str(bad.problems[0]).startswith(f"Column {column}: ")
    assert good.outcome == "create"
    assert [one.name for one in made.changes] == ["Another One"]


def test_a_line_names_all_its_mistakes_at_once() -> None:
    (one,) = plan("ZZ,king,,,,nobody,one line,,,,2027-01-01").outcomes
    assert [problem.column for problem in one.problems] == [
        *("state", "office", "name", "email", "postal_address", "source", "checked_on")
    ]


def test_two_lines_about_one_person_are_told_apart() -> None:
    made = plan(SAM, SAM.replace("Sam Sample", "SAM SAMPLE"))
    assert [one.outcome for one in made.outcomes] == ["create", "error"]
    assert "Line 2" in str(made.outcomes[1].problems[0])


def test_the_party_is_passed_over_and_said_so() -> None:
    made = plan(SAM + ",Whig", head=HEAD.strip() + ",party\n")
    assert made.outcomes[0].outcome == "create"
    assert "party" not in made.outcomes[0].facts
    assert any("no party is kept" in remark for remark in made.remarks)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("name,state\nx,MD", "missing: office", id="no-office-column"),
        pytest.param("state,office,name,mood\nMD,governor,x,y", "unknown: mood", id="unknown-column"),
        pytest.param("state,office,name", "nothing to import", id="only-a-head"),
        pytest.param('state,office,name\nMD,"governor,x', "quotation mark", id="open-quote"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, says: str) -> None:
    with pytest.raises(ImportFileError, match=says):
        parse_officials(text)


@given(
    name=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=REORDERING),
        min_size=1,
        max_size=60,
    ).filter(lambda text: text.strip() and not text.startswith("'"))
)
def test_every_name_survives_export_and_import(name: str) -> None:
    facts, wrong = clean_facts(
        {"jurisdiction": "MD", "office": "governor", "name": name, "source": "x", "checked_on": "2025-01-01"},
        today=TODAY,
    )
    if wrong:  # composing can make a name longer
        return
    text = compose_officials_csv([{**facts, "state": "MD", "in_office": "yes"}])
    (one,) = plan_officials(parse_officials(text), [Known(1, facts)], today=TODAY).outcomes
    assert one.outcome == "unchanged"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("292,114", "292114"), (" 0 ", "0"), ("Does not know.", "unknown"), ("?", "unknown"), ("", ""), ("0012", "12")],
)
def test_what_they_said_of_the_first_question_is_kept(said: str, kept: str) -> None:
    assert clean_count(said) == kept


@pytest.mark.parametrize("said", ["about 300", "3.5", "29,2114", "-4", "¹²", "1" * 13, "300 or so"])
def test_what_is_no_plain_number_is_not_guessed_at(said: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        clean_count(said)


# --- services ---------------------------------------------------------------------------------------------------------


def test_an_import_writes_what_the_preview_showed_once_with_history(bob: Person) -> None:
    raw = (HEAD + SAM + f"\nMD,other,Delegate,{HEBREW},3A,,,,,x,2025-01-01").encode()
    kept = services.preview_officials(raw=raw, file_name="list.csv", by=bob, now=NOW)
    assert not Official.objects.exists()
    for _click in range(2):
        services.apply_officials(kept.pk, plan_sha256=kept.plan_sha256, by=bob, now=NOW)
    assert {one.name for one in Official.objects.all()} == {"Sam Sample", HEBREW}
    assert OfficialChange.objects.filter(what="added", by=bob, why__contains="list.csv").count() == 2


def test_a_list_that_moved_on_writes_nothing(bob: Person) -> None:
    kept = services.preview_officials(raw=(HEAD + SAM).encode(), file_name="x.csv", by=bob, now=NOW)
    make_official("Sam Sample", office="state_senator", district="12")
    with pytest.raises(ImportChanged):
        services.apply_officials(kept.pk, plan_sha256=kept.plan_sha256, by=bob, now=NOW)
    assert OfficialImport.objects.get().applied_at is None


def test_an_edit_leaves_before_and_after_and_changing_nothing_leaves_nothing(bob: Person) -> None:
    official = make_official()
    facts = queries.facts_of(official)
    services.edit_official(official.pk, facts, why="", by=bob, now=NOW)
    assert not OfficialChange.objects.exists()
    services.edit_official(official.pk, facts | {"phone": "(410) 555-0199"}, why="New line.", by=bob, now=NOW)
    change = OfficialChange.objects.get()
    assert change.fields == [{"label": "Telephone", "before": "(410) 555-0100", "after": "(410) 555-0199"}]
    with pytest.raises(services.OfficialChangedMeanwhile):
        services.edit_official(
            official.pk, facts | {"fax": ""}, why="", by=bob, now=NOW, seen_at=NOW - timedelta(days=1)
        )
    make_official("Taken Name")
    with pytest.raises(services.OfficialListed):
        services.edit_official(official.pk, facts | {"name": "taken name"}, why="", by=bob, now=NOW)


def test_a_second_click_on_retire_does_nothing_and_one_can_come_back(bob: Person) -> None:
    official = make_official()
    assert services.retire_official(official.pk, why="Term ended.", by=bob, now=NOW)
    assert not services.retire_official(official.pk, why="Again.", by=bob, now=NOW)
    assert queries.in_office([official.pk]) == []
    assert services.bring_back(official.pk, why="Elected again.", by=bob, now=NOW)
    assert [one.what for one in queries.history(official)] == ["back", "retired"]


def test_another_office_without_a_title_cannot_be_stored(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_official(office="other")


# --- the log ----------------------------------------------------------------------------------------------------------


def entry(**facts: Any) -> dict[str, Any]:
    return {"happened_on": TODAY, "channel": "call", "follow_up_on": TODAY + timedelta(days=14), **facts}


@pytest.mark.parametrize(
    ("days", "when"),
    [(-3, "past"), (0, "today"), (7, "soon"), pytest.param(8, None, id="not-yet-shown")],
)
def test_the_home_shows_whom_to_ask_again(days: int, when: str | None, alice: Person) -> None:
    again = TODAY + timedelta(days=days)
    made = make_exchange(make_official(), alice, happened_on=date(2026, 1, 1), follow_up_on=again)
    assert [one.when for one in queries.follow_ups_of(alice, TODAY)] == ([when] if when else [])
    services.settle_follow_up(made.pk, now=NOW)
    assert queries.follow_ups_of(alice, TODAY) == []


def test_whoever_asks_again_settles_the_follow_up_of_everybody(alice: Person, bob: Person) -> None:
    official = make_official()
    make_exchange(official, alice, happened_on=date(2026, 2, 1), follow_up_on=TODAY)
    assert queries.follow_ups_of(bob, TODAY) == []
    services.log_exchange(official.pk, entry=entry(happened_on=date(2026, 1, 15), follow_up_on=None), by=bob, now=NOW)
    assert queries.follow_ups_of(alice, TODAY), "an older call written down late settles nothing"
    services.log_exchange(official.pk, entry=entry(), by=bob, now=NOW)
    assert queries.follow_ups_of(alice, TODAY) == []


def test_nobody_is_sent_to_an_official_who_left_or_by_a_struck_entry(alice: Person, bob: Person) -> None:
    gone, here = make_official("Gone"), make_official("Here")
    make_exchange(gone, alice, follow_up_on=TODAY)
    mistake = make_exchange(here, alice, follow_up_on=TODAY)
    services.retire_official(gone.pk, why="x", by=bob, now=NOW)
    assert services.strike_exchange(mistake.pk, by=alice, now=NOW)
    assert not services.strike_exchange(mistake.pk, by=alice, now=NOW)
    assert queries.follow_ups_of(alice, TODAY) == []
    assert list(queries.exchanges(here)) == [mistake]


def test_a_follow_up_before_the_call_is_refused(alice: Person) -> None:
    with pytest.raises(Exception, match="before the day"):
        services.log_exchange(
            make_official().pk, entry=entry(follow_up_on=TODAY - timedelta(days=1)), by=alice, now=NOW
        )
    assert not Exchange.objects.exists()


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_call_is_written_down_and_read_back(alice: Person) -> None:
    official, browser = make_official(HEBREW), browser_of(alice)
    given = {
        "happened_on": "2025-03-03", "channel": "call", "answered": "referred", "ice_2024": "1,204",
        "ice_2025": "does not know", "blocks": "partial", "reason": "Vendor <b>says</b>", "note": "Ask the scheduler.",
        "follow_up_on": "2025-03-17",
    }  # fmt: skip
    assert browser.post(reverse("agencies:official-log", args=[official.pk]), given).status_code == 302
    page = browser.get(official.get_absolute_url()).content.decode()
    for words in (
        "1,204",
        "does not know",
        "Sent us to somebody else",
        "Partly",
        "&lt;b&gt;",
        "Monday, March 17, 2025",
    ):
        assert words in page
    assert HEBREW in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ice_2024": "lots"}, "whole number"),
        ({"happened_on": "2999-01-01"}, "still to come"),
        ({"follow_up_on": "2025-03-02"}, "before the day of this entry"),
        ({"channel": "pigeon"}, "pigeon"),
    ],
)
def test_a_bad_entry_says_why_and_keeps_what_was_typed(change: dict[str, str], says: str, alice: Person) -> None:
    given = {"happened_on": "2025-03-03", "channel": "call", "note": "Kept words.", **change}
    page = browser_of(alice).post(reverse("agencies:official-log", args=[make_official().pk]), given).content.decode()
    assert says in page
    assert "Kept words." in page
    assert not Exchange.objects.exists()


def test_a_double_is_refused_in_the_form_with_a_sentence(bob: Person) -> None:
    make_official()
    given = {
        "jurisdiction": "MD", "office": "governor", "name": "ROBIN EXAMPLE", "source": "x", "checked_on": "2025-01-01"
    }  # fmt: skip
    page = browser_of(bob).post(reverse("agencies:official-add"), given).content.decode()
    assert "on the list already" in page
    assert Official.objects.count() == 1


def test_a_file_is_looked_at_then_applied_through_the_pages(bob: Person) -> None:
    browser = browser_of(bob)
    upload = SimpleUploadedFile("o.csv", (HEAD + SAM + "\nZZ,king,,,,,,,,,").encode())
    preview = browser.post(reverse("agencies:official-import"), {"file": upload}, follow=True)
    page = preview.content.decode()
    assert "Sam Sample" in page
    assert "Column state" in page
    kept = OfficialImport.objects.get()
    where = reverse("agencies:official-import-apply", args=[kept.pk])
    assert browser.post(where, {"plan": kept.plan_sha256}).status_code == 302
    assert browser.post(where, {"plan": kept.plan_sha256}).status_code == 404
    assert Official.objects.get().name == "Sam Sample"
    sheet = browser.get(reverse("agencies:official-export")).content.decode()
    assert sheet.startswith("\ufeff" + ",".join(COLUMNS))


def test_a_volunteer_cannot_strike_anothers_entry(alice: Person, bob: Person) -> None:
    made = make_exchange(make_official(), bob)
    where = reverse("agencies:official-strike", args=[made.official_id, made.pk])
    assert browser_of(alice).post(where).status_code == 403
    assert browser_of(bob).post(where).status_code == 302
    other = reverse("agencies:official-strike", args=[make_official("Other").pk, made.pk])
    assert browser_of(bob).post(other).status_code == 404


def test_the_list_is_walked_forth_and_back_without_a_gap(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    for number in range(8):
        make_official(f"Name {number}", jurisdiction="MD" if number % 2 else "DE", district=str(number % 3))
    whole = [one.pk for one in queries.narrowed()]
    walked: list[int] = []
    page = queries.official_page(queries.narrowed())
    while True:
        walked += [one.pk for one in page.officials]
        if not page.after:
            break
        page = queries.official_page(queries.narrowed(), after=page.after)
    assert walked == whole
    back = [one.pk for one in page.officials]
    while page.before:
        page = queries.official_page(queries.narrowed(), before=page.before)
        back = [one.pk for one in page.officials] + back
    assert back == whole


@pytest.mark.parametrize("count", [1, 20])
def test_list_and_page_cost_the_same_for_few_and_many(
    count: int, alice: Person, django_assert_num_queries: Any
) -> None:
    official = make_official()
    for number in range(count):
        make_official(f"Name {number}")
        make_exchange(official, alice, follow_up_on=TODAY)
    browser = browser_of(alice)
    with django_assert_num_queries(5):  # session, person with roles, notices, officials, whom to ask again
        browser.get(reverse("agencies:officials"))
    with django_assert_num_queries(7):  # session, person with roles, notices, official, status lines, log, history
        browser.get(official.get_absolute_url())


# --- the shell --------------------------------------------------------------------------------------------------------


def shell(*words: str) -> str:
    out = io.StringIO()
    call_command("officials", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_the_shell_imports_and_exports(tmp_path: Path, db: None) -> None:
    file = tmp_path / "list.csv"
    file.write_text(HEAD + SAM + "\nZZ,king,,,,,,,,,")
    assert "Nothing was written. It would be: 1 create" in shell("import", str(file), "--dry-run")
    assert not Official.objects.exists()
    told = shell("import", str(file))
    assert "line 2: create: Sam Sample" in told
    assert "line 3: error" in told
    assert "Column office" in told
    assert "Sam Sample" in shell("export", "md")
    assert "Sam Sample" not in shell("export", "DE")


@pytest.mark.parametrize("words", [("import", "/no/such/file.csv"), ("export", "ZZ")])
def test_the_shell_says_what_it_cannot_use(words: tuple[str, ...], db: None) -> None:
    with pytest.raises(CommandError) as refused:
        shell(*words)
    assert refused.value.returncode == 2
