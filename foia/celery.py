"""The Celery application. The database is the truth; tasks are only triggers (design, section 2)."""

import os

from celery import Celery

from foia import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foia.settings")

broker.register()
app = Celery("daylight", task_cls="foia.clock:TimedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
