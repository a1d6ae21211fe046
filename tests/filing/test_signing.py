"""A resident signs what somebody else wrote: asked, invited, signed; declined, expired, changed, taken back."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta
from email import message_from_string, policy
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.correspondence import services as correspondence
from requests_app.filing import choices, lawbook, queries, services, signing
from requests_app.filing.choices import DraftChoices
from requests_app.filing.composing import Sender
from requests_app.filing.models import AuthorityPaper, Draft, DraftTarget, RecordsRequest, Signing
from requests_app.filing.services.drafting import Target
from requests_app.kits import letters, rendering, stationery
from requests_app.kits.catalog import get_kit
from requests_app.kits.dress import Picture
from requests_app.people import services as people
from requests_app.people.models import AuditEntry, Notice, Person, SignerOffer
from tests.factories import NOON, AgencyFactory, ContactPointFactory, DraftFactory, PersonFactory

pytestmark = pytest.mark.django_db
SENDER = Sender("Harbor Records Group", "records@group.example")
SECRETS = ("Harriet", "harriet", "Harker", "Clay Street", "804-555-0100")


@pytest.fixture(autouse=True)
def on_that_monday(settings: Any) -> object:
    settings.ORGANISATION_NAME = "Harbor Records Group"
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def harriet(db: None) -> Person:
    return PersonFactory(handle="harriet", roles=["volunteer"], home_state="VA")


@pytest.fixture
def offer(harriet: Person) -> SignerOffer:
    return people.offer_to_sign(
        harriet.pk,
        jurisdiction="VA",
        ground="resident",
        legal_name="Harriet Harker",
        postal_address="12 Clay Street\nRichmond, VA 23219",
        phone="804-555-0100",
        now=NOON,
    )


@pytest.fixture
def police() -> Agency:
    return AgencyFactory(jurisdiction="VA", name="Virginia State Police", roles=["nlets_control_point"])


@pytest.fixture
def draft(alice: Person, police: Agency) -> Draft:
    """Alice of Maryland writes to Virginia."""
    return written(alice, police)


def written(filer: Person, agency: Agency, **chosen: Any) -> Draft:
    answers = DraftChoices(**{"standing": "not_resident", **chosen})
    made = DraftFactory(filer=filer, jurisdiction=agency.jurisdiction, kit_id="K1", choices=choices.dump(answers))
    contact = agency.contact_points.first() or ContactPointFactory(agency=agency)
    services.choose_targets(made.pk, [Target(agency.pk, "email", contact.pk)], now=NOON)
    made.refresh_from_db()
    return made


def ask(draft: Draft, now: datetime = NOON) -> Signing:
    return services.ask_for_signer(draft.pk, sender=SENDER, by=draft.filer, now=now)


def invite(draft: Draft, offer: SignerOffer, bob: Person, now: datetime = NOON) -> Signing:
    return services.invite_signer(ask(draft, now).pk, offer.pk, by=bob, now=now)


def digest_of(invited: Signing, now: datetime = NOON) -> str:
    shown = services.as_it_would_be_sent(Signing.objects.get(pk=invited.pk), sender=SENDER, now=now)
    assert shown is not None
    return shown.digest


def signed(draft: Draft, offer: SignerOffer, bob: Person) -> Signing:
    invited = invite(draft, offer, bob)
    return services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=offer.person, now=NOON)


def file(draft: Draft) -> list[RecordsRequest]:
    return correspondence.file_draft(draft.pk, by=draft.filer, now=NOON)


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("subject", flat=True))


def words(response: HttpResponse) -> str:
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


# --- the law book -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "exceptions"),
    [
        ("AL", []),
        ("AR", []),
        ("DE", []),
        ("TN", []),
        ("VA", ["press", "broadcaster"]),
        (
            "KY",
            [
                "works-there",
                "owns-property",
                "domestic-business",
                "foreign-business",
                "news-organisation",
                "authorised-representative",
            ],
        ),
        ("NH", []),
        ("MD", []),
    ],
)
def test_exceptions_are_those_that_the_facts_give(code: str, exceptions: list[str]) -> None:
    statute = lawbook.statute_of(code)
    assert [one.id for one in statute.requester.exceptions] == exceptions
    for one in statute.requester.exceptions:
        assert one.citation.split()[0] in statute.requester.citation


def test_where_it_matters_who_signs() -> None:
    helped = [code for code in lawbook.book().codes if signing.may_be_signed_for(lawbook.statute_of(code))]
    assert helped == ["AL", "AR", "DE", "ID", "KY", "NE", "NH", "SC", "TN", "VA"], "Pennsylvania asks for another thing"


def test_a_member_signs_on_a_ground_without_a_blank() -> None:
    grounds = signing.grounds_of(lawbook.statute_of("KY"))
    assert [ground.key for ground in grounds] == ["resident", "works-there", "owns-property"]
    assert signing.statement_on(lawbook.statute_of("KY"), "authorised-representative") == ""
    assert signing.statement_on(lawbook.statute_of("KY"), "invented") == ""


@pytest.mark.parametrize("typed", ["Ms. Poe", "  Ms.\n Poe ", "{whom} & {state_name}", "%s"])
def test_what_fills_a_blank_stays_as_typed(typed: str) -> None:
    exception = signing.exception_of(lawbook.statute_of("KY"), "authorised-representative")
    assert exception is not None
    said = signing.exception_statement(exception, typed)
    assert said.endswith(f"act for {' '.join(typed.split())}.")


# --- whose name the letter carries ------------------------------------------------------------------------------------


HARKER = signing.Signature("Harriet Harker", "12 Clay Street", "", "I am a citizen.")


@pytest.mark.parametrize(
    ("standing", "signature", "name"),
    [
        pytest.param("resident", None, "Alice Liddell", id="the-filer-is-a-resident"),
        pytest.param("exception", None, "Alice Liddell", id="the-filer-meets-an-exception"),
        pytest.param("not_resident", None, signing.NOBODY_YET, id="nobody-yet"),
        pytest.param("not_resident", HARKER, "Harriet Harker", id="signed"),
    ],
)
def test_whose_name_the_letter_carries(standing: Any, signature: signing.Signature | None, name: str) -> None:
    chosen = DraftChoices(requester_name="Alice Liddell", postal_address="1 Example Street", standing=standing)
    found = signing.in_whose_name(chosen, lawbook.statute_of("VA"), get_kit("K1"), signature)
    assert found.requester_name == name
    assert (found.postal_address == "1 Example Street") == (name == "Alice Liddell")


def test_a_signature_settles_the_branch_of_the_law_for_residents() -> None:
    found = signing.in_whose_name(DraftChoices(), lawbook.statute_of("ID"), get_kit("K1"), HARKER)
    assert found.conditions == {"nonresident": False}


def test_the_digest_follows_what_the_letter_says_and_not_what_filing_adds(draft: Draft) -> None:
    plan = services.plan_for(draft)
    assert plan is not None
    first = signing.content_digest(plan.letters(SENDER, NOON))
    later = plan.letters(Sender("Harbor Records Group", "records+va@group.example"), NOON + timedelta(days=3), ["VA-1"])
    assert signing.content_digest(later) == first
    services.save_draft(draft.pk, choices={"extra_paragraph": "One more thing."}, now=NOON)
    draft.refresh_from_db()
    changed = services.plan_for(draft)
    assert changed is not None
    assert signing.content_digest(changed.letters(SENDER, NOON)) != first


# --- asking and choosing ----------------------------------------------------------------------------------------------


def test_coordinators_are_told_once_and_asking_twice_changes_nothing(draft: Draft, bob: Person) -> None:
    first = ask(draft)
    assert ask(draft).pk == first.pk
    assert told(bob) == ["A letter to Virginia needs a resident to sign it"]


def test_an_unfinished_letter_cannot_be_asked_about(alice: Person) -> None:
    with pytest.raises(services.NotReady, match="not finished"):
        ask(DraftFactory(filer=alice, jurisdiction="VA"))


def test_nobody_is_asked_where_anyone_may_ask(alice: Person) -> None:
    with pytest.raises(services.NotReady):
        ask(written(alice, AgencyFactory()))


def test_two_coordinators_at_once_ask_one_member(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    other = PersonFactory(handle="beth", roles=["coordinator"])
    hugo = PersonFactory(handle="hugo", home_state="VA")
    second = people.offer_to_sign(
        hugo.pk, jurisdiction="VA", ground="resident", legal_name="Hugo", postal_address="Norfolk", now=NOON
    )
    asked = ask(draft)
    services.invite_signer(asked.pk, offer.pk, by=bob, now=NOON)
    with pytest.raises(services.SigningClosed, match="Nothing was changed"):
        services.invite_signer(asked.pk, second.pk, by=other, now=NOON)
    asked.refresh_from_db()
    assert asked.signer == offer.person
    assert told(hugo) == []


@pytest.mark.parametrize("gone", ["withdrawn", "left", "another-state"])
def test_an_offer_that_is_gone_cannot_be_used(draft: Draft, offer: SignerOffer, bob: Person, gone: str) -> None:
    asked = ask(draft)
    if gone == "withdrawn":
        people.withdraw_offer(offer.pk, by=offer.person, now=NOON)
    elif gone == "left":
        people.close_account(offer.person_id, by=None, now=NOON)
    else:
        SignerOffer.objects.update(jurisdiction="DE")
    with pytest.raises(services.OfferGone, match="Nobody was asked"):
        services.invite_signer(asked.pk, offer.pk, by=bob, now=NOON)


def test_the_filers_own_offer_signs_nothing_of_theirs(alice: Person, draft: Draft, bob: Person) -> None:
    own = people.offer_to_sign(
        alice.pk, jurisdiction="VA", ground="resident", legal_name="A", postal_address="B", now=NOON
    )
    with pytest.raises(services.OfferGone):
        services.invite_signer(ask(draft).pk, own.pk, by=bob, now=NOON)


# --- signing and not signing ------------------------------------------------------------------------------------------


def test_a_signed_letter_files_in_the_signers_name(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, harriet: Person
) -> None:
    signed(draft, offer, bob)
    filed = file(draft)[0]
    letter = letters.load(filed.letter)
    assert letter.closing.name == "Harriet Harker"
    assert "12 Clay Street" in letter.closing.lines
    assert "I am a citizen of the Commonwealth of Virginia." in " ".join(letter.paragraphs())
    assert (filed.filer, filed.assignee) == (alice, alice), "the filer keeps working on it"
    assert told(alice)[-1] == "Your letter to Virginia is signed"
    assert told(harriet)[-1] == "The letter to Virginia that you signed was filed"
    page = words(client_of(harriet).get(reverse("filing:sign", args=[draft.signings.get().pk])))
    assert filed.reference in page


def test_without_a_signature_nothing_is_filed(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    with pytest.raises(services.NotReady, match="Ask for a member who lives there to sign it"):
        file(draft)
    invite(draft, offer, bob)
    with pytest.raises(services.NotReady, match="has not answered yet"):
        file(draft)
    assert not RecordsRequest.objects.exists()


def test_declined_goes_back_to_the_coordinators_and_the_reason_to_them_alone(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, harriet: Person
) -> None:
    invited = invite(draft, offer, bob)
    services.decline(invited.pk, reason="I work for that agency.", by=harriet, now=NOON)
    assert told(alice) == ["Your letter to Virginia needs another signer"]
    anew = queries.signings_to_look_at().get()
    page = words(client_of(bob).get(reverse("filing:choose-signer", args=[anew.pk])))
    assert "I work for that agency." in page
    assert "I work for that agency." not in words(client_of(alice).get(reverse("filing:draft-signer", args=[draft.pk])))
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen="", sender=SENDER, by=harriet, now=NOON)
    with pytest.raises(services.SigningClosed):
        services.decline(invited.pk, by=harriet, now=NOON)


def test_an_invitation_runs_out_and_somebody_else_is_looked_for(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, harriet: Person
) -> None:
    invited = invite(draft, offer, bob)
    late = NOON + timedelta(days=7)
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=harriet, now=late)
    assert services.close_expired(late - timedelta(seconds=1)) == 0
    assert services.close_expired(late) == 1
    assert services.close_expired(late) == 0
    invited.refresh_from_db()
    assert invited.state == Signing.State.EXPIRED
    assert queries.signings_to_look_at().count() == 1
    assert told(alice) == ["Your letter to Virginia needs another signer"]


def test_nobody_else_can_sign_or_decline(draft: Draft, offer: SignerOffer, bob: Person, charlie: Person) -> None:
    invited = invite(draft, offer, bob)
    for act in (
        lambda: services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=charlie, now=NOON),
        lambda: services.decline(invited.pk, by=charlie, now=NOON),
        lambda: services.take_signature_back(invited.pk, by=charlie, now=NOON),
    ):
        with pytest.raises(services.SigningClosed):
            act()


def test_a_letter_changed_while_it_was_read_is_not_signed(
    draft: Draft, offer: SignerOffer, bob: Person, harriet: Person
) -> None:
    invited = invite(draft, offer, bob)
    seen = digest_of(invited)
    services.save_draft(draft.pk, choices={"extra_paragraph": "And your telephone bills."}, now=NOON)
    with pytest.raises(services.NotTheLetterRead, match="Read it as it stands now"):
        services.sign(invited.pk, seen=seen, sender=SENDER, by=harriet, now=NOON)
    services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=harriet, now=NOON)


def test_a_change_after_signing_voids_the_signature_and_filing_refuses(
    draft: Draft, offer: SignerOffer, bob: Person, harriet: Person
) -> None:
    given = signed(draft, offer, bob)
    services.save_draft(draft.pk, choices={"extra_paragraph": "And your telephone bills."}, now=NOON)
    with pytest.raises(services.NotReady, match="no longer the one that was signed"):
        file(draft)
    ended = services.look_at_signature(draft.pk, sender=SENDER, now=NOON)
    assert ended is not None
    given.refresh_from_db()
    assert (given.state, given.legal_name, given.postal_address) == (Signing.State.VOID, "", "")
    assert told(harriet)[-1] == "The letter to Virginia that you signed was changed"
    with pytest.raises(services.NotReady, match="changed after a resident of Virginia signed it"):
        file(draft)
    again = ask(draft)
    assert (again.state, again.signer) == (Signing.State.INVITED, harriet), "the same member is asked at once"


def test_what_filing_adds_does_not_void_it(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    signed(draft, offer, bob)
    assert services.look_at_signature(draft.pk, sender=SENDER, now=NOON + timedelta(days=5)) is None
    assert len(file(draft)) == 1


def test_a_signer_who_left_signs_nothing(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    signed(draft, offer, bob)
    people.close_account(offer.person_id, by=None, now=NOON)
    with pytest.raises(services.NotReady, match="has left"):
        file(draft)
    assert ask(draft).state == Signing.State.ASKED, "somebody else can be asked"


def test_a_member_who_left_cannot_answer(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    invited = invite(draft, offer, bob)
    people.close_account(offer.person_id, by=None, now=NOON)
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=offer.person, now=NOON)


def test_withdrawing_the_offer_ends_the_invitation_and_removes_the_name(
    draft: Draft, offer: SignerOffer, bob: Person, harriet: Person
) -> None:
    invited = invite(draft, offer, bob)
    assert people.withdraw_offer(offer.pk, by=harriet, now=NOON)
    assert not people.withdraw_offer(offer.pk, by=harriet, now=NOON)
    offer.refresh_from_db()
    assert (offer.legal_name, offer.postal_address, offer.phone) == ("", "", "")
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen="x", sender=SENDER, by=harriet, now=NOON)
    assert ask(draft).state == Signing.State.ASKED


def test_a_signature_can_be_taken_back_until_the_letter_is_filed(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, harriet: Person
) -> None:
    given = signed(draft, offer, bob)
    services.take_signature_back(given.pk, by=harriet, now=NOON)
    given.refresh_from_db()
    assert (given.state, given.legal_name) == (Signing.State.WITHDRAWN, "")
    assert told(alice)[-1] == "The signature under your letter to Virginia was taken back"
    second = signed(draft, offer, bob)
    file(draft)
    with pytest.raises(services.SigningClosed):
        services.take_signature_back(second.pk, by=harriet, now=NOON)


def test_a_filer_who_signs_alone_after_all_ends_the_asking(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    invited = invite(draft, offer, bob)
    services.save_draft(draft.pk, choices={"standing": "resident", "requester_name": "Alice Liddell"}, now=NOON)
    services.look_at_signature(draft.pk, sender=SENDER, now=NOON)
    invited.refresh_from_db()
    assert invited.state == Signing.State.WITHDRAWN


@pytest.mark.parametrize("how", ["discarded", "another-state", "let-go"])
def test_a_letter_that_is_no_more_keeps_no_name(draft: Draft, offer: SignerOffer, bob: Person, how: str) -> None:
    given = signed(draft, offer, bob)
    if how == "discarded":
        services.discard_draft(draft.pk, now=NOON)
    elif how == "another-state":
        services.save_draft(draft.pk, jurisdiction="MD", now=NOON)
    else:
        assert services.withdraw_asking(draft.pk, by=draft.filer, now=NOON)
        assert not services.withdraw_asking(draft.pk, by=draft.filer, now=NOON)
    given.refresh_from_db()
    assert (given.state, given.legal_name, given.postal_address) == (Signing.State.WITHDRAWN, "", "")


def test_a_new_offer_for_a_state_takes_the_place_of_the_old(offer: SignerOffer, harriet: Person) -> None:
    people.offer_to_sign(
        harriet.pk, jurisdiction="VA", ground="resident", legal_name="H. Harker", postal_address="Norfolk", now=NOON
    )
    assert [one.legal_name for one in SignerOffer.objects.filter(withdrawn_at=None)] == ["H. Harker"]
    offer.refresh_from_db()
    assert offer.legal_name == ""


# --- who learns what --------------------------------------------------------------------------------------------------


def test_the_database_holds_no_name_of_a_signer(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    signed(draft, offer, bob)
    with connection.cursor() as cursor:
        stored = ""
        for table in ("people_signeroffer", "filing_signing", "people_notice", "people_auditentry"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  four names from above
            stored += " ".join(str(cell) for row in cursor.fetchall() for cell in row)
    for secret in ("Harker", "Clay Street", "804-555-0100"):
        assert secret not in stored


def test_the_audit_trail_does_not_say_who_offered_or_signed(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    signed(draft, offer, bob)
    entries = list(AuditEntry.objects.values_list("action", "actor__handle", "subject", "facts"))
    assert [entry[0] for entry in entries] == ["signature_asked", "signer_invited", "signature_given"]
    assert "harriet" not in str(entries)
    assert f"person:{offer.person_id}" not in str(entries)


def test_a_volunteer_learns_nothing_of_a_signer_before_the_letter_says_it(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, charlie: Person
) -> None:
    browser = client_of(alice)
    pages = [
        reverse("filing:start") + "?state=VA",
        reverse("filing:drafts"),
        *(reverse(f"filing:draft-{name}", args=[draft.pk]) for name in ("state", "what", "whom", "details")),
        *(reverse(f"filing:draft-{name}", args=[draft.pk]) for name in ("signer", "preview", "approval")),
        reverse("filing:draft-text", args=[draft.pk, 1]),
        reverse("people:notices"),
        reverse("tracking:letters"),
    ]

    def read(client: Client) -> str:
        return " ".join(client.get(page).content.decode() for page in pages)

    before = read(browser)
    asked = ask(draft)
    while_asked = read(browser)
    invited = services.invite_signer(asked.pk, offer.pk, by=bob, now=NOON)
    while_invited = read(browser)
    for text in (before, while_asked, while_invited):
        assert not [secret for secret in SECRETS if secret in text]
    assert "1 member of the group could sign for Virginia" in before
    services.decline(invited.pk, reason="Harriet says no", by=offer.person, now=NOON)
    assert not [secret for secret in SECRETS if secret in read(browser)]
    signed(draft, offer, bob)
    assert "Harriet Harker" in read(browser), "now it stands in a letter that the filer may read"
    assert not [secret for secret in SECRETS if secret in read(client_of(charlie))]


def test_only_coordinators_see_who_offered(draft: Draft, offer: SignerOffer, bob: Person, alice: Person) -> None:
    asked = ask(draft)
    where = [reverse("filing:choose-signer", args=[asked.pk]), reverse("filing:before-filing")]
    ada = PersonFactory(handle="ada", roles=["administrator"])
    rita = PersonFactory(handle="rita", roles=["reviewer"])
    for person in (alice, ada, rita):
        assert [client_of(person).get(page).status_code for page in where] == [403, 403]
    assert "Harriet Harker" in words(client_of(bob).get(where[0]))
    assert "Harriet" not in words(client_of(ada).get(reverse("people:person", args=[offer.person_id])))


def test_pages_cost_the_same_for_one_offer_and_for_ten(
    draft: Draft, offer: SignerOffer, bob: Person, django_assert_max_num_queries: Any
) -> None:
    asked = ask(draft)
    for number in range(10):
        people.offer_to_sign(
            PersonFactory().pk,
            jurisdiction="VA",
            ground="resident",
            legal_name=f"Resident {number}",
            postal_address="Richmond",
            now=NOON,
        )
    browser = client_of(bob)
    with django_assert_max_num_queries(10):
        assert "Resident 9" in words(browser.get(reverse("filing:choose-signer", args=[asked.pk])))
    with django_assert_max_num_queries(10):
        browser.get(reverse("filing:before-filing"))


# --- in the browser ---------------------------------------------------------------------------------------------------


def test_kentuckys_representative_says_whom_he_acts_for(alice: Person) -> None:
    agency = AgencyFactory(jurisdiction="KY")
    draft = written(alice, agency, standing="")
    browser, where = client_of(alice), reverse("filing:draft-details", args=[draft.pk])
    page = browser.get(where)
    assert "authorised to act for them" in words(page)
    assert "KRS 61.870(10), paragraph (f)" in words(page)
    form = page.context["form"]
    answers = {
        "requester_name": "Alice Liddell",
        "period_start": "2024-01-01",
        "fee_limit": "50",
        "items": form["items"].value(),
        "fmt": "native",
        "standing": "exception:authorised-representative",
    }
    other = {**answers, "standing": "exception:domestic-business"}
    assert "Fill the blank of the sentence" in words(browser.post(where, other))
    answer = browser.post(where, answers)
    assert answer.url == reverse("filing:draft-preview", args=[draft.pk]), "a member may be asked for the authority"
    letter = words(browser.get(answer.url))
    assert signing.NO_AUTHORITY_YET in letter
    assert "nobody has given it yet" in letter
    browser.post(where, {**answers, "exception_for": "Ben Boone, who lives in Lexington"})
    letter = words(browser.get(answer.url))
    assert "Daylight does not hold it" in letter
    assert "I am authorized in writing to act for Ben Boone, who lives in Lexington." in letter
    assert browser.get(where).context["form"]["standing"].value() == "exception:authorised-representative"
    moved = services.save_draft(draft.pk, jurisdiction="VA", now=NOON)
    assert not {"exception_id", "exception_for", "residency_statement"} & set(moved.choices)


def test_a_virginian_signs_for_a_volunteer_from_maryland(
    alice: Person, bob: Person, harriet: Person, police: Agency
) -> None:
    """Offer, ask, choose, read, sign, file: each in that person's own browser."""
    hers, coordinators, filers = client_of(harriet), client_of(bob), client_of(alice)
    offers = reverse("filing:offers")
    page = hers.get(offers)
    assert "I am a citizen of the Commonwealth of Virginia." in words(page), "her own state is offered first"
    address = "12 Clay Street\nRichmond, VA 23219"
    answers = {"ground": "resident", "legal_name": "Harriet Harker", "postal_address": address, "phone": "804-555-0100"}
    assert hers.post(f"{offers}?state=VA", {**answers, "ground": "press"}).status_code == 200, "no ground for a member"
    assert hers.post(f"{offers}?state=VA", answers).url == offers
    assert "12 Clay Street" in words(hers.get(offers))

    draft = written(alice, police, standing="")
    details = reverse("filing:draft-details", args=[draft.pk])
    form = filers.get(details).context["form"]
    said = {"period_start": "2024-01-01", "fee_limit": "50", "items": form["items"].value(), "fmt": "native"}
    answer = filers.post(details, {**said, "standing": "not_resident"})
    assert answer.url == reverse("filing:draft-signer", args=[draft.pk])
    assert "1 member of the group could sign for Virginia." in words(filers.get(answer.url))
    filers.post(answer.url)
    asked = draft.signings.get()

    assert "Virginia" in words(coordinators.get(reverse("filing:before-filing")))
    choose = reverse("filing:choose-signer", args=[asked.pk])
    assert "Ask harriet to sign" in words(coordinators.get(choose))
    coordinators.post(choose, {"offer": SignerOffer.objects.get().pk})
    assert "Nothing to choose here" in words(coordinators.get(choose))

    notice = Notice.objects.get(recipient=harriet)
    assert notice.path == reverse("filing:sign", args=[asked.pk])
    page = hers.get(notice.path)
    assert "Virginia State Police" in words(page)
    assert "Harriet Harker" in words(page)
    assert "Whether the agency will accept a stated address" in words(page)
    seen = page.context["form"].initial["seen"]
    assert "Sign this letter" in words(hers.post(notice.path, {"seen": seen})), "the box must be ticked"
    hers.post(notice.path, {"seen": seen, "is_true": "on"})
    assert "You signed this letter" in words(hers.get(notice.path))

    preview = words(filers.get(reverse("filing:draft-preview", args=[draft.pk])))
    assert "Ready to file" in preview
    assert "Harriet Harker" in preview
    filers.post(reverse("correspondence:file", args=[draft.pk]))
    filed = RecordsRequest.objects.get()
    assert filed.filer == alice
    assert "Harriet Harker" in words(filers.get(reverse("filing:letter", args=[filed.reference])))
    assert filed.reference in words(hers.get(notice.path))
    assert hers.get(reverse("filing:letter", args=[filed.reference])).status_code == 404, "she reads it on her page"
    sent = correspondence.queries.letter_underway(filed)
    assert sent is not None
    assert "Harriet Harker" in sent.raw


