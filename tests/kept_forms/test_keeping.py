"""What was typed into a form is kept sealed for ten minutes, for one page and one browser."""

from datetime import timedelta

import pytest
from support.city import NOON

from madoguchi.common import clock
from madoguchi.kept_forms.models import KeptForm
from madoguchi.kept_forms.selectors import kept_form
from madoguchi.kept_forms.services import keep_form, purge_forms
from madoguchi.sealing.models import PersonKey

pytestmark = pytest.mark.django_db
TYPED = {"typed": {"name": ["福岡　花子"]}}


@pytest.fixture(autouse=True)
def now():
    with clock.travel(NOON):
        yield


def test_a_token_opens_what_was_typed_on_its_page_and_nothing_elsewhere():
    token = keep_form(address="/lookup/", typed=TYPED)
    assert kept_form(address="/lookup/", token=token) == TYPED
    assert kept_form(address="/reserve/", token=token) == {}
    assert kept_form(address="/lookup/", token="another") == {}
    assert "福岡".encode() not in bytes(KeptForm.objects.get().typed)


def test_after_ten_minutes_it_opens_nothing_and_goes_with_its_key():
    token = keep_form(address="/lookup/", typed=TYPED)
    with clock.travel(NOON + timedelta(minutes=9)):
        keep_form(address="/lookup/", typed=TYPED)
        assert purge_forms(now=clock.now()) == 0
    with clock.travel(NOON + timedelta(minutes=10)):
        assert kept_form(address="/lookup/", token=token) == {}
        assert purge_forms(now=clock.now()) == 1
    assert KeptForm.objects.count() == PersonKey.objects.count() == 1


def test_what_can_no_longer_be_read_is_nothing():
    token = keep_form(address="/lookup/", typed=TYPED)
    KeptForm.objects.update(typed=b"damaged")
    assert kept_form(address="/lookup/", token=token) == {}
