"""The project as an app: it holds the checks that run at start."""

from django.apps import AppConfig


class FoiaConfig(AppConfig):
    """Registers the start-up checks."""

    name = "foia"
    verbose_name = "Daylight"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from foia import checks  # noqa: F401  Django finds checks by import