def test_a_change_in_the_wizard_says_that_the_signature_is_gone(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person
) -> None:
    signed(draft, offer, bob)
    browser, where = client_of(alice), reverse("filing:draft-details", args=[draft.pk])
    form = browser.get(where).context["form"]
    said = {"period_start": "2024-01-01", "fee_limit": "50", "items": form["items"].value(), "fmt": "native"}
    answer = browser.post(where, {**said, "standing": "not_resident", "extra_paragraph": "More."}, follow=True)
    assert "the signature no longer holds" in words(answer)
    assert "Ask for the signature again" in words(answer)


def test_a_reworded_letter_voids_the_signature_and_asks_again(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person
) -> None:
    signed(draft, offer, bob)
    DraftTarget.objects.filter(draft=draft).update(agency=AgencyFactory(jurisdiction="VA", name="Another Department"))
    page = words(client_of(alice).get(reverse("filing:draft-signer", args=[draft.pk])))
    assert "The signature no longer holds" in page, "the page says so before anything was written down"
    assert ask(draft).state == Signing.State.INVITED


def test_the_letter_shows_the_signers_written_signature_and_not_the_filers(
    draft: Draft, offer: SignerOffer, bob: Person, alice: Person, harriet: Person
) -> None:
    picture = Picture(png=b"a picture", width=10, height=5, alt="")
    stationery.save_signature(alice, picture, now=NOON)
    hers = stationery.save_signature(harriet, picture, now=NOON)

    def shown() -> int | None:
        plan = services.plan_for(Draft.objects.get(pk=draft.pk))
        assert plan is not None
        return plan.letters(SENDER, NOON)[0].signature

    assert shown() is None, "nobody has signed yet"
    signed(draft, offer, bob)
    assert shown() == hers.pk
    assert letters.load(file(draft)[0].letter).signature == hers.pk


