"""Addresses: the town of a postal code before what was typed, and whether they lie in the city."""

import pytest

from madoguchi.contract.addresses import seems_outside, with_town
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.services import put_rows

pytestmark = pytest.mark.usefixtures("city")
FIRST, SECOND = (
    PostalAreaRow(postal_code=code, ward=ward, town=town, branch=None, latitude=None, longitude=None)
    for code, ward, town in (("9990002", "992038", "見本町"), ("9990003", "992021", "浜町"))
)


@pytest.fixture(autouse=True)
def _areas(city):
    put_rows(kind=PostalAreaRow, rows=[FIRST, SECOND])


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", "星見市西区見本町"),
        ("1-1-1", "星見市西区見本町1-1-1"),
        ("本町1-1-1", "星見市西区見本町1-1-1"),
        ("見本町1-1-1", "星見市西区見本町1-1-1"),
        ("　西区見本町1-1-1", "星見市西区見本町1-1-1"),
        ("星見市西区見本町1-1-1", "星見市西区見本町1-1-1"),
        ("見本県星見市西区見本町1-1-1", "見本県星見市西区見本町1-1-1"),
        ("星見市東区浜町1-1-1", "星見市東区浜町1-1-1"),
        ("別の市1-1-1", "星見市西区見本町別の市1-1-1"),
    ],
)
def test_what_was_typed_is_in_the_address(typed, address):
    assert with_town(typed, FIRST) == address


def test_the_town_of_another_postal_code_is_replaced_when_the_code_is_corrected():
    filled = with_town("", SECOND)
    assert filled == "星見市東区浜町"
    assert with_town(filled, FIRST) == "星見市西区見本町"


@pytest.mark.parametrize(
    ("postal_code", "address", "outside"),
    [
        ("9990002", "見本町1-1", False),
        ("9998501", "星見市西区見本町1-1", False),  # a large addressee inside the city
        ("9998501", "見本町1-1", True),
        ("1000001", "星見市西区見本町1-1", True),
        ("1000001", "東京都千代田区千代田1-1", True),
    ],
)
def test_neither_the_name_of_the_city_nor_its_region_alone_places_an_unknown_code_in_it(
    postal_code, address, outside
):
    assert seems_outside(postal_code=postal_code, address=address) == outside
