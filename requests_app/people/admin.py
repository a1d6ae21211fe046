"""Django's admin as a reading room: an administrator may look, and changes things on our own pages.

Its own sign-in form knows no second factor, so it gives way to ours.
"""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin

from requests_app.people.models import AuditEntry, Notice, Person

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Daylight"
admin.site.unregister([Authenticator, EmailAddress])  # secrets of second factors are nobody's to read


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People by handle. Legal names and addresses are nobody's to read here."""

    list_display = ("handle", "email", "home_state", "is_active", "joined_at")
    list_filter = ("is_active",)
    search_fields = ("handle", "email")
    fields = ("handle", "email", "home_state", "time_zone", "is_active", "joined_at", "last_login")


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Which notices left, and which did not and why."""

    list_display = ("key", "recipient", "state", "send_after", "sent_at", "attempts", "failure")
    list_filter = ("state",)
    list_select_related = ("recipient",)
    search_fields = ("key",)
    exclude = ("text",)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who did what to whom."""

    list_display = ("at", "actor", "action", "subject", "facts")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("subject",)
