"""Every address of the project for everybody: one truth table. An address that it does not name fails the test.

The rooms' own tables are of predicates; this one is of addresses, and complete. Looks go by GET, acts by POST. The
filer's requests are assigned to the assignee, who works on them too; the filer's drafts stay the filer's. Two rules
hold everywhere: who may not see a page cannot post to it either, and a closed account is a stranger.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from requests_app.agencies import services as agencies
from requests_app.agencies.models import AgencyImport, ContactPoint
from requests_app.agencies.officials import services as officials
from requests_app.agencies.officials.models import Exchange, Official, OfficialImport
from requests_app.agencies.proposals import services as proposals
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.agencies.status.models import StatusLine
from requests_app.correspondence import next_letters
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.incoming import blocking
from requests_app.correspondence.incoming.models import BulkAct, IncomingMessage, RetypedToken, SenderRule
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.paper.models import FaxSending, Posting, PrintBatch, PrintedLetter
from requests_app.documents.handed_in import codes
from requests_app.documents.handed_in import services as handed_in
from requests_app.documents.models import (
    AgencyLink,
    Collection,
    Document,
    HandIn,
    Hold,
    Photograph,
    PhotographedLetter,
    SavedSearch,
    Scan,
    Sheet,
)
from requests_app.documents.paper import files as paper_files
from requests_app.documents.search import services as search
from requests_app.documents.shelves import services as shelves
from requests_app.filing import services as filing
from requests_app.filing.composing import Sender
from requests_app.filing.models import (
    Approval,
    CampaignTarget,
    Draft,
    DraftVersion,
    FilingRun,
    NextLetter,
    RecordsRequest,
    Signing,
)
from requests_app.filing.writing import ways
from requests_app.kits import editing, letters, own_kits, rendering
from requests_app.kits.catalog import get_kit
from requests_app.kits.models import Clause
from requests_app.people import services as people
from requests_app.people.absences import services as absences
from requests_app.people.absences.models import Absence
from requests_app.people.models import Notice, Person, SignerOffer, SignInLink
from requests_app.people.tokens import token_of
from requests_app.people.way_out import WayOut, token_for
from requests_app.review import services as review
from requests_app.review.models import PageNote
from requests_app.tracking.calendar import services as feeds
from requests_app.tracking.calendar.models import CalendarFeed
from requests_app.tracking.desk import services as desk_services
from requests_app.tracking.desk.models import SavedView
from requests_app.tracking.models import MonthlyReport, MovedDate, Recalculation
from requests_app.tracking.reminders import services as reminders
from requests_app.tracking.reminders.models import Mute
from tests.agencies.conftest import make_exchange, make_line, make_official
from tests.correspondence.incoming.kept import a_link, a_meaning, a_message
from tests.documents.viewer.paper import a_document
from tests.factories import NOON, AgencyFactory, ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter, authorise

pytestmark = pytest.mark.django_db

# Acts on rows that were chosen in a table: the address names one.
BY_ROWS = {"filing:campaign-assign", "filing:campaign-skip", "filing:campaign-take-up", "filing:campaign-answers"}

WHO = (
    *("anonymous", "roleless", "filer", "assignee", "stranger"),
    *("coordinator", "reviewer", "administrator", "closed"),
)
NOBODY = ("anonymous", "closed")

# 200: the page. 302: sent on, for "anonymous" and "closed" to sign in. 403: not theirs to do. 404: as if it were not
# there. 405: no such method. 422: what was posted lacks something, and the page says what. 503: no beat in a test.
# "S" (for "same") in the last column: as for the anonymous.
PAGES = """
#                                    anonymous roleless filer assignee stranger coordinator reviewer admin closed
healthz                               200 200 200 200 200 200 200 200 S
readyz                                503 503 503 503 503 503 503 503 S
account_login                         200 302 302 302 302 302 302 302 S
account_logout                        302 200 200 200 200 200 200 200 S
account_inactive                      200 200 200 200 200 200 200 200 S
account_signup                        200 302 302 302 302 302 302 302 S
account_reauthenticate                302 200 200 200 200 200 200 200 S
account_change_password               302 200 200 200 200 200 200 200 S
account_set_password                  302 302 302 302 302 302 302 302 S
account_reset_password                200 200 200 200 200 200 200 200 S
account_reset_password_done           200 200 200 200 200 200 200 200 S
account_reset_password_from_key       200 200 200 200 200 200 200 200 S
account_reset_password_from_key_done  200 200 200 200 200 200 200 200 S
mfa_index                             302 200 200 200 200 200 200 200 S
mfa_authenticate                      302 302 302 302 302 302 302 302 S
mfa_reauthenticate                    302 302 302 302 302 302 302 302 S
mfa_activate_totp                     302 302 302 302 302 302 302 302 S
mfa_deactivate_totp                   302 404 404 404 404 404 404 404 S
mfa_view_recovery_codes               302 404 404 404 404 404 404 404 S
mfa_generate_recovery_codes           302 302 302 302 302 302 302 302 S
mfa_download_recovery_codes           302 404 404 404 404 404 404 404 S
mfa_list_webauthn                     302 200 200 200 200 200 200 200 S
mfa_add_webauthn                      302 302 302 302 302 302 302 302 S
mfa_reauthenticate_webauthn           302 302 302 302 302 302 302 302 S
mfa_remove_webauthn                   302 302 302 302 302 302 302 302 S
mfa_edit_webauthn                     302 302 302 302 302 302 302 302 S
mfa_login_webauthn                    302 302 302 302 302 302 302 302 S
people:list                           302 403 403 403 403 200 403 200 S
people:me                             302 200 200 200 200 200 200 200 S
people:my-address                     302 200 200 200 200 200 200 200 S
people:confirm-address                302 410 200 410 410 410 410 410 S
people:welcome                        302 200 200 200 200 200 200 200 S
people:notices                        302 200 200 200 200 200 200 200 S
people:notice-open                    302 404 302 404 404 404 404 404 S
people:preferences                    302 200 200 200 200 200 200 200 S
people:unsubscribe                    200 200 200 200 200 200 200 200 S
people:invite                         302 403 403 403 403 200 403 200 S
people:accept                         200 200 200 200 200 200 200 200 S
people:way-in                         200 200 200 200 200 200 200 200 S
people:person                         302 403 403 403 403 403 403 200 S
agencies:list                         302 200 200 200 200 200 200 200 S
agencies:add                          302 403 403 403 403 200 403 200 S
agencies:import                       302 403 403 403 403 200 403 200 S
agencies:import-preview               302 403 403 403 403 200 403 404 S
agencies:export                       302 403 403 403 403 200 403 200 S
agencies:detail                       302 200 200 200 200 200 200 200 S
agencies:edit                         302 403 403 403 403 200 403 200 S
agencies:contact-add                  302 403 200 200 200 200 403 200 S
agencies:contact-edit                 302 403 403 403 403 200 403 200 S
agencies:contact-confirm              302 403 200 200 200 200 403 200 S
agencies:contact-retire               302 403 403 403 403 200 403 200 S
agencies:proposals                    302 403 403 403 403 200 403 200 S
agencies:officials                    302 403 200 200 200 200 200 200 S
agencies:official                     302 403 200 200 200 200 200 200 S
agencies:official-add                 302 403 403 403 403 200 403 200 S
agencies:official-edit                302 403 403 403 403 200 403 200 S
agencies:official-retire              302 403 403 403 403 200 403 200 S
agencies:official-log                 302 403 200 200 200 200 403 200 S
agencies:official-import              302 403 403 403 403 200 403 200 S
agencies:official-import-preview      302 403 403 403 403 200 403 404 S
agencies:official-export              302 403 403 403 403 200 403 200 S
agencies:status                       302 200 200 200 200 200 200 200 S
agencies:status-add                   302 403 403 403 403 200 403 200 S
agencies:status-withdraw              302 403 403 403 403 200 403 200 S
filing:start                          302 403 200 200 200 200 403 403 S
filing:drafts                         302 403 200 200 200 200 403 403 S
filing:draft-state                    302 404 200 404 404 404 404 404 S
filing:draft-what                     302 404 200 404 404 404 404 404 S
filing:draft-whom                     302 404 200 404 404 404 404 404 S
filing:draft-add-address              302 404 200 404 404 404 404 404 S
filing:draft-confirm                  302 404 200 404 404 404 404 404 S
filing:draft-details                  302 404 200 404 404 404 404 404 S
filing:draft-preview                  302 404 200 404 404 404 404 404 S
filing:draft-pdf                      302 404 200 404 404 404 404 404 S
filing:draft-text                     302 404 200 404 404 404 404 404 S
filing:draft-write                    302 404 200 404 404 404 404 404 S
filing:draft-versions                 302 404 200 404 404 404 404 404 S
filing:draft-word                     302 404 200 404 404 404 404 404 S
filing:draft-signer                   302 404 200 404 404 404 404 404 S
filing:draft-approval                 302 404 200 404 404 404 404 404 S
filing:offers                         302 200 200 200 200 200 200 200 S
filing:sign                           302 404 200 404 404 404 404 404 S
filing:before-filing                  302 403 403 403 403 200 403 403 S
filing:choose-signer                  302 403 403 403 403 200 403 403 S
filing:approve                        302 403 403 403 403 200 403 403 S
filing:discard                        302 404 200 404 404 404 404 404 S
filing:campaign-new                   302 403 403 403 403 200 403 403 S
filing:campaign-plan                  302 403 403 403 403 200 403 403 S
filing:campaign-edit                  302 403 403 403 403 200 403 403 S
filing:campaign-assign                302 403 403 403 403 200 403 403 S
filing:campaign-skip                  302 403 403 403 403 200 403 403 S
filing:campaign-take-up               302 403 403 403 403 200 403 403 S
filing:campaign-answers               302 403 403 403 403 200 403 403 S
filing:my-part                        302 403 200 200 200 200 403 403 S
filing:record-what                    302 404 200 200 404 200 403 403 S
filing:record                         302 404 200 200 404 200 403 403 S
filing:correct                        302 404 200 200 404 200 403 403 S
filing:note                           302 404 200 200 404 200 200 200 S
filing:assign                         302 404 403 403 404 200 403 403 S
filing:letter                         302 404 200 200 404 200 403 403 S
filing:letter-pdf                     302 404 200 200 404 200 403 403 S
filing:letter-text                    302 404 200 200 404 200 403 403 S
filing:letter-eml                     302 404 200 200 404 200 403 403 S
filing:letter-word                    302 404 200 200 404 200 403 403 S
filing:letter-authority               302 404 200 200 404 200 403 403 S
kits:list                             302 403 403 403 403 200 403 403 S
kits:new                              302 403 403 403 403 200 403 403 S
kits:edit                             302 403 403 403 403 200 403 403 S
kits:export                           302 403 403 403 403 200 403 403 S
kits:import                           302 403 403 403 403 200 403 403 S
kits:new-clause                       302 403 403 403 403 200 403 403 S
kits:clause                           302 403 403 403 403 200 403 403 S
kits:letterhead                       302 403 403 403 403 200 403 200 S
kits:signature                        302 403 200 200 200 200 403 403 S
documents:list                        302 200 200 200 200 200 200 200 S
documents:upload                      302 404 200 200 404 200 403 403 S
documents:agency-links                302 404 200 200 404 200 403 403 S
documents:handed-in                   302 403 403 403 403 200 403 403 S
hand_in:door                          200 200 200 200 200 200 200 200 S
hand_in:page                          200 200 200 200 200 200 200 200 S
hand_in:receipt                       200 200 200 200 200 200 200 200 S
hand_in:nothing                       404 404 404 404 404 404 404 404 S
documents:photographs                 302 404 200 200 404 200 403 403 S
documents:photograph-corners          302 404 200 404 404 404 403 403 S
documents:photograph-picture          302 404 200 404 404 404 403 403 S
documents:cover-sheet                 302 404 200 200 404 200 403 403 S
documents:scans                       302 403 403 403 403 200 403 403 S
documents:scan-picture                302 403 403 403 403 200 403 403 S
documents:zip                         302 302 200 200 302 200 200 200 S
documents:collections                 302 200 200 200 200 200 200 200 S
documents:collection                  302 200 200 200 200 200 200 200 S
documents:collect                     302 404 200 200 404 200 200 200 S
documents:origin                      302 404 200 200 404 200 200 200 S
documents:origin-csv                  302 404 200 200 404 200 200 200 S
documents:holds                       302 403 403 403 403 200 403 200 S
documents:lift-hold                   302 403 403 403 403 403 403 200 S
documents:erase                       302 404 403 403 404 403 403 200 S
documents:download                    302 404 200 200 404 200 200 200 S
documents:page-with-id                302 200 200 200 200 200 200 200 S
documents:missing                     302 404 200 200 404 200 200 200 S
documents:describe                    302 404 403 403 404 200 200 403 S
documents:answers                     302 404 403 403 404 200 200 403 S
documents:find                        302 404 200 200 404 200 200 200 S
documents:progress                    302 404 200 200 404 200 200 200 S
documents:choose-second               302 404 200 200 404 200 200 200 S
documents:page                        302 404 200 200 404 200 200 200 S
documents:page-words                  302 404 200 200 404 200 200 200 S
documents:page-picture                302 404 200 200 404 200 200 200 S
documents:beside                      302 404 200 200 404 200 200 200 S
documents:compare                     302 404 200 200 404 200 200 200 S
documents:read                        302 404 302 302 404 302 302 302 S
documents:go                          302 404 302 302 404 302 302 302 S
documents:locked                      302 403 403 403 403 200 200 200 S
documents:reading                     302 403 403 403 403 200 200 200 S
documents:reading-rows                302 403 403 403 403 200 200 200 S
documents:reading-of                  302 200 200 200 200 200 200 200 S
documents:reading-document            302 404 200 200 404 200 200 200 S
documents:searchable                  302 404 302 302 404 302 302 302 S
documents:sheet                       302 404 200 200 404 200 200 200 S
documents:sheet-rows                  302 404 200 200 404 200 200 200 S
documents:sheet-find                  302 404 200 200 404 200 200 200 S
documents:sheet-csv                   302 404 200 200 404 200 200 200 S
documents:sheets                      302 404 302 302 404 302 302 302 S
documents:search                      302 200 200 200 200 200 200 200 S
documents:saved-searches              302 200 200 200 200 200 200 200 S
documents:saved-search                302 404 404 404 404 404 302 404 S
correspondence:mark-sent              302 404 200 200 404 200 403 403 S
correspondence:another-way            302 404 200 200 404 200 403 403 S
correspondence:next-letter-another-way 302 404 200 200 404 200 403 403 S
correspondence:proof                  302 404 200 200 404 200 403 403 S
correspondence:record-reply           302 404 200 200 404 200 403 403 S
correspondence:next-letters           302 404 200 200 404 200 403 403 S
correspondence:write                  302 404 200 200 404 200 403 403 S
correspondence:body-address           302 404 200 200 404 200 403 403 S
correspondence:next-letter            302 404 200 200 404 200 403 403 S
correspondence:next-letter-pdf        302 404 200 200 404 200 403 403 S
correspondence:next-letter-text       302 404 200 200 404 200 403 403 S
correspondence:next-letter-word       302 404 200 200 404 200 403 403 S
correspondence:next-letter-write      302 404 200 200 404 200 403 403 S
correspondence:next-letter-versions   302 404 200 200 404 200 403 403 S
correspondence:next-letter-sent       302 404 200 200 404 200 403 403 S
correspondence:outgoing               302 403 403 403 403 200 403 200 S
correspondence:mail                   302 403 403 403 403 200 403 403 S
correspondence:mail-next              302 403 403 403 403 302 403 403 S
correspondence:mail-many-done         302 403 403 403 403 200 403 403 S
correspondence:mail-senders           302 403 403 403 403 200 403 403 S
correspondence:mail-sender            302 403 403 403 403 200 403 403 S
correspondence:reply-address          302 404 403 403 404 200 403 403 S
correspondence:mail-upload            302 403 403 403 403 200 403 403 S
correspondence:corrections            302 403 403 403 403 200 403 403 S
correspondence:request-mail           302 404 200 200 404 200 403 403 S
correspondence:request-mail-pdf       302 404 200 200 404 200 403 403 S
correspondence:mail-search            302 403 403 403 403 200 403 403 S
correspondence:message-formatted      302 404 200 200 404 200 404 404 S
correspondence:message-frame          302 404 200 200 404 200 404 404 S
correspondence:message-headers        302 403 403 403 403 200 403 403 S
correspondence:message-erase          302 403 403 403 403 403 403 200 S
correspondence:message                302 404 200 200 404 200 404 404 S
correspondence:message-raw            302 403 403 403 403 200 403 403 S
correspondence:portal-task            302 404 200 200 404 200 403 403 S
correspondence:next-portal-task       302 404 200 200 404 200 403 403 S
correspondence:post                   302 404 200 200 404 200 403 403 S
correspondence:post-pack              302 404 302 302 404 302 403 403 S
correspondence:post-sent              302 404 200 200 404 200 403 403 S
correspondence:next-post              302 404 200 200 404 200 403 403 S
correspondence:next-post-pack         302 404 302 302 404 302 403 403 S
correspondence:next-post-sent         302 404 200 200 404 200 403 403 S
correspondence:fax                    302 404 200 200 404 200 403 403 S
correspondence:fax-pdf                302 404 302 302 404 302 403 403 S
correspondence:fax-sent               302 404 200 200 404 200 403 403 S
correspondence:next-fax               302 404 200 200 404 200 403 403 S
correspondence:next-fax-pdf           302 404 302 302 404 302 403 403 S
correspondence:next-fax-sent          302 404 200 200 404 200 403 403 S
correspondence:call                   302 404 200 200 404 200 403 403 S
correspondence:post-log               302 403 403 403 403 200 403 200 S
correspondence:post-log-csv           302 403 403 403 403 200 403 200 S
correspondence:posting                302 404 200 200 404 200 403 200 S
correspondence:print-letters          302 403 403 403 403 200 403 403 S
correspondence:print-batch            302 403 403 403 403 200 403 403 S
correspondence:print-batch-progress   302 403 403 403 403 200 403 403 S
correspondence:print-batch-pdf        302 403 403 403 403 200 403 403 S
correspondence:print-batch-posted     302 403 403 403 403 200 403 403 S
correspondence:fax-log                302 403 403 403 403 200 403 200 S
correspondence:fax-sending            302 404 200 200 404 200 403 200 S
correspondence:campaign-file          302 403 403 403 403 200 403 403 S
correspondence:run                    302 403 403 403 403 200 403 403 S
correspondence:run-progress           302 403 403 403 403 200 403 403 S
review:queue                          302 403 403 403 403 200 200 200 S
review:document                       302 404 200 200 404 200 200 200 S
review:change-note                    302 404 403 403 404 403 200 403 S
tracking:home                         302 200 302 302 302 302 302 302 S
tracking:letters                      302 403 200 200 200 200 403 403 S
tracking:desk                         302 403 403 403 403 200 403 200 S
tracking:desk-views                   302 403 403 403 403 200 403 200 S
tracking:desk-look                    302 403 403 403 403 200 403 200 S
tracking:desk-people                  302 403 403 403 403 200 403 200 S
tracking:hand-over                    302 403 403 403 403 200 403 200 S
tracking:desk-row                     302 403 403 403 403 200 403 403 S
tracking:desk-record-what             302 403 403 403 403 200 403 403 S
tracking:desk-record                  302 403 403 403 403 200 403 403 S
tracking:desk-letter                  302 403 403 403 403 200 403 403 S
tracking:desk-snooze                  302 403 403 403 403 200 403 403 S
tracking:desk-assign                  302 403 403 403 403 200 403 403 S
tracking:desk-note                    302 403 403 403 403 200 403 403 S
people:absences                       302 200 200 200 200 200 200 200 S
tracking:campaigns                    302 403 403 403 403 200 403 200 S
tracking:campaign                     302 403 403 403 403 200 403 200 S
tracking:campaign-csv                 302 403 403 403 403 200 403 200 S
tracking:campaign-pdf                 302 403 403 403 403 200 403 200 S
tracking:requests                     302 200 200 200 200 200 200 200 S
tracking:request                      302 404 200 200 404 200 200 200 S
tracking:dates                        302 404 302 302 404 302 302 302 S
tracking:date                         302 404 200 200 404 200 200 200 S
tracking:calendar                     302 403 200 200 200 200 200 200 S
tracking:feeds                        302 403 200 200 200 200 200 200 S
tracking:feed                         200 200 200 200 200 200 200 200 S
tracking:no-feed                      404 404 404 404 404 404 404 404 S
tracking:mute                         302 404 200 200 404 200 403 403 S
tracking:mutes                        302 200 200 200 200 200 200 200 S
tracking:policy                       302 403 403 403 403 200 403 200 S
tracking:policy-rule                  302 403 403 403 403 200 403 200 S
tracking:undelivered                  302 403 403 403 403 200 403 200 S
tracking:evidence                     302 404 200 200 404 200 403 403 S
tracking:evidence-pdf                 302 404 200 200 404 200 403 403 S
tracking:evidence-zip                 302 404 200 200 404 200 403 403 S
tracking:recalculations               302 403 403 403 403 200 403 200 S
tracking:recalculation                302 403 200 200 403 200 200 200 S
tracking:recalculation-csv            302 403 403 403 403 200 403 200 S
tracking:statistics                   302 403 200 200 200 200 200 200 S
tracking:statistics-csv               302 403 200 200 200 200 200 200 S
tracking:statistics-xlsx              302 403 200 200 200 200 200 200 S
tracking:statistics-requests          302 403 200 200 200 200 200 200 S
tracking:agency                       302 403 200 200 200 200 200 200 S
tracking:reports                      302 403 403 403 403 200 403 200 S
tracking:report-pdf                   302 403 403 403 403 200 403 200 S
tracking:exemptions                   302 200 200 200 200 200 200 200 S
tracking:exemption-library            302 200 200 200 200 200 200 200 S
tracking:official-letters             302 403 200 200 200 200 403 200 S
tracking:official-letter              302 403 200 200 200 200 403 200 S
tracking:official-call                302 403 200 200 200 200 403 200 S
publishing:front                      200 302 302 302 302 302 302 302 S
publishing:law-list                   200 200 200 200 200 200 200 200 S
publishing:law-compare                200 200 200 200 200 200 200 200 S
publishing:calculator                 200 200 200 200 200 200 200 200 S
publishing:law                        200 200 200 200 200 200 200 200 S
publishing:state                      200 200 200 200 200 200 200 200 S
"""

ACTS = """
#                                    anonymous roleless filer assignee stranger coordinator reviewer admin closed
people:withdraw-address               302 302 302 302 302 302 302 302 S
people:notices-read                   302 302 302 302 302 302 302 302 S
people:notice-read                    302 404 302 404 404 404 404 404 S
people:withdraw-invitation            302 403 403 403 403 302 403 302 S
people:come-back                      302 404 302 404 404 302 404 404 S
tracking:desk-bulk                    302 403 403 403 403 302 403 403 S
tracking:desk-first-view              302 403 403 403 403 302 403 302 S
tracking:desk-view-remove             302 403 403 403 403 302 403 404 S
tracking:desk-view-share              302 403 403 403 403 302 403 404 S
tracking:desk-undo                    302 403 403 403 403 302 403 403 S
tracking:desk-wake                    302 403 403 403 403 302 403 403 S
people:grant                          302 403 403 403 403 403 403 302 S
people:revoke                         302 403 403 403 403 403 403 302 S
people:close                          302 403 403 403 403 403 403 302 S
people:reopen                         302 403 403 403 403 403 403 302 S
agencies:import-apply                 302 403 403 403 403 302 403 404 S
agencies:official-import-apply        302 403 403 403 403 302 403 404 S
agencies:proposal-accept              302 403 403 403 403 200 403 200 S
agencies:proposal-decline             302 403 403 403 403 200 403 200 S
agencies:official-settle              302 403 302 302 302 302 403 302 S
agencies:official-strike              302 403 302 403 403 302 403 302 S
filing:draft-keep                     302 404 200 404 404 404 404 404 S
filing:draft-write-keep               302 404 200 404 404 404 404 404 S
filing:draft-restore                  302 404 302 404 404 404 404 404 S
filing:draft-signer-withdraw          302 404 302 404 404 404 404 404 S
filing:withdraw-offer                 302 404 302 404 404 404 404 404 S
filing:decline                        302 404 302 404 404 404 404 404 S
filing:take-signature-back            302 404 302 404 404 404 404 404 S
filing:send-back                      302 403 403 403 403 302 403 403 S
kits:check                            302 403 403 403 403 200 403 403 S
kits:retire                           302 403 403 403 403 302 403 403 S
kits:offer                            302 403 403 403 403 302 403 403 S
kits:retire-clause                    302 403 403 403 403 302 403 403 S
kits:delete-signature                 302 403 302 302 302 302 403 403 S
filing:draft-ready                    302 404 302 404 404 404 404 404 S
filing:campaign-sign                  302 403 302 404 404 404 403 403 S
tracking:recalculation-ask            302 403 403 403 403 302 403 403 S
filing:campaign-end                   302 403 403 403 403 404 403 403 S
correspondence:fax-send               302 404 302 302 404 302 403 403 S
correspondence:next-fax-send          302 404 302 302 404 302 403 403 S
correspondence:posting-strike         302 404 302 302 404 302 403 403 S
correspondence:run-stop               302 403 403 403 403 302 403 403 S
correspondence:run-continue           302 403 403 403 403 302 403 403 S
correspondence:run-take-back          302 403 403 403 403 302 403 403 S
correspondence:message-accept         302 403 403 403 403 422 403 403 S
correspondence:message-place          302 403 403 403 403 422 403 403 S
correspondence:message-move           302 403 403 403 403 422 403 403 S
correspondence:message-set-aside      302 403 403 403 403 422 403 403 S
correspondence:message-bring-back     302 403 403 403 403 422 403 403 S
correspondence:message-defer          302 403 403 403 403 422 403 403 S
correspondence:message-assign         302 403 403 403 403 422 403 403 S
correspondence:message-undo           302 403 403 403 403 422 403 403 S
correspondence:message-record         302 404 302 302 404 302 404 404 S
correspondence:message-dismiss        302 404 302 302 404 302 404 404 S
correspondence:message-take-up        302 404 302 302 404 302 404 404 S
correspondence:message-link           302 404 302 302 404 302 404 404 S
correspondence:message-block          302 403 403 403 403 422 403 403 S
correspondence:message-propose        302 403 403 403 403 422 403 403 S
correspondence:mail-many              302 403 403 403 403 302 403 403 S
correspondence:mail-many-undo         302 403 403 403 403 302 403 403 S
correspondence:mail-sender-end        302 403 403 403 403 302 403 403 S
correspondence:mail-sender-bring-back 302 403 403 403 403 302 403 403 S
correspondence:correction-forget      302 403 403 403 403 302 403 403 S
correspondence:mail-webhook           404 404 404 404 404 404 404 404 S
correspondence:mail-webhook-mailgun   404 404 404 404 404 404 404 404 S
correspondence:mail-webhook-sendgrid  404 404 404 404 404 404 404 404 S
correspondence:mail-webhook-password  404 404 404 404 404 404 404 404 S
correspondence:file                   302 404 302 404 404 404 404 404 S
correspondence:queue                  302 404 302 302 404 302 403 403 S
correspondence:proof-arrived          302 404 302 302 404 302 403 403 S
correspondence:undo                   302 404 302 302 404 302 403 403 S
correspondence:send-now               302 404 302 302 404 302 403 403 S
correspondence:next-letter-anew       302 404 302 302 404 302 403 403 S
correspondence:next-letter-fits       302 404 302 302 404 302 403 403 S
correspondence:next-letter-discard    302 404 302 302 404 302 403 403 S
correspondence:next-letter-send       302 404 302 302 404 302 403 403 S
correspondence:next-letter-undo       302 404 302 302 404 302 403 403 S
correspondence:next-letter-send-now   302 404 302 302 404 302 403 403 S
correspondence:next-letter-write-keep 302 404 200 200 404 200 403 403 S
correspondence:next-letter-restore    302 404 302 302 404 302 403 403 S
tracking:feed-revoke                  302 404 302 404 404 404 404 404 S
tracking:mute-confirm                 302 404 403 403 404 302 403 403 S
tracking:mute-end                     302 404 302 403 404 302 403 403 S
tracking:policy-change                302 403 403 403 403 302 403 302 S
tracking:undelivered-again            302 403 403 403 403 302 403 302 S
tracking:undelivered-leave            302 403 403 403 403 302 403 302 S
documents:agency-link-close           302 404 302 302 404 302 403 403 S
documents:handed-in-settle            302 404 302 302 404 302 403 403 S
documents:photographs-keep            302 404 422 302 404 302 403 403 S
documents:photographs-act             302 404 404 404 404 404 403 403 S
documents:scan-place                  302 403 403 403 403 422 403 403 S
documents:scan-set-aside              302 403 403 403 403 302 403 403 S
documents:collection-change           302 404 302 302 404 302 302 302 S
documents:hold                        302 404 403 403 404 422 403 422 S
documents:save-search                 302 302 302 302 302 302 302 302 S
documents:switch-search               302 404 404 404 404 404 302 404 S
documents:drop-search                 302 404 404 404 404 404 302 404 S
review:note                           302 404 403 403 404 422 422 403 S
documents:number-pages                302 404 403 403 404 302 302 403 S
documents:password                    302 404 302 302 404 302 302 403 S
documents:unlock                      302 404 403 403 404 403 403 302 S
documents:read-again                  302 404 302 302 404 302 302 403 S
documents:stop-reading                302 404 302 302 404 302 302 403 S
documents:reading-act                 302 403 403 403 403 302 302 302 S
"""

# Django's admin is a reading room. Administrators look; nobody adds, changes or deletes, and nobody else comes in.
ADMIN_PAGES = {"index", "password_change", "password_change_done", "jsi18n", "app_list"}
ADMIN_SENT_ON = {"login"}  # to where they wanted to go
ADMIN_BY_POST = {"logout"}
NOT_THERE = 1_000_000  # a number that no row has
ADMIN_NOTHING_THERE = {"autocomplete": 403, "view_on_site": 404}


def table(text: str) -> dict[str, dict[str, int]]:
    """Return name -> who -> expected answer."""
    rows: dict[str, dict[str, int]] = {}
    for line in text.strip().splitlines():
        if line.startswith("#"):
            continue
        name, *answers = line.split()
        answers[-1] = answers[0] if answers[-1] == "S" else answers[-1]
        assert name not in rows, f"{name} stands in the table twice"
        rows[name] = dict(zip(WHO, map(int, answers), strict=True))
    return rows


def addresses(resolver: URLResolver | None = None, within: tuple[str, ...] = ()) -> Iterator[str]:
    """Return the full name of every address of the project; admin's unnamed catch-alls have none and are left out."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, (*within, pattern.namespace) if pattern.namespace else within)
        elif isinstance(pattern, URLPattern):
            assert pattern.name or within == ("admin",), f"{pattern} has no name, so that no table can hold it"
            if pattern.name:
                yield ":".join((*within, pattern.name))