# --- a resident's written authority -----------------------------------------------------------------------------------


@pytest.fixture
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the paper is a fine PDF is the kits room's concern."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html: b"%PDF of " + html.encode())


@pytest.fixture
def boone(db: None) -> SignerOffer:
    """Ben lives elsewhere and works in Kentucky."""
    return people.offer_to_sign(
        PersonFactory(handle="ben").pk,
        jurisdiction="KY",
        ground="works-there",
        legal_name="Ben Boone",
        postal_address="5 Main Street\nLexington, KY 40507",
        now=NOON,
    )


@pytest.fixture
def kentucky(alice: Person) -> Draft:
    """Alice of Maryland asks Kentucky under a written authority that nobody has given yet."""
    agency = AgencyFactory(jurisdiction="KY", name="Kentucky State Police", roles=["nlets_control_point"])
    said = f"I am authorized in writing to act for {signing.NO_AUTHORITY_YET}."
    chosen = {"standing": "exception", "exception_id": "authorised-representative", "residency_statement": said}
    return written(alice, agency, requester_name="Alice Liddell", **chosen)


def seen_by(invited: Signing) -> str:
    shown = services.as_it_would_be_sent(Signing.objects.get(pk=invited.pk), sender=SENDER, now=NOON)
    assert shown is not None
    return shown.seen


