"""Each component says what it needs, and says it in words."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.template import engines
from django.template.loader import get_template, render_to_string

from foia.forms import FormRenderer
from tests.frontend.gallery import DEADLINES, NAMES, EveryField, PlainDeadline, a_form, gallery_page, plain_page

TEMPLATES = Path(settings.ROOT) / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
# Mails are no pages: they have no other place for styles, and no policy of ours guards them.
ALL_TEMPLATES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent != TEMPLATES / "people" / "mail")


def words(html: str) -> str:
    """Return the text of some HTML, spaces folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def draw(name: str, **values: Any) -> str:
    return render_to_string(f"components/{name}.html", values)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_opens_with_the_variables_it_needs(component: Path):
    first, _, _ = component.read_text().partition("{% endcomment %}")
    assert first.startswith("{% comment %}")
    assert "Needs" in first


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_is_looked_at_by_the_browser_tests(component: Path):
    pages = [Path(__file__).parent / "templates" / "gallery.html", *ALL_TEMPLATES]
    named = f"components/{component.name}"
    drawn_by_the_renderer = {"form.html", "field.html"}
    assert component.name in drawn_by_the_renderer or any(
        named in page.read_text() for page in pages if page != component
    )


# A stranger's page in its sandboxed frame: nothing may be loaded into it, our style sheet neither.
SHUT_OFF = "frame.html"


@pytest.mark.parametrize(
    "template", [path for path in ALL_TEMPLATES if path.name != SHUT_OFF], ids=lambda path: path.stem
)
def test_no_template_needs_an_inline_script_or_style(template: Path):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)


def test_every_icon_that_a_template_names_is_in_the_sprite(dist: Path):
    sprite = (dist / "img" / "sprite.svg").read_text()
    named = {
        name
        for path in ALL_TEMPLATES
        for name in re.findall(r'components/icon.html" with name="(\w+)"', path.read_text())
    }
    assert named
    assert {name for name in named if f'id="{name}"' not in sprite} == set()


# --- Deadlines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deadline", "says", "never_says"),
    [
        pytest.param(DEADLINES[0], "Decision due Monday, March 9, 2026", "late", id="running"),
        pytest.param(DEADLINES[1], "as early as Friday, March 6, 2026. We call it", "late since", id="pair"),
        pytest.param(DEADLINES[2], "Decision late since Monday, March 9, 2026", "due Monday", id="missed"),
        pytest.param(DEADLINES[3], "Acknowledgment due Monday, March 9, 2026 Done", "Late", id="met"),
        pytest.param(DEADLINES[4], "has no date while the clock is stopped", "due", id="paused"),
        pytest.param(DEADLINES[5], "Replaced by a later date", "Late", id="superseded"),
        pytest.param(DEADLINES[6], "Appeal by Monday, April 6, 2026", "due", id="ours-leads-with-the-earliest"),
        pytest.param(replace(DEADLINES[6], state="missed"), "Passed", "Late", id="our-own-miss-accuses-nobody"),
        pytest.param(
            PlainDeadline(earliest=None, latest=None), "has no date set by the law", "due", id="promptly-is-not-a-date"
        ),
    ],
)
def test_a_deadline_says_what_it_is(deadline: PlainDeadline, says: str, never_says: str):
    said = words(draw("deadline", deadline=deadline))
    assert says in said
    assert never_says not in said


def test_a_deadline_unfolds_into_how_we_counted():
    html = draw("deadline", deadline=PlainDeadline())
    assert html.count("<details") == 1
    folded = html[html.index("<details") :]
    assert folded.count("<li>") == 3
    assert "Thirty calendar days end on Sunday, March 8, 2026." in folded
    assert "agency&#x27;s duty" in html or "agency's duty" in html
    assert "§ 4-203(a)(1)" in html


@pytest.mark.parametrize(
    ("certainty", "says"),
    [
        ("presumed", "counted from a presumed day of receipt"),
        ("disputed", "the law or the calendar leaves a doubt"),
        ("conditional", "depends on a fact we do not know"),
    ],
)
def test_a_deadline_shows_its_doubt(certainty: str, says: str):
    assert says in words(draw("deadline", deadline=PlainDeadline(certainty=certainty)))
    assert says not in words(draw("deadline", deadline=PlainDeadline()))


# --- Small parts --------------------------------------------------------------------------------------------------


def test_a_date_names_its_weekday():
    assert draw("date", value=date(2026, 3, 9)).strip() == '<time datetime="2026-03-09">Monday, March 9, 2026</time>'


def test_a_moment_also_names_its_time():
    html = draw("date", value=datetime(2026, 2, 6, 14, 10, tzinfo=UTC), moment=True)
    assert "Friday, February 6, 2026, 2:10 p.m." in html
    assert 'datetime="2026-02-06T14:10:00+00:00"' in html


def test_a_status_is_a_word_and_a_shape_before_it_is_a_colour():
    html = draw("status_tag", label="Late", tone="late")
    assert words(html) == "Late"
    assert "#shape-late" in html


