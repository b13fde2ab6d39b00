"""docs/data-map.md shows every table as it is."""

from support.models import MODELS
from support.programs import load

program = load("data_map")


def test_the_data_map_is_what_the_models_say():
    assert program.DOCUMENT.read_text(encoding="utf-8") == program.data_map(), (
        "make map, and look at what changed"
    )


def test_the_data_map_has_a_row_and_a_place_in_the_picture_for_each_table():
    text = program.data_map()
    assert all(f"| `{model._meta.db_table}` | " in text for model in MODELS)
    assert all(f"\n    {model.__name__}\n" in text for model in MODELS)


def test_every_table_says_what_it_holds():
    assert [
        model._meta.label for model in MODELS if not (model.__doc__ or "").partition("\n")[0].endswith(".")
    ] == []