def authorised(draft: Draft, offer: SignerOffer, bob: Person) -> Signing:
    invited = invite(draft, offer, bob)
    return services.sign(invited.pk, seen=seen_by(invited), sender=SENDER, by=offer.person, now=NOON)


def stops_of(draft: Draft) -> list[str]:
    plan = services.plan_for(draft)
    assert plan is not None
    return [one.text for one in plan.remarks(plan.letters(SENDER, NOON)) if one.level == "stop"]


@pytest.mark.usefixtures("quick_pdf")
def test_a_resident_lets_a_volunteer_ask_kentucky_in_writing(kentucky: Draft, boone: SignerOffer, bob: Person) -> None:
    """Ask, choose, read, sign, file: the paper is kept with its hash and leaves with the letter."""
    filers, his = client_of(kentucky.filer), client_of(boone.person)
    where = reverse("filing:draft-signer", args=[kentucky.pk])
    page = words(filers.get(where))
    assert "1 member of the group could sign for Kentucky" in page
    assert "It does not hold what the writing must say" in page, "the doubt is shown"
    filers.post(where)
    asked = Signing.objects.get()
    assert asked.kind == "authority"
    coordinators = client_of(bob)
    assert "Who gives a written authority" in words(coordinators.get(reverse("filing:choose-signer", args=[asked.pk])))
    coordinators.post(reverse("filing:choose-signer", args=[asked.pk]), {"offer": boone.pk})
    assert told(boone.person) == ["Would you let a member ask Kentucky for you?"]
    signs = reverse("filing:sign", args=[asked.pk])
    page = his.get(signs)
    for said in (
        "Written authority to ask for public records",
        "I am a resident of the Commonwealth of Kentucky: I work at a location there.",
        "I authorize Alice Liddell to act for me, under KRS 61.870(10), paragraph (f)",
        "Kentucky State Police: ",
        "I am authorized in writing to act for Ben Boone, who works at a location there.",
        "Whether a typed name under an electronic document counts as signed is not settled here",
    ):
        assert said in words(page), said
    seen = page.context["form"].initial["seen"]
    assert his.post(signs, {"seen": seen, "is_true": "on"}).status_code == 302
    paper = AuthorityPaper.objects.get()
    assert b"Alice Liddell" in paper.pdf_bytes
    assert stops_of(kentucky) == []
    assert "Ben Boone gave you the written authority" in words(filers.get(where))
    (made,) = file(kentucky)
    filed = letters.load(made.letter)
    assert filed.closing.name == "Alice Liddell", "the volunteer signs the letter"
    assert filed.enclosures == ("Written authority of Ben Boone (KRS 61.870(10), paragraph (f))",)
    assert "act for Ben Boone, who works at a location there." in " ".join(filed.paragraphs())
    raw = message_from_string(made.outgoing_letters.get().raw, policy=policy.default)
    (attached,) = raw.iter_attachments()
    assert attached.get_filename() == f"{made.reference}-authority.pdf"
    assert hashlib.sha256(attached.get_content()).hexdigest() == paper.sha256
    pack = filers.get(reverse("filing:letter-authority", args=[made.reference]))
    assert pack.content == paper.pdf_bytes, "byte for byte as it was signed"
    assert paper.sha256 in words(filers.get(reverse("filing:letter", args=[made.reference])))
    assert "went under your authority" in words(his.get(signs))


