"""Every table: keys point down, every column says what it reveals, and free text refuses long numbers."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from support.models import MODELS

ORDER = [apps.get_app_config(name.rsplit(".", 1)[1]).label if "sites" not in name else None
         for name in settings.FIRST_PARTY_APPS]  # fmt: skip
ORDER = [label for label in ORDER if label]
NUMBERS = {"my_number", "individual_number", "pin", "password_hint", "licence_number"}
# Text that only our own code writes: codes, names of people who act, instants as text, hashes.
WRITTEN_BY_US = {
    "actor", "action", "target", "occasion", "scope", "reference", "ring_key", "message_id", "error",
    "start_code_hash", "table", "column", "password", "secret_hash", "pin_hash", "key", "username",
}  # fmt: skip
# Public facts and texts from the files of a program pack, which the city approves; never from a form.
FROM_THE_PACK = {
    "Program", "Wave", "Ward", "BranchOffice", "PostalArea", "BusinessCalendar", "CalendarDay", "Procedure",
    "Belonging", "GuidanceText", "LoadedPack", "Office",
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_keys_point_down_the_house(model):
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        target = field.related_model and field.related_model._meta.app_label
        if target in ORDER:
            assert ORDER.index(target) <= ORDER.index(model._meta.app_label), field


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_column_says_what_it_reveals(model):
    assert model.privacy.columns() == sorted(field.name for field in model._meta.concrete_fields)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_my_number_and_a_pin_have_no_column(model):
    assert not {field.name for field in model._meta.concrete_fields} & NUMBERS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_sealed_columns_are_bytes(model):
    for name in model.privacy.sealed:
        assert isinstance(model._meta.get_field(name), models.BinaryField), name


def free_text():
    """Yield the plain columns into which a person's words can get."""
    for model in MODELS:
        if model.__name__ in FROM_THE_PACK | {"CheckRun"}:
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(
                field, models.EmailField
            )
            is_code = field.choices or (getattr(field, "max_length", 0) and field.max_length <= 16)
            by_us = field.name in WRITTEN_BY_US or field.name.endswith(("_by", "_code"))
            if is_text and not is_code and not by_us and field.name in model.privacy.plain:
                yield pytest.param(model, field, id=f"{model._meta.label}.{field.name}")


@pytest.mark.parametrize(("model", "field"), list(free_text()))
def test_plain_words_refuse_twelve_digits_in_a_row(model, field):
    guarded = " ".join(str(constraint.deconstruct()) for constraint in model._meta.constraints)
    assert f"{field.name}__regex" in guarded or f"'{field.name}'" in guarded, (
        "add no_long_digits(...) from common.guards"
    )


def test_every_change_of_a_model_has_its_migration(db):
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
