"""The Django project: settings, addresses, the Celery application, health."""

from foia.celery import app as celery_app

__all__ = ["celery_app"]