def test_whoever_cannot_give_the_authority_is_not_asked_for_it(
    kentucky: Draft, boone: SignerOffer, offer: SignerOffer, bob: Person
) -> None:
    asked = ask(kentucky)
    with pytest.raises(services.OfferGone):
        services.invite_signer(asked.pk, offer.pk, by=bob, now=NOON)  # of Virginia
    SignerOffer.objects.filter(pk=boone.pk).update(ground="news-organisation")  # paragraph (f) leaves these out
    with pytest.raises(services.OfferGone):
        services.invite_signer(asked.pk, boone.pk, by=bob, now=NOON)


@pytest.mark.usefixtures("quick_pdf")
@pytest.mark.parametrize("how", ["letter-changed", "taken-back", "discarded", "signs-as-resident", "another-state"])
def test_an_authority_that_no_longer_holds_leaves_no_paper(
    kentucky: Draft, boone: SignerOffer, bob: Person, how: str
) -> None:
    given = authorised(kentucky, boone, bob)
    if how == "taken-back":
        services.take_signature_back(given.pk, by=boone.person, now=NOON)
    elif how == "discarded":
        services.discard_draft(kentucky.pk, now=NOON)
    elif how == "another-state":
        services.save_draft(kentucky.pk, jurisdiction="MD", now=NOON)
    else:
        chosen = {"extra_paragraph": "More."} if how == "letter-changed" else {"standing": "resident"}
        services.save_draft(kentucky.pk, choices=chosen, now=NOON)
        ended = services.look_at_signature(kentucky.pk, sender=SENDER, now=NOON)
        assert ended is not None
    given.refresh_from_db()
    assert (given.legal_name, given.content_sha256) == ("", "")
    assert not AuthorityPaper.objects.exists()
    if how == "letter-changed":
        assert given.state == Signing.State.VOID
        kentucky.refresh_from_db()
        assert any("no longer holds" in text for text in stops_of(kentucky))
        with pytest.raises(services.NotReady, match="no longer holds"):
            file(kentucky)


