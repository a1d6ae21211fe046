"""Django's admin as a reading room. Agencies are changed on their own pages, with history."""

from __future__ import annotations

from django.contrib import admin

from requests_app.agencies.models import Agency, AgencyChange, StateNote


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Agencies by code."""

    list_display = ("code", "jurisdiction", "name", "is_active", "from_seed")
    list_filter = ("jurisdiction", "is_active", "from_seed")
    search_fields = ("code", "name", "short_name")


@admin.register(AgencyChange)
class AgencyChangeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Every change of an agency."""

    list_display = ("at", "agency", "what", "by", "why")
    list_filter = ("what",)
    list_select_related = ("agency", "by")


@admin.register(StateNote)
class StateNoteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is reported of each state's Nlets door."""

    list_display = ("jurisdiction", "ice_dmv_access", "known_status")
    search_fields = ("jurisdiction",)