OF_A_CAMPAIGN = (
    *("tracking:campaign", "tracking:campaign-csv", "tracking:campaign-pdf", "correspondence:campaign-file"),
    *(f"filing:campaign-{act}" for act in ("plan", "edit", "assign", "skip", "take-up", "answers", "end")),
)
OF_A_RUN = (
    *("correspondence:run", "correspondence:run-progress", "correspondence:run-stop"),
    *("correspondence:run-continue", "correspondence:run-take-back"),
)

OF_A_MESSAGE = (
    "correspondence:message",
    *(f"correspondence:message-{act}" for act in ("accept", "place", "move", "set-aside", "bring-back")),
    *(f"correspondence:message-{act}" for act in ("defer", "assign", "undo", "formatted", "frame", "headers", "erase")),
    *(f"correspondence:message-{act}" for act in ("block", "propose")),
    *(f"correspondence:message-{act}" for act in ("record", "dismiss", "take-up", "link")),
)

OF_A_SENDER = ("correspondence:mail-sender", "correspondence:mail-sender-end", "correspondence:mail-sender-bring-back")
OF_A_BULK = ("correspondence:mail-many-done", "correspondence:mail-many-undo")


@dataclass
class House:
    """People of each kind, and one of everything that an address can name, the filer's where it is one's."""

    people: dict[str, Person]
    draft: Draft
    version: DraftVersion
    clause: Clause
    target: CampaignTarget
    skipped: CampaignTarget
    run: FilingRun
    records_request: RecordsRequest
    unsent: RecordsRequest
    contact: ContactPoint
    saved: SavedSearch
    document: Document
    read: Document
    note: PageNote
    hold: Hold
    collection: Collection
    photograph: Photograph
    scan: Scan
    next_letter: NextLetter
    notice: Notice
    mute: Mute
    kept_import: AgencyImport
    official: Official
    exchange: Exchange
    line: StatusLine
    officials_import: OfficialImport
    invitation: SignInLink
    way_in: SignInLink
    new_address: SignInLink
    offer: SignerOffer
    invited: Signing
    to_choose: Signing
    approval: Approval
    feed: CalendarFeed
    feed_secret: str
    hand_in: HandIn
    link_code: str
    absence: Absence
    view: SavedView
    recalculation: Recalculation
    report: MonthlyReport
    message: IncomingMessage
    letter: OutgoingLetter
    posting: Posting
    fax: FaxSending
    batch: PrintBatch
    rule: SenderRule
    bulk: BulkAct
    proposal: ContactProposal
    correction: RetypedToken

    def address(self, name: str) -> str:
        """Return the address behind a name."""
        reference, unsent, code = self.records_request.reference, self.unsent.reference, self.contact.agency.code
        arguments: dict[str, list[Any]] = {
            "account_reset_password_from_key": ["1", "abc-123"],
            **{name: [self.message.pk] for name in OF_A_MESSAGE},
            **{name: [self.rule.pk] for name in OF_A_SENDER},
            **{name: [self.bulk.pk] for name in OF_A_BULK},
            "agencies:proposal-accept": [self.proposal.pk],
            "agencies:proposal-decline": [self.proposal.pk],
            "correspondence:correction-forget": [self.correction.pk],
            "correspondence:message-raw": [self.message.pk, self.message.raw_id],
            "people:notice-open": [self.notice.pk],
            "people:notice-read": [self.notice.pk],
            "people:unsubscribe": [token_for(WayOut(self.notice.recipient_id, "everything"))],
            "tracking:mute-confirm": [self.mute.pk],
            "tracking:mute-end": [self.mute.pk],
            "tracking:policy-rule": ["requester", "appeal"],
            "tracking:policy-change": ["requester", "appeal"],
            "tracking:undelivered-again": ["notice", self.notice.pk],
            "tracking:undelivered-leave": ["notice", self.notice.pk],
            "people:withdraw-invitation": [self.invitation.pk],
            "people:accept": [token_of(self.invitation.nonce)],
            "people:way-in": [token_of(self.way_in.nonce)],
            "people:confirm-address": [token_of(self.new_address.nonce)],
            "people:grant": [self.people["stranger"].pk, "reviewer"],
            "people:revoke": [self.people["stranger"].pk, "volunteer"],
            "agencies:import-preview": [self.kept_import.pk],
            "agencies:import-apply": [self.kept_import.pk],
            "agencies:official": [self.official.pk],
            "agencies:official-edit": [self.official.pk],
            "agencies:official-retire": [self.official.pk],
            "agencies:official-log": [self.official.pk],
            "agencies:official-settle": [self.official.pk, self.exchange.pk],
            "agencies:official-strike": [self.official.pk, self.exchange.pk],
            "agencies:official-import-preview": [self.officials_import.pk],
            "agencies:official-import-apply": [self.officials_import.pk],
            "agencies:status": ["md"],
            "agencies:status-add": ["md"],
            "agencies:status-withdraw": ["md", self.line.pk],
            "people:come-back": [self.absence.pk],
            "tracking:official-letter": [self.official.pk],
            "tracking:hand-over": ["charlie"],
            "tracking:desk-record": [reference, "acknowledged"],
            "tracking:desk-view-remove": [self.view.pk],
            "tracking:desk-view-share": [self.view.pk],
            "tracking:desk-undo": ["note", NOT_THERE],
            "tracking:official-call": [self.official.pk],
            "filing:draft-add-address": [self.draft.pk, self.contact.agency_id],
            "filing:draft-confirm": [self.draft.pk, self.contact.pk],
            "filing:draft-pdf": [self.draft.pk, 1],
            "filing:draft-text": [self.draft.pk, 1],
            "filing:draft-word": [self.draft.pk, 1],
            "filing:draft-write": [self.draft.pk, self.contact.agency_id],
            "filing:draft-write-keep": [self.draft.pk, self.contact.agency_id],
            "filing:draft-versions": [self.draft.pk, self.contact.agency_id],
            "filing:draft-restore": [self.draft.pk, self.contact.agency_id, self.version.pk],
            "filing:discard": [self.draft.pk],
            "filing:my-part": [],
            **{name: [self.target.campaign_id] for name in OF_A_CAMPAIGN},
            **{name: [self.run.pk] for name in OF_A_RUN},
            "filing:draft-ready": [self.target.draft_id],
            "filing:campaign-sign": [self.target.pk],
            "filing:withdraw-offer": [self.offer.pk],
            "filing:sign": [self.invited.pk],
            "filing:decline": [self.invited.pk],
            "filing:take-signature-back": [self.invited.pk],
            "filing:choose-signer": [self.to_choose.pk],
            "filing:approve": [self.approval.pk],
            "filing:send-back": [self.approval.pk],
            "filing:record": [reference, "acknowledged"],
            "filing:correct": [reference, 2],
            "correspondence:file": [self.draft.pk],
            "correspondence:mark-sent": [unsent],
            "correspondence:another-way": [unsent],
            "correspondence:proof": [reference, self.letter.pk],
            "correspondence:proof-arrived": [reference, self.letter.pk],
            "correspondence:portal-task": [unsent],
            **{f"correspondence:{name}": [unsent] for name in ("post", "post-pack", "post-sent", "fax", "fax-pdf")},
            **{f"correspondence:{name}": [unsent] for name in ("fax-sent", "fax-send", "queue")},
            **{name: [self.posting.pk] for name in ("correspondence:posting", "correspondence:posting-strike")},
            "correspondence:fax-sending": [self.fax.pk],
            **{f"correspondence:print-batch{name}": [self.batch.pk] for name in ("", "-progress", "-pdf", "-posted")},
            "correspondence:record-reply": [reference],
            "correspondence:write": [reference, "fee_itemization"],
            "correspondence:body-address": [reference, "mediation_request"],
            "correspondence:next-letter-restore": [
                reference,
                self.next_letter.pk,
                self.next_letter.versions.all()[0].pk,
            ],
            "kits:clause": [self.clause.pk],
            "kits:retire-clause": [self.clause.pk],
            "documents:upload": [reference],
            "documents:agency-links": [reference],
            "documents:agency-link-close": [self.hand_in.link_id],
            "documents:handed-in": [],
            "documents:handed-in-settle": [self.hand_in.pk],
            "hand_in:door": [],
            "hand_in:page": [self.link_code],
            "hand_in:receipt": [self.link_code, self.hand_in.pk],
            "hand_in:nothing": ["0123/cut/off"],
            "documents:missing": [reference],
            **{f"documents:{name}": [self.read.pk] for name in ("read", "find", "progress", "choose-second")},
            **{f"documents:{name}": [self.read.pk] for name in ("describe", "answers", "number-pages", "go")},
            **{f"documents:{name}": [self.read.pk, 1] for name in ("page", "page-words")},
            "documents:page-picture": [self.read.pk, 1, 160],
            **{f"documents:{name}": [self.read.pk, self.document.pk] for name in ("beside", "compare")},
            "documents:download": [self.document.pk],
            **{f"documents:{name}": [self.document.pk] for name in ("reading-document", "read-again", "stop-reading")},
            "documents:collect": [self.document.pk],
            "documents:collection": [self.collection.pk],
            "documents:collection-change": [self.collection.pk, self.document.pk],
            "documents:photograph-corners": [reference, self.photograph.pk],
            "documents:photograph-picture": [reference, self.photograph.pk, "page"],
            **{f"documents:scan-{name}": [self.scan.pk] for name in ("picture", "place", "set-aside")},
            "documents:origin": [self.document.pk],
            "documents:origin-csv": [self.document.pk],
            "documents:hold": [self.document.pk],
            "documents:erase": [self.document.pk],
            "documents:lift-hold": [self.hold.pk],
            "documents:searchable": [self.document.pk],
            "documents:sheets": [self.document.pk],
            **{f"documents:sheet{part}": [self.document.pk, 1] for part in ("", "-rows", "-find", "-csv")},
            **{f"documents:{name}": [self.document.pk] for name in ("password", "unlock")},
            "documents:saved-search": [self.saved.pk],
            "documents:switch-search": [self.saved.pk],
            "documents:drop-search": [self.saved.pk],
            "review:document": [self.document.pk],
            "review:note": [self.document.pk],
            "review:change-note": [self.note.pk],
            "publishing:law": ["md"],
            "tracking:exemption-library": ["md"],
            "tracking:date": [reference, self.records_request.deadlines.filter(superseded_at=None)[0].pk],
            "tracking:feed": [self.feed_secret],
            "tracking:no-feed": [self.feed_secret],
            "tracking:feed-revoke": [self.feed.pk],
            "tracking:report-pdf": [self.report.pk],
            "tracking:agency": [code],
            "tracking:recalculation": [self.recalculation.pk],
            "tracking:recalculation-csv": [self.recalculation.pk],
            "publishing:state": ["md"],
        }
        if ":campaign-" in name and name != "filing:campaign-new":
            arguments.setdefault(name, [self.target.campaign_id])
        if name.partition(":")[2].startswith("run"):
            arguments[name] = [self.run.pk]
        room, stranger = name.partition(":")[0], self.people["stranger"].pk
        usual: dict[str, list[list[Any]]] = {
            "people": [[stranger]],
            "agencies": [[code], [code, self.contact.pk]],
            "kits": [["G1"]],
            "filing": [[self.draft.pk]] if ":draft" in name else [[reference]],
            "correspondence": [[reference], [reference, self.next_letter.pk]],
        }
        chosen = f"?t={self.target.pk}&t={self.skipped.pk}" if name in BY_ROWS else ""
        for tried in [arguments[name]] if name in arguments else [[], *usual.get(room, [[reference], [1]])]:
            try:
                return reverse(name, args=tried) + chosen + ("?to=1" if name == "documents:go" else "")
            except NoReverseMatch:
                continue
        pytest.fail(f"{name} needs arguments: add them to House.address")


