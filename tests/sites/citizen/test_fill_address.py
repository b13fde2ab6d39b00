"""「住所を入れる」 puts the town of the postal code before what a resident typed."""

import pytest
from support.callcentre import put_texts
from support.journeys import DETAILS, to_details
from support.tabs import Browser

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", "星見市西区見本町"),
        ("見本町1-1-1", "星見市西区見本町1-1-1"),
        ("別の町2", "星見市西区見本町別の町2"),
    ],
)
def test_what_was_typed_stays_after_the_town(typed, address):
    put_texts()  # with a postal code
    client = Browser()
    to_details(client)
    sent = {**DETAILS, "person": 1, "postal_code": "999-0002", "address": typed, "fill": "1"}
    form = client.post("/reserve/details/", sent).context["form"]
    assert (form["address"].value(), form["address_rest"].value()) == (address, DETAILS["address_rest"])
