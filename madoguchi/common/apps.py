from django.apps import AppConfig
from django.utils import translation

from madoguchi.common import languages


class CommonConfig(AppConfig):
    """The package on which every other package depends; it has no models."""

    name = "madoguchi.common"
    label = "common"

    def ready(self) -> None:
        """Connect the plain modules to the active language."""
        languages.ask(_look_up, lambda: translation.get_language() or languages.MAIN)


def _look_up(context: str, sentence: str) -> str:
    return translation.pgettext(context, sentence) if context else translation.gettext(sentence)
