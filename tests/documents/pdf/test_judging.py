"""Whether the text of a page can be believed."""

from __future__ import annotations

import pytest

from requests_app.documents.readers.judging import Seen, judged

LETTER = "The department searched its records and found pages that respond to your request today".split()  # noqa: SIM905


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        pytest.param(Seen([]), "blank", id="nothing at all"),
        pytest.param(Seen([], drawn=1), "none", id="drawn letters without text"),
        pytest.param(Seen([], pictures=0.1), "none", id="a picture without text"),
        pytest.param(Seen(LETTER), "good", id="a letter"),
        pytest.param(Seen(LETTER, pictures=0.2), "good", id="a letter with a seal"),
        pytest.param(Seen(LETTER * 4, pictures=1.0), "good", id="a scan that was read before"),
        pytest.param(Seen(["RECEIVED", "MAR", "3", "2026"], pictures=0.98), "stamp", id="a stamp on a scan"),
        pytest.param(Seen(["DPS-000123"], pictures=0.1), "good", id="a cover sheet of one number"),
        pytest.param(Seen(["\ufffd\ufffd\ufffd"] * 20), "garbage", id="signs that are none"),
        pytest.param(Seen(["\ue012\ue044\ue0a0"] * 20), "garbage", id="signs of private use"),
        pytest.param(Seen(["(cid:12)(cid:44)"] * 20), "garbage", id="numbers of glyphs"),
        pytest.param(Seen(["Ghsduwphqw", "vhdufkhg", "lwv", "uhfrugv"] * 9, 0.9), "garbage", id="pdfium knows no sign"),
        pytest.param(Seen(["Xqfgs", "kmrtl", "bcdfg", "hjklm", "npqrs"] * 4), "garbage", id="words without vowels"),
        pytest.param(Seen(["QW", "QWA", "DQ", "RQ", "KQ", "AM"] * 10), "good", id="a table of message keys"),
        pytest.param(Seen(["1,234", "99", "12/2025", "$4.50"] * 30), "good", id="a table of numbers"),
        pytest.param(Seen(["Департамент", "нашел", "документы"] * 20), "good", id="another script"),
        pytest.param(Seen(["Departamento", "búsqueda", "encontró", "páginas"] * 5), "good", id="Spanish"),
    ],
)
def test_each_page_is_judged(seen: Seen, verdict: str) -> None:
    assert judged(seen) == verdict