@pytest.mark.usefixtures("quick_pdf")
def test_only_the_paper_that_was_read_is_signed_and_only_once(
    kentucky: Draft, boone: SignerOffer, bob: Person, charlie: Person
) -> None:
    invited = invite(kentucky, boone, bob)
    assert any("has not answered yet" in text for text in stops_of(kentucky))
    with pytest.raises(services.NotReady):
        file(kentucky)
    seen = seen_by(invited)
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen=seen, sender=SENDER, by=charlie, now=NOON)
    with pytest.raises(services.NotTheLetterRead):
        services.sign(invited.pk, seen=digest_of(invited), sender=SENDER, by=boone.person, now=NOON)  # the letter alone
    services.sign(invited.pk, seen=seen, sender=SENDER, by=boone.person, now=NOON)
    with pytest.raises(services.SigningClosed):
        services.sign(invited.pk, seen=seen, sender=SENDER, by=boone.person, now=NOON)
    assert AuthorityPaper.objects.count() == 1


@pytest.mark.usefixtures("quick_pdf")
def test_a_kept_paper_cannot_be_changed_unseen(kentucky: Draft, boone: SignerOffer, bob: Person) -> None:
    authorised(kentucky, boone, bob)
    paper = AuthorityPaper.objects.get()
    with pytest.raises(TypeError):
        paper.save()
    AuthorityPaper.objects.update(pdf=base64.b64encode(b"%PDF of another").decode())
    with pytest.raises(ValueError, match="not the one that was signed"):
        AuthorityPaper.objects.get().pdf_bytes  # noqa: B018  reading it is the check
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, pdf FROM filing_authoritypaper")
        assert "Boone" not in str(cursor.fetchall()), "sealed"


@pytest.mark.usefixtures("quick_pdf")
def test_a_request_without_an_authority_has_none_to_print(draft: Draft, offer: SignerOffer, bob: Person) -> None:
    signed(draft, offer, bob)
    assert not AuthorityPaper.objects.exists()
    (made,) = file(draft)
    assert client_of(draft.filer).get(reverse("filing:letter-authority", args=[made.reference])).status_code == 404
    assert not list(message_from_string(made.outgoing_letters.get().raw, policy=policy.default).iter_attachments())
