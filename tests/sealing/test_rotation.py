"""The keys of the ring change while people book, and one that is gone is missed before anything starts."""

import json
import os
import stat
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from support.people import HANAKO
from support.secretariat import book, member

from madoguchi.accounts.factors import open_factor, seal_factor
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.common import clock
from madoguchi.config.env import secret
from madoguchi.reservations.search import Search, search
from madoguchi.reservations.selectors import reservation
from madoguchi.sealing import rotation
from madoguchi.sealing.models import PersonKey, RingKey
from madoguchi.sealing.services import destroy_keys, key_ring, make_key_ring, new_key
from madoguchi.workflows.operations import keys
from madoguchi.workflows.operations.status import gauges, system_status

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def ring(settings):
    """Put another ring into the settings, as a restart would, and the one before back at the end."""
    before = settings.KEY_RING

    def put(text):
        settings.KEY_RING = text
        key_ring.cache_clear()

    yield put
    put(before)


def printed(*words):
    """Return the ring that the command prints."""
    out = StringIO()
    call_command("rotate_key", *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def rotated(ring):
    """Take a second key into use, with the first still in the ring."""
    keys.reseal()
    ring(printed("add"))
    keys.reseal()
    with clock.travel(clock.now() + timedelta(minutes=5)):
        ring(printed("use", "k2"))
        keys.reseal()


def faults():
    return [each.msg for each in run_checks() if each.id == "madoguchi.E008"]


def test_everything_is_sealed_anew_and_people_are_found_and_read_as_before(ring):
    made = book()
    app = Authenticator.objects.create(user=member(), type="totp", data={"secret": seal_factor("JBSWY3DP")})
    rotated(ring)
    assert set(PersonKey.objects.values_list("ring_key", flat=True)) == {"k2"}
    app.refresh_from_db()
    assert app.data["secret"].startswith("k2:")
    ring(json.dumps({**json.loads(printed("use", "k2")), "keys": without("k1")}))
    assert reservation(made.id, scope=EVERYWHERE).person == HANAKO
    assert search(Search(text="福岡"), scope=EVERYWHERE).total == 1
    assert open_factor(app.data["secret"]) == "JBSWY3DP"


def without(name):
    ring = json.loads(printed("use", "k2"))["keys"]
    return {each: key for each, key in ring.items() if each != name}


def test_a_run_that_was_killed_goes_on_and_progress_is_counted(ring, monkeypatch):
    for _ in range(3):
        new_key().save()
    keys.reseal()
    ring(printed("add"))
    with clock.travel(clock.now() + timedelta(minutes=5)):
        ring(printed("use", "k2"))
        monkeypatch.setattr(rotation, "BATCH", 2)
        rotation.note_ring()
        assert rotation.rewrap_some() == 2
        found = keys.rotation()
        assert (found.current, found.left, found.total) == ("k2", 1, 3)
        keys.reseal()
        assert keys.rotation().left == 0


def test_a_process_that_was_not_restarted_yet_does_not_undo_it(ring, settings):
    book()
    keys.reseal()
    ring(printed("add"))
    old = settings.KEY_RING
    with clock.travel(clock.now() + timedelta(minutes=5)):
        ring(printed("use", "k2"))
        keys.reseal()
        ring(old)
        keys.reseal()
    assert set(PersonKey.objects.values_list("ring_key", flat=True)) == {"k2"}


def test_an_erased_person_stays_erased(ring):
    gone = new_key()
    gone.save()
    destroy_keys(key_ids=[gone.pk])
    rotated(ring)
    gone.refresh_from_db()
    assert gone.wrapped is None


def test_a_key_leaves_the_ring_only_when_nothing_and_no_backup_needs_it(ring, settings):
    book()
    rotated(ring)
    with pytest.raises(CommandError, match="いま使っている鍵"):
        printed("drop", "k2")
    with pytest.raises(CommandError, match="まで要ります"):
        printed("drop", "k1")
    later = clock.now() + timedelta(days=settings.BACKUP_KEEP_KEY_DAYS, minutes=6)
    with clock.travel(later):
        assert keys.rotation().former == ("k1",)
        late = PersonKey.objects.get()
        PersonKey.objects.filter(pk=late.pk).update(ring_key="k1")
        with pytest.raises(CommandError, match="1件"):
            printed("drop", "k1")
        PersonKey.objects.filter(pk=late.pk).update(ring_key="k2")
        ring(printed("drop", "k1"))
        assert set(key_ring().wrapping) == {"k2"}
        assert faults() == []


def test_a_key_that_is_missing_is_named_before_anything_starts(ring):
    book()
    assert faults() == []
    rotated(ring)
    kept = json.loads(printed("use", "k2"))
    ring(json.dumps({"current": "k1", "keys": {name: kept["keys"][name] for name in ("k1", "index")}}))
    assert faults() == ["The key ring does not hold key 'k2', which this database needs."]


def test_another_key_of_the_same_name_is_told_from_the_right_one(ring):
    book()
    keys.reseal()
    ring(make_key_ring())
    assert faults() == [
        "Key 'index' of the key ring is not the one that sealed this database.",
        "Key 'k1' of the key ring is not the one that sealed this database.",
    ]


def test_a_ring_cut_short_is_told_with_what_to_do(ring, settings):
    ring(settings.KEY_RING[:-20])
    [fault] = faults()
    assert "damaged" in fault
    assert "docs/how-to/change-keys.md" in fault


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY_RING_FILE", str(tmp_path / "gone.json"))
    with pytest.raises(Exception, match=r"gone\.json cannot be read"):
        secret("KEY_RING")


def test_a_file_open_to_everybody_is_refused_on_a_real_system(tmp_path, monkeypatch, settings):
    path = tmp_path / "ring.json"
    path.write_text("{}")
    os.chmod(path, stat.S_IRUSR | stat.S_IROTH)  # noqa: PTH101 - as a slip of the shell would
    monkeypatch.setenv("KEY_RING_FILE", str(path))
    assert "madoguchi.E009" not in {each.id for each in run_checks()}
    settings.TRAINING = False
    assert "madoguchi.E009" in {each.id for each in run_checks()}


def test_a_new_key_that_is_not_in_use_yet_may_go_again(ring, settings):
    before = settings.KEY_RING
    keys.reseal()
    ring(printed("add"))
    keys.reseal()
    ring(before)
    assert RingKey.objects.filter(name="k2").exists()
    assert faults() == []


def test_progress_stands_on_the_status_page_and_a_change_that_does_not_end_is_an_alarm(ring, client):
    client.force_login(member())
    book()
    keys.reseal()
    assert "鍵 k1（" in page(client)
    ring(printed("add"))
    with clock.travel(clock.now() + timedelta(minutes=5)):
        ring(printed("use", "k2"))
        rotation.note_ring()
        assert "封じ直し 残り1件" in page(client)
        assert late() == set()
    with clock.travel(clock.now() + timedelta(minutes=70)):
        assert late() == {"madoguchi_resealing_seconds"}


def page(client):
    return client.get("/secretariat/status/").content.decode()


def late():
    names = {gauge.name for gauge in gauges(system_status()) if gauge.is_alarm}
    return names & {"madoguchi_resealing_seconds", "madoguchi_erasure_seconds"}
