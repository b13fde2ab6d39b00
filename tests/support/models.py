"""Every model of ours, for tests that ask something of each."""

from django.apps import apps
from django.conf import settings

MODELS = [
    model
    for config in apps.get_app_configs()
    if config.name in settings.FIRST_PARTY_APPS
    for model in config.get_models()
]