@pytest.mark.parametrize(
    ("confidence", "says"),
    [("high", "We are confident of this."), ("low", "We are not sure of this: check it first.")],
)
def test_a_source_says_how_sure_we_are(confidence: str, says: str):
    said = words(draw("source_note", url="https://example.org/law", as_of="2026-11-21", confidence=confidence))
    assert says in said
    assert "as of 2026-11-21" in said


def test_a_fact_without_a_source_says_so():
    assert "No source is recorded." in words(draw("source_note", as_of=date(2026, 11, 21)))


def test_a_map_reads_as_a_list_of_names_and_statuses():
    html = gallery_page()
    tiles = html[html.index('class="dl-map__tiles"') : html.index('class="dl-map__legend"')]
    assert tiles.count("<li") == 52
    assert "Maryland: " in words(tiles)
    assert {code for code in NAMES if f"dl-map__place--{code}" not in tiles} == set()


def test_the_style_sheet_has_a_place_for_every_jurisdiction(dist: Path):
    css = (dist / "daylight.css").read_text()
    places = dict(re.findall(r"\.dl-map__place--([A-Z]{2})\{grid-area:([\d/ ]+)\}", css))
    assert set(places) == set(NAMES)
    assert len(set(places.values())) == 52, "two tiles lie on the same place"


def test_a_person_sees_only_the_doors_they_hold():
    html = plain_page("", doors=[{"label": "Review", "url": "/review/", "key": "review", "current": False}])
    assert "Review" in words(html)
    assert "Track" not in words(html)


def test_a_stranger_sees_no_doors_and_the_way_in():
    html = plain_page("")
    assert "dl-doors" not in html
    assert "dl-has-doors" not in html
    assert "Sign in" in words(html)


def test_words_of_people_are_escaped_in_messages_and_files():
    name = "<script>alert(1)</script>.pdf"
    assert name not in draw("file_list", files=[{"name": name, "url": "/x/", "size": 1}])
    assert name not in draw("alert", kind="info", text=name)
    assert name not in draw("letter_paper", text=name)


# --- Forms --------------------------------------------------------------------------------------------------------


def test_every_hint_and_error_keeps_the_id_that_the_field_points_to():
    html = str(a_form("wrong"))
    pointed = {name for group in re.findall(r'aria-describedby="([^"]+)"', html) for name in group.split()}
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(pointed) > 10
    assert pointed - set(ids) == set()
    assert len(ids) == len(set(ids)), "an id stands twice"


def test_the_summary_links_to_every_field_with_an_error():
    form = a_form("wrong")
    html = str(form)
    targets = set(re.findall(r'<a href="#([^"]+)">', html))
    assert targets == {form[name].auto_id for name in form.errors}
    assert all(f'id="{target}"' in html for target in targets)


def test_a_form_that_is_right_or_untouched_has_no_summary():
    assert a_form("right").is_valid(), a_form("right").errors
    for kind in ("right", "empty"):
        assert "data-dl-error-summary" not in str(a_form(kind))


def test_dates_use_the_browsers_own_fields_and_iso_values():
    form = EveryField(initial={"since": date(2026, 2, 6), "happened_at": datetime(2026, 2, 6, 14, 10, tzinfo=UTC)})
    assert 'type="date" name="since" value="2026-02-06"' in str(form["since"])
    assert 'type="datetime-local" name="happened_at" value="2026-02-06T14:10"' in str(form["happened_at"])


def test_one_forms_native_date_does_not_leak_into_its_class():
    str(EveryField()["since"])
    assert EveryField.base_fields["since"].widget.input_type == "text"


def test_optional_fields_say_so_and_required_ones_do_not():
    form = a_form("empty")
    assert "(optional)" in form["email"].as_field_group()
    assert "(optional)" not in form["name"].as_field_group()


def test_choices_stand_in_a_fieldset_with_a_legend_and_keep_their_sentences():
    html = a_form("empty")["kit"].as_field_group()
    assert html.count("<legend") == 1
    assert "How often federal agencies asked for driver data." in html
    assert "dl-choice--described" in html


# --- Error pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "429", "500"])
def test_an_error_page_needs_no_context_and_asks_the_database_nothing(name: str):
    # No `db` fixture: a query would fail the test.
    html = engines["django"].get_template(f"{name}.html").render()
    assert html.count("<h1>") == 1
    assert "Nothing was" in words(html) or "is safe" in words(html)
    assert 'href="/"' in html


class Chooser(forms.Form):
    """Every kind of choice that a select draws."""

    place = forms.ChoiceField(
        label="Place",
        initial="md",
        choices=[("", "None <yet>"), ("Near", [("md", "Maryland"), ("de", "Delaware & more")]), ("hi", 'Hawai"i')],
        widget=forms.Select(attrs={"data-x": '"quoted"', "disabled": True, "hidden": False}),
    )


def test_our_flat_select_draws_what_djangos_own_draws():
    """Django's is the reference; only white space may differ."""

    def drawn(renderer: object) -> list[str]:
        widget = Chooser().fields["place"].widget
        html = widget.render("place", "md", {"id": "id_place"}, renderer=renderer)
        return re.sub(r">\s+<", "><", html).split()

    assert drawn(FormRenderer()) == drawn(DjangoTemplates())
    assert Path(get_template("django/forms/widgets/select.html").origin.name).is_relative_to(TEMPLATES)
