"""Where and when first: offices near a place, those with many free seats, and what to do when all is full."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from support.journeys import PROCEDURES, expiry, text_of

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.common.cache import clear_caches
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.services import put_rows
from madoguchi.offices.services import put_office
from madoguchi.reservations.models import Seat

pytestmark = pytest.mark.usefixtures("city")


def fill(office, *days):
    """Leave no free seat at an office on some days of December, or on any."""
    seats = Seat.objects.filter(slot__office=office)
    if days:
        seats = seats.filter(slot__starts_at__date__in=[f"2026-12-{day:02d}" for day in days])
    seats.update(web_from=clock.now() + timedelta(days=365))
    clear_caches()


@pytest.fixture
def near_the_first(client):
    """Somebody who lives beside HM01, 1.1 km as the crow flies from HM02."""
    put_rows(
        kind=PostalAreaRow,
        rows=[
            PostalAreaRow(
                postal_code="9990001",
                town="見本町",
                ward="992021",
                branch=None,
                latitude=33.5,
                longitude=130.4,
            )
        ],
    )
    client.post("/reserve/", PROCEDURES)
    client.post("/reserve/office/", {"postal_code": "999-0001"})
    return client


def names(client, query):
    return [
        office.code for office in client.get(f"/reserve/office/?by=postal{query}").context["search"].offices
    ]


def test_around_a_place_the_nearest_stands_first_or_the_earliest(near_the_first):
    assert names(near_the_first, "") == ["HM01", "HM02"]
    fill("HM01", 1, 2)
    assert names(near_the_first, "") == ["HM01", "HM02"]
    assert names(near_the_first, "&order=early") == ["HM02", "HM01"]


def test_on_the_same_day_the_nearer_office_stands_first_though_its_time_is_later(near_the_first):
    Seat.objects.filter(slot__office="HM01", slot__starts_at="2026-12-01T00:00Z").update(is_withdrawn=True)
    assert names(near_the_first, "&order=early") == ["HM01", "HM02"]


def test_the_way_is_told_by_road_and_no_better_than_it_is_known(near_the_first):
    page = text_of(near_the_first.get("/reserve/office/"))
    assert "道のり約1km" in page
    put_office(code="HM02", actor=SYSTEM, latitude=33.55, longitude=130.4)
    # 5.6 km as the crow flies.
    clear_caches()
    page = text_of(near_the_first.get("/reserve/office/"))
    assert "道のり約7km" in page
    assert "直線距離の1.3倍" in page


def test_an_office_most_of_whose_seats_are_free_is_marked(client):
    fill("HM01", *range(1, 10))
    client.post("/reserve/", PROCEDURES)
    offices = client.get("/reserve/office/?by=earliest").context["search"].offices
    assert {office.code: office.is_roomy for office in offices} == {"HM01": False, "HM02": True}


def test_where_none_of_the_nearest_has_many_free_seats_others_are_named(near_the_first, monkeypatch):
    monkeypatch.setattr("madoguchi.sites.citizen.reserve.views.office.OFFICES_A_PAGE", 1)
    assert not near_the_first.get("/reserve/office/").context["search"].roomy
    fill("HM01", *range(1, 10))
    page = near_the_first.get("/reserve/office/")
    assert [office.code for office in page.context["search"].roomy] == ["HM02"]
    assert 'href="/reserve/HM02/"' in text_of(page)


def test_when_all_is_full_before_the_expiry_every_way_on_is_told(client):
    fill("HM01", *range(1, 22))
    fill("HM02", *range(1, 22))
    client.post("/reserve/", PROCEDURES | expiry("2032-2-3", "2026-12-21"))
    for path in ("/reserve/office/", "/reserve/HM01/"):
        page = text_of(client.get(path))
        assert "12月21日（月）までの予約枠は、すべて埋まっています" in page
        assert 'href="/reserve/wait/"' in page
        assert 'href="/wards/"' in page
        assert "有効期限が過ぎても、電子証明書は無料で新しく発行できます" in page
        assert "procedure=CERT_ISSUE" in page
        # The next day that opens lies after the expiry.
        assert "次の予約枠は" not in page


def test_when_all_is_full_the_page_says_when_the_next_day_opens(client):
    fill("HM01")
    fill("HM02")
    client.post("/reserve/", {**PROCEDURES, "procedures": ["PIN_RESET"]})
    page = text_of(client.get("/reserve/office/"))
    assert "次の予約枠は、11月26日（木）午前9時から受け付けます" in page
    assert "新しく発行" not in page


def test_while_one_time_is_left_nothing_is_said_to_be_full_everywhere(client):
    fill("HM01")
    client.post("/reserve/", PROCEDURES)
    assert client.get("/reserve/office/").context["full"] is None
    assert client.get("/reserve/HM01/").context["times"].full is None


def test_the_list_asks_as_much_for_one_office_as_for_all(near_the_first):
    near_the_first.get("/reserve/office/")
    counts = []
    for office in (None, "HM02"):
        if office:
            fill(office)
        clear_caches()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            near_the_first.get("/reserve/office/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