def _on_paper(records_request: RecordsRequest, by: Person) -> dict[str, Any]:
    """Return a letter in the log of the post, a fax, and a print that is ready."""
    sent = records_request.events.get(kind="sent")
    noted: dict[str, Any] = {"request": records_request, "sent_event": sent, "recorded_by": by, "recorded_at": NOON}
    day = NOON.date()
    batch = PrintBatch.objects.create(state="ready", pdf="JVBERg==", made_by=by, made_at=NOON)
    PrintedLetter.objects.create(batch=batch, position=1, request=records_request, is_laid_out=True, pages=2)
    return {
        "posting": Posting.objects.create(carrier="usps", service="ordinary", posted_on=day, **noted),
        "fax": FaxSending.objects.create(number="(410) 555-0111", pages=3, sent_on=day, **noted),
        "batch": batch,
    }


def _came_on_paper(records_request: RecordsRequest, by: Person) -> dict[str, Any]:
    """Return a page that the filer photographed, and a scan that waits."""
    drawn = io.BytesIO()
    Image.new("L", (120, 160), 200).save(drawn, "PNG")
    file = paper_files.keep([drawn.getvalue()], limit=10_000, now=NOON)
    letter = PhotographedLetter.objects.create(request=records_request, by=by, begun_at=NOON, changed_at=NOON)
    facts: dict[str, Any] = {"width": 120, "height": 160, "original_name": "page.png", "added_at": NOON}
    seen = {"size": file.size, "scanned_at": NOON, "seen_at": NOON, "state": "waiting", "why": "nothing"}
    return {
        "photograph": letter.photographs.create(file=file, position=1, **facts),
        "scan": Scan.objects.create(sha256=file.pk, name="scan0001.png", file=file, **seen),
    }


