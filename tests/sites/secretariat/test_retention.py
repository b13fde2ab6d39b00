"""保存期間と消去 on screen: what is due, the instruction with the number of people typed, the certificate."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from support.city import NOON
from support.people import HANAKO, TARO
from support.secretariat import book, member
from support.staff_pages import page

from madoguchi.accounts.kinds import Role
from madoguchi.common import clock
from madoguchi.reservations.models import Reservation
from madoguchi.retention.models import ErasureOrder
from madoguchi.workflows import tasks
from madoguchi.workflows.operations.status import gauges, system_status

pytestmark = pytest.mark.usefixtures("city")
PAGE = "/secretariat/retention/"
ORDER = "/secretariat/personal/erasures/add/?until=R8.12.15"
LETTER = {
    "reason": "CONTRACT_END",
    "document_number": "市戸第123号",
    "document_on": "R8.12.21",
    "instructed_by": "市民局 戸籍住民課",
    "people": "2",
}


@pytest.fixture
def later(city):
    """Two visits of a month ago."""
    made = [book(HANAKO), book(TARO, hour=11)]
    with clock.travel(NOON + timedelta(days=30)):
        yield made


@pytest.fixture
def privacy(client, later):
    client.force_login(member(Role.PRIVACY))
    return client


def work():
    """Do what the worker would, with the erasures that were queued."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%erase'")
        for (args,) in cursor.fetchall():
            tasks.erase.func(**json.loads(args))


def test_the_number_is_shown_typed_and_then_a_job_erases_and_certifies(privacy):
    assert "指示はまだありません" in page(privacy.get(PAGE))
    shown = page(privacy.get(ORDER))
    assert "2人" in shown
    assert "福岡" not in shown.replace("福岡市", "")
    assert privacy.post(ORDER, LETTER).url == PAGE
    html = page(privacy.get(PAGE))
    assert "消去中 0／2人" in html
    assert 'http-equiv="refresh"' in html
    work()
    html = page(privacy.get(PAGE))
    assert "消去済" in html
    assert "消証第1号" in html
    assert 'http-equiv="refresh"' not in html
    answer = privacy.get(f"{PAGE}{ErasureOrder.objects.get().pk}/certificate/")
    assert answer.content.startswith(b"%PDF")
    assert Reservation.objects.filter(erased_at=None).count() == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"people": "3"}, "人数が、消去される人数と合いません"),
        ({"document_on": "R9.1.5"}, "今日までの日"),
        ({"document_number": "123456789012"}, "12桁"),
        ({"reason": "PERSON"}, "表示されている中から選んでください"),
    ],
)
def test_a_slip_is_told_beside_the_field_and_erases_nobody(privacy, changed, sentence):
    answer = privacy.post(ORDER, LETTER | changed)
    assert sentence in page(answer)
    assert not ErasureOrder.objects.exists()


def test_the_secretariats_role_alone_sees_the_retention_periods_and_orders_nothing(client, later):
    client.force_login(member())
    html = page(client.get(PAGE))
    assert "来局日の翌年度の4月1日" in html
    assert "消去の指示を登録する" not in html
    assert client.post(ORDER, LETTER).status_code == 403


def test_the_one_responsible_arrives_at_the_clocks(client, city):
    client.force_login(member(Role.PRIVACY))
    assert client.get("/staff/").url == PAGE


def test_the_city_finds_the_clocks_from_its_own_pages(client, city):
    client.force_login(member(Role.CITY))
    assert PAGE in page(client.get("/city/"))
    assert "消去の指示を登録する" not in page(client.get(PAGE))


def test_the_page_asks_the_database_as_often_for_many_as_for_one(privacy, django_assert_max_num_queries):
    privacy.get(PAGE)
    with django_assert_max_num_queries(16):
        privacy.get(PAGE)


def test_an_erasure_that_does_not_end_is_an_alarm(privacy):
    def age():
        return next(gauge for gauge in gauges(system_status()) if gauge.name == "madoguchi_erasure_seconds")

    assert age().value == 0
    privacy.post(ORDER, LETTER)
    with clock.travel(clock.now() + timedelta(hours=2)):
        assert age().is_alarm
        work()
        assert age().value == 0
