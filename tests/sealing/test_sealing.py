"""What is sealed opens only with its key, in its own cell, and never again once the key is destroyed."""

import json
import uuid

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.rotation import note_ring
from madoguchi.sealing.services import (
    KeyDestroyed,
    destroy_keys,
    index_hash,
    key_ring,
    make_key_ring,
    new_key,
    seal,
    tokens,
    unseal,
)

ROW = uuid.UUID(int=7)


def test_a_sealed_text_opens_in_its_own_cell_only():
    key = new_key()
    box = seal(key, "people", ROW, "name", "福岡　花子")
    assert unseal(key, "people", ROW, "name", box) == "福岡　花子"
    for table, row, column in (
        ("other", ROW, "name"),
        ("people", uuid.UUID(int=8), "name"),
        ("people", ROW, "kana"),
    ):
        with pytest.raises(ValueUnreadable):
            unseal(key, table, row, column, box)


def test_one_flipped_bit_is_noticed():
    key = new_key()
    box = bytearray(seal(key, "people", ROW, "name", "福岡　花子"))
    box[-1] ^= 1
    with pytest.raises(ValueUnreadable):
        unseal(key, "people", ROW, "name", bytes(box))


def test_equal_texts_look_different_when_sealed_and_equal_when_hashed():
    key = new_key()
    assert seal(key, "people", ROW, "name", "同じ") != seal(key, "people", ROW, "name", "同じ")
    assert index_hash("name", "同じ") == index_hash("name", "同じ") != index_hash("phone", "同じ")
    assert tokens("name", ["福岡", "岡花"]) == tokens("name", ["岡花", "福岡"])


@pytest.mark.django_db
def test_a_destroyed_key_opens_nothing_ever_again(now):
    key = new_key()
    key.save()
    box = seal(key, "people", ROW, "name", "福岡　花子")
    destroy_keys(key_ids=[key.pk])
    with pytest.raises(KeyDestroyed):
        unseal(PersonKey.objects.get(pk=key.pk), "people", ROW, "name", box)


@pytest.mark.django_db
def test_the_database_refuses_a_key_that_is_destroyed_and_still_there(now):
    key = new_key()
    key.destroyed_at = now
    with pytest.raises(IntegrityError):
        key.save()


@pytest.mark.django_db
def test_a_key_of_another_ring_is_named_instead_of_read_wrongly(now, settings):
    note_ring()
    key = new_key()
    key.save()
    key_ring.cache_clear()
    settings.KEY_RING = make_key_ring()
    try:
        with pytest.raises(ImproperlyConfigured, match="k1"):
            unseal(PersonKey.objects.get(), "people", ROW, "name", seal(key, "people", ROW, "name", "花子"))
    finally:
        settings.KEY_RING = settings.KEY_RING
        key_ring.cache_clear()


@pytest.mark.parametrize(
    "wrong", ["", "{}", '{"current": "k2", "keys": {"k1": "AAAA", "index": "AAAA"}}', "[1]"]
)
def test_a_broken_key_ring_stops_the_start_with_a_hint(wrong, settings):
    settings.KEY_RING = wrong
    key_ring.cache_clear()
    try:
        with pytest.raises(ImproperlyConfigured, match="make_key_ring"):
            key_ring()
    finally:
        key_ring.cache_clear()


def test_a_fresh_key_ring_can_be_read(settings):
    settings.KEY_RING = make_key_ring()
    key_ring.cache_clear()
    try:
        assert set(json.loads(settings.KEY_RING)["keys"]) == {"k1", "index"}
        assert key_ring().current == "k1"
    finally:
        key_ring.cache_clear()