def _begun(records_request: RecordsRequest, by: Person) -> NextLetter:
    """Return a later letter of the filer's, still a draft."""
    desk = next_letters.desk_of(records_request, now=NOON)
    way = ways(desk, "receipt_confirmation")[0]
    written = filing.Written(desk.compose("receipt_confirmation", {}, way), {}, way, desk.newest)
    letter = filing.begin_letter(records_request, "receipt_confirmation", written, by=by, now=NOON)
    return filing.write_letter(letter.pk, written, seen_changes=0, by=by, now=NOON)  # so that it has a version


def _moved_a_date_of(records_request: RecordsRequest) -> Recalculation:
    """Return a recalculation that moved one date of this request."""
    facts = {"cause": "law", "edition_before": "2026-01-01", "edition_after": "2026-02-01"}
    made = Recalculation.objects.create(jurisdiction="MD", began_at=NOON, ended_at=NOON, **facts)
    one = records_request.deadlines.all()[0]
    days = {"was_earliest": one.earliest, "was_latest": one.latest}
    MovedDate.objects.create(
        recalculation=made, request=records_request, what="gone", kind=one.kind, duty_of=one.duty_of, before=one, **days
    )
    return made


def signed_elsewhere(writer: Person, signer: Person, coordinator: Person) -> dict[str, Any]:
    """Letters to Delaware by one member that another is asked to sign, or that wait for a coordinator."""
    contact = ContactPointFactory(agency=AgencyFactory(code="de-examples", jurisdiction="DE"))
    offer = people.offer_to_sign(
        signer.pk, jurisdiction="DE", ground="resident", legal_name="Alice Liddell", postal_address="Dover", now=NOON
    )
    drafts = []
    for standing in ("not_resident", "not_resident", "resident"):
        draft = filing.start_draft(by=writer, jurisdiction="DE", now=NOON)
        choices = {"requester_name": "Charlie Chan", "standing": standing}
        filing.save_draft(draft.pk, kit_id="K1", choices=choices, now=NOON)
        filing.choose_targets(draft.pk, [filing.Target(contact.agency_id, "email", contact.pk)], now=NOON)
        drafts.append(draft)
    sender = Sender("", "records@example.org")
    invited, to_choose = (filing.ask_for_signer(draft.pk, sender=sender, by=writer, now=NOON) for draft in drafts[:2])
    filing.invite_signer(invited.pk, offer.pk, by=coordinator, now=NOON)
    Signing.objects.filter(pk=invited.pk).update(expires_at=NOON.replace(year=2099))
    approval = filing.ask_for_approval(drafts[2].pk, sender=sender, by=writer, now=NOON)
    return {"offer": offer, "invited": invited, "to_choose": to_choose, "approval": approval}


