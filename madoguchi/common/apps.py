from django.apps import AppConfig
from django.utils import translation

from madoguchi.common import languages


class CommonConfig(AppConfig):
    """Package of what every other package stands on; it has no models."""

    name = "madoguchi.common"
    label = "common"

    def ready(self) -> None:
        """Let the plain modules speak the language that is active."""
        languages.ask(_look_up, lambda: translation.get_language() or languages.MAIN)


def _look_up(context: str, sentence: str) -> str:
    return translation.pgettext(context, sentence) if context else translation.gettext(sentence)