def _handed_in(records_request: RecordsRequest, by: Person) -> dict[str, Any]:
    """A link for the agency, and one file that came over it."""
    link, code = handed_in.give_link(records_request, to="Pat Doe", bounds=handed_in.Bounds(), by=by, now=NOON)
    row = HandIn.objects.create(link=link, at=NOON, by_whom="Pat Doe", told_at=NOON + timedelta(days=1))
    row.files.create(ordinal=1, name="totals.csv", sha256="a" * 64, size=9, state="kept")
    return {"hand_in": row, "link_code": codes.shown(code)}


@pytest.fixture
def house(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> House:
    settings.STORE_DIR = tmp_path
    settings.DERIVED_DIR = tmp_path / "derived"
    # Whether the letter is a fine PDF is the kits room's concern; here only who gets it is.
    monkeypatch.setattr(rendering, "to_pdf", lambda html, **_more: b"%PDF of " + html[:20].encode())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = {
        "roleless": PersonFactory(handle="nemo", roles=[]),
        "filer": PersonFactory(handle="alice", home_state="MD"),
        "assignee": PersonFactory(handle="amir"),
        "stranger": PersonFactory(handle="charlie"),
        "coordinator": PersonFactory(handle="bob", roles=["coordinator"]),
        "reviewer": PersonFactory(handle="rita", roles=["reviewer"]),
        "administrator": PersonFactory(handle="ada", roles=["administrator"]),
        "closed": PersonFactory(handle="gone", roles=["volunteer", "coordinator", "reviewer", "administrator"]),
    }
    Person.objects.update(password=make_password("a long harbor password"))
    for person in cast.values():
        person.refresh_from_db()
    alice, bob, rita = cast["filer"], cast["coordinator"], cast["reviewer"]
    contact = ContactPointFactory(agency=AgencyFactory(code="md-examples"))
    draft = filing.start_draft(by=alice, jurisdiction="MD", now=NOON)
    choices = {"requester_name": "Alice Liddell", "postal_address": alice.postal_address, "standing": "resident"}
    filing.save_draft(draft.pk, kit_id="K1", choices=choices, now=NOON)
    filing.choose_targets(draft.pk, [filing.Target(contact.agency_id, "email", contact.pk)], now=NOON)
    draft.refresh_from_db()
    asked_to_sign = signed_elsewhere(cast["stranger"], alice, bob)
    letter = letters.dump(a_letter())
    own_kits.write_kit(msgspec.to_builtins(get_kit("K1")), by=bob, now=NOON)
    wording = editing.dump(editing.begin(a_letter()))
    version = draft.targets.get().versions.create(edits=wording, how="saved", made_by=alice, made_at=NOON)
    # References of another year: the act of filing gives out this year's.
    asked: dict[str, Any] = {"filer": alice, "assignee": cast["assignee"], "letter": letter}
    asked |= {"agency": contact.agency, "contact_point": contact}
    records_request = RecordsRequestFactory(**asked, reference="MD-2025-0001", with_deadline=True)
    authorise(records_request, by=cast["stranger"])
    recorded = correspondence.record_reply(
        records_request,
        "acknowledged",
        happened_on=NOON.date(),
        files=[correspondence.IncomingFile("answer.txt", [b"We have your letter.\n"])],
        by=alice,
        now=NOON,
    )
    columns = b"code,state,name\n,MD,Office of Imports\n"
    listed = b"state,office,name\nMD,governor,Robin\n"
    official = make_official()
    outline = filing.Outline("Two states", "", ("K1", "K2"), ("MD",), ("nlets_control_point",), {})
    campaign = filing.make_campaign(outline, by=bob, now=NOON)
    mine, other = campaign.targets.order_by("kit_id")
    filing.assign_targets(campaign.pk, {mine.pk: alice}, now=NOON)
    filing.except_targets(campaign.pk, [mine.pk], choices={}, ask_again=True, now=NOON)
    filing.open_target(mine.pk, by=alice, now=NOON)
    filing.skip_targets(campaign.pk, [other.pk], why="An example.", now=NOON)
    mine.refresh_from_db()
    run = FilingRun.objects.create(campaign=campaign, started_by=bob, started_at=NOON, worked_at=NOON, state="stopped")
    feed, feed_secret = feeds.make_feed(feeds.About(person=alice), by=alice, now=NOON)
    begun = _begun(records_request, alice)
    message = a_message(on=[records_request], state="filed", files=("answer.pdf",), html="<p>We have it.</p>")
    rule, _is_new = blocking.start_rule(kind="domain", value="pens.example", why="Pens", by=bob, now=NOON)
    a_message(state="set_aside", rule=rule)
    Sheet.objects.create(blob=recorded.kept[0].blob, number=1, rows=1, columns=1, is_read=True)
    found = House(
        people=cast,
        feed=feed,
        feed_secret=feed_secret,
        **_handed_in(records_request, bob),
        draft=draft,
        version=version,
        clause=own_kits.write_clause(title="Who we are", text="A group.", by=bob, now=NOON),
        target=mine,
        skipped=other,
        run=run,
        records_request=records_request,
        unsent=RecordsRequestFactory(**asked, reference="MD-2025-0002"),
        contact=contact,
        document=recorded.kept[0],
        read=a_document(records_request, [["Totals by month"], ["Second page"]]),
        saved=search.save_search(rita, "nlets", now=NOON),
        next_letter=begun,
        letter=OutgoingLetter.objects.create(
            request=records_request,
            next_letter=begun,
            to_address="records@agency.example",
            subject="x",
            raw="x",
            message_id="<1@x>",
            queued_by=alice,
            queued_at=NOON,
            send_after=NOON,
            state="failed",
            failure="550 5.1.1 no such user",
        ),
        absence=absences.go_away(
            alice.pk, starts_on=NOON.date(), ends_on=NOON.date(), delegate_id=None, by=alice, now=NOON
        ),
        view=desk_services.save_view(name="Mine", query="person=me", shared=False, by=bob, now=NOON),
        collection=shelves.make("Examples", "", by=rita, now=NOON),
        hold=Hold.objects.create(document=recorded.kept[0], why="A lawsuit.", placed_by=bob, placed_at=NOON),
        note=review.write_note(recorded.kept[0], page=1, text="A receipt.", by=rita, now=NOON),
        notice=people.queue_notice(
            recipient=alice, key="k", subject="s", text="t", why="w", path="/home/", send_after=NOON, now=NOON
        ),
        mute=reminders.mute(
            records_request.pk, until=NOON.date() + timedelta(days=9), why="w", ours_too=True, by=alice, now=NOON
        ),
        kept_import=agencies.preview_import(raw=columns, file_name="a.csv", by=bob, now=NOON),
        official=official,
        exchange=make_exchange(official, alice),
        line=make_line(),
        officials_import=officials.preview_officials(raw=listed, file_name="o.csv", by=bob, now=NOON),
        invitation=people.invite(email="new@people.example", roles=["volunteer"], by=bob, now=NOON),
        way_in=people.make_way_in(cast["stranger"].pk, now=NOON),
        new_address=people.ask_new_address(alice.pk, "alice@elsewhere.example", now=NOON),
        report=MonthlyReport.objects.create(
            campaign=mine.campaign, month=NOON.date().replace(day=1), made_at=NOON, pdf=b"%PDF"
        ),
        recalculation=_moved_a_date_of(records_request),
        **_on_paper(records_request, by=alice),
        **_came_on_paper(records_request, by=alice),
        message=message,
        rule=rule,
        bulk=BulkAct.objects.create(act="bring-back", by=bob, at=NOON, rows=[]),
        proposal=proposals.propose(
            contact.agency_id, channel="email", value="new@agency.example", message_number=message.pk, by=bob, now=NOON
        ),
        correction=RetypedToken.objects.create(
            local_part="records+md-2026-007", request=records_request, by=bob, at=NOON
        ),
        **asked_to_sign,
    )
    a_meaning(found.message)
    a_link(found.message)
    SignInLink.objects.update(expires_at=NOON.replace(year=2099))
    AgencyLink.objects.update(expires_at=NOON.replace(year=2099))
    Person.objects.filter(handle="gone").update(is_active=False)
    return found


@pytest.fixture
def answers_to(house: House) -> Callable[..., dict[str, int]]:
    """Ask an address as everybody; whatever that does is undone before the next one asks."""
    clients = {who: Client() for who in WHO}
    for who, person in house.people.items():
        clients[who].force_login(person)

    def ask(where: str, method: str = "get", whom: tuple[str, ...] = WHO) -> dict[str, int]:
        found = {}
        for who in whom:
            with transaction.atomic():
                response = getattr(clients[who], method)(where)
                b"".join(response.streaming_content) if response.streaming else None
                transaction.set_rollback(True)
            found[who] = response.status_code
        return found

    return ask


def test_the_table_names_every_address() -> None:
    everything = {name for name in addresses() if not name.startswith("admin:")}
    assert everything == set(table(PAGES)) | set(table(ACTS))
    assert not set(table(PAGES)) & set(table(ACTS))


def differing(found: dict[str, dict[str, int]], expected: dict[str, dict[str, int]]) -> list[str]:
    """Return one line for each name and person with another answer than expected."""
    return [
        f"{name}: {who} gets {found[name][who]}, not {row[who]}"
        for name, row in expected.items()
        for who in found[name]
        if found[name][who] != row[who]
    ]


def test_every_page_for_everybody(house: House, answers_to: Callable[..., dict[str, int]]) -> None:
    rows = table(PAGES)
    found = {name: answers_to(house.address(name)) for name in rows}
    wrong = differing(found, rows)
    assert not wrong, "\n".join(wrong)


def test_who_may_not_see_a_page_cannot_post_to_it(house: House, answers_to: Callable[..., dict[str, int]]) -> None:
    posted = {}
    for name, row in table(PAGES).items():
        if name.startswith(("account_", "mfa_")):
            continue  # allauth's own answers
        refused = tuple(who for who, answer in row.items() if answer in (403, 404) or (who in NOBODY and answer == 302))
        found = answers_to(house.address(name), "post", refused)
        posted[name] = {who: row[who] if answer == 405 else answer for who, answer in found.items()}
    assert sum(map(len, posted.values())) > 250
    assert differing({name: posted.get(name, {}) for name in table(PAGES)}, table(PAGES)) == []


def test_every_act_for_everybody(house: House, answers_to: Callable[..., dict[str, int]]) -> None:
    rows = table(ACTS)
    found = {name: answers_to(house.address(name), "post") for name in rows}
    wrong = differing(found, rows)
    assert not wrong, "\n".join(wrong)
    looked = {name: answers_to(house.address(name), "get", ("filer", "administrator")) for name in rows}
    assert looked == {name: {"filer": 405, "administrator": 405} for name in rows}


def test_strangers_are_sent_to_sign_in_and_back(house: House, client: Client) -> None:
    where = house.address("tracking:request")
    response = client.get(where)
    assert response.url == f"{reverse('account_login')}?next={where}"


def test_admin_is_a_reading_room(house: House, answers_to: Callable[..., dict[str, int]]) -> None:
    ada = house.people["administrator"]
    for name in {name.partition(":")[2] for name in addresses() if name.startswith("admin:")}:
        subject = name.rpartition("_")[2]
        if name in ADMIN_PAGES:
            expected, arguments = 200, [["people"]] if name == "app_list" else [[]]
        elif name in ADMIN_SENT_ON:
            expected, arguments = 302, [[]]
        elif name in ADMIN_BY_POST:
            expected, arguments = 405, [[]]
        elif name in ADMIN_NOTHING_THERE:
            expected, arguments = ADMIN_NOTHING_THERE[name], [[]] if name == "autocomplete" else [[1, 1]]
        elif subject == "changelist":
            expected, arguments = 200, [[]]
        elif subject == "add":
            expected, arguments = 403, [[]]
        elif subject == "delete":
            expected, arguments = 403, [[ada.pk]]
        else:
            assert subject in {"change", "history"}, f"{name} is new in the admin: say who may open it"
            is_person = "people_person" in name
            expected, arguments = (200, [[ada.pk]]) if is_person else (302, [[NOT_THERE]])
        where = reverse(f"admin:{name}", args=arguments[0])
        found = answers_to(where)
        everybody_else = {who: answer for who, answer in found.items() if who != "administrator"}
        assert set(everybody_else.values()) <= ({200, 302} if name == "jsi18n" else {302, 403, 405}), (name, found)
        assert found["administrator"] == expected, (name, found)
        if subject in {"add", "change", "delete"} and name not in ADMIN_PAGES:
            posted = answers_to(where, "post")
            assert posted.pop("administrator") in ({403} if "people_person" in name or subject == "add" else {302, 403})
            assert set(posted.values()) == {302}, name
