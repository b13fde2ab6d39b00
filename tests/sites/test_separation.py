"""The contractor never becomes the city: who may act on whose account, for every pair of roles and act."""

import itertools
import re

import pytest
from django.db import IntegrityError
from django.test import Client
from support.secretariat import member

from madoguchi.accounts import lockouts, selectors, services, tablets
from madoguchi.accounts.errors import OutOfReach, RolesOfTwoZones
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.models import RoleGrant, User
from madoguchi.accounts.roles import ROLE_ZONES, Zone
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.common import clock

pytestmark = [pytest.mark.usefixtures("city"), pytest.mark.slow]
# Who may act on whose account, written down a second time (design: Separation).
CONTRACTORS = {Role.SECRETARIAT, Role.OPERATOR, Role.OFFICE, Role.HELPDESK}
CITYS = {Role.CITY, Role.WARD, Role.AUDITOR, Role.PRIVACY, Role.CITY_ADMIN}
REACH = {
    Role.SECRETARIAT: CONTRACTORS,
    Role.ADMIN: CONTRACTORS | {Role.ADMIN},
    Role.CITY_ADMIN: CITYS,
}
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
DOORS = ("/secretariat/accounts/", "/city/accounts/")
PAIRS = list(itertools.product(Role, Role))


def form(role, username=""):
    typed = {
        "display_name": "福岡 花子",
        "organisation": "見本",
        "email": "",
        "roles": [role],
        "offices": ["HM01"],
    }
    return typed | ({"username": username} if username else {})


def facts(*, role):
    return {"display_name": "福岡 花子", "organisation": "見本", "roles": [role]}


def on_services(user, role, actor):
    """Return every act on an account, by name, as a call of the ledger."""
    new = f"new-{role.replace('_', '-')}"
    yield "open", lambda: services.open_account(username=new, actor=actor, **facts(role=role))
    yield (
        "change",
        lambda: services.change_account(
            user_id=user.pk, actor=actor, email="x@example.jp", leaves_on=None, **facts(role=role)
        ),
    )
    for act in (services.suspend_account, services.resume_account, services.reset_sign_in,
                services.unlock_pin, lockouts.unlock_account):  # fmt: skip
        yield act.__name__, lambda act=act: act(user_id=user.pk, actor=actor)


def state(user):
    """Return everything an act could change of an account."""
    row = User.objects.get(pk=user.pk)
    roles = sorted(RoleGrant.objects.filter(user=user).values_list("role", flat=True))
    return vars(row) | {"roles": roles, "_state": None, "all": User.objects.count()}


@pytest.mark.parametrize("acting", list(Role))
def test_the_ledger_lets_each_role_act_on_the_accounts_of_its_reach_only(acting):
    actor = Actor("staff", str(member(acting, "acting").pk))
    wrong = []
    for role in Role:
        user = member(role, f"target-{role.replace('_', '-')}")
        for name, act in on_services(user, role, actor):
            before = state(user)
            try:
                act()
                done = True
            except OutOfReach:
                done = False
                assert state(user) == before
            if done != (role in REACH.get(acting, ())):
                wrong.append((name, role, done))
    assert wrong == []


@pytest.mark.parametrize(
    "targets",
    [
        # One of each reach: the ledger is asked for all of them, above.
        pytest.param((Role.OPERATOR, Role.ADMIN, Role.WARD), id="one of each reach"),
        pytest.param(tuple(Role), id="all", marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("acting", list(Role))
def test_no_page_lets_a_role_act_on_an_account_out_of_its_reach(client, acting, targets):
    client.force_login(member(acting, "acting"))
    wrong = []
    for role, door in itertools.product(targets, DOORS):
        target = member(role, f"target-{role.replace('_', '-')}-{DOORS.index(door)}")
        services.suspend_account(user_id=target.pk, actor=SYSTEM)
        name = f"new-{role.replace('_', '-')}-{DOORS.index(door)}"
        is_mine = role in REACH.get(acting, ()) and (ROLE_ZONES[role] == Zone.CITY) == door.startswith(
            "/city"
        )
        asked = [
            ("add/", form(role, name)),
            (f"{target.pk}/", form(role)),
            *((f"{target.pk}/{act}/", {}) for act in ("suspend", "resume", "unlock", "reset")),
        ]
        for address, typed in asked:
            before = state(target)
            reply = client.post(door + address, typed)
            # A page that was opened before the role was taken away posts all the same.
            says_no = reply.status_code in {403, 404} or not CODE.search(reply.content.decode())
            is_changed = state(target) != before
            if not is_mine and (is_changed or not says_no):
                wrong.append((door + address, role))
        if is_mine:
            assert User.objects.filter(username=name, is_active=True).exists(), (role, door)
            assert User.objects.get(pk=target.pk).start_code_hash, (role, door)
        assert is_mine or client.get(f"{door}{target.pk}/").status_code in {403, 404} or role == Role.ADMIN
    assert wrong == []


@pytest.mark.parametrize(
    ("first", "second"), [pair for pair in PAIRS if ROLE_ZONES[pair[0]] != ROLE_ZONES[pair[1]]]
)
def test_no_account_gets_roles_of_both_zones_even_from_the_server(first, second):
    user = member(first, "target")
    for act in (
        lambda: services.open_account(
            username="both",
            display_name="福岡 花子",
            organisation="見本",
            roles=[first, second],
            actor=SYSTEM,
        ),
        lambda: services.change_account(
            user_id=user.pk, email="", leaves_on=None, actor=SYSTEM, **facts(role=second)
        ),
    ):
        with pytest.raises(RolesOfTwoZones):
            act()
    with pytest.raises(IntegrityError, match="role of the other zone"):
        RoleGrant.objects.create(user=user, role=second, granted_at=clock.now(), granted_by="system")


def test_the_database_keeps_an_account_in_its_zone(db):
    user = member(Role.SECRETARIAT)
    with pytest.raises(IntegrityError, match="stays in its zone"):
        User.objects.filter(pk=user.pk).update(zone=Zone.CITY)


@pytest.mark.parametrize("kind", ["partner", "citizen", "system"])
def test_the_number_of_a_partner_is_not_that_of_an_administrator(kind):
    admin, target = member(Role.CITY_ADMIN, "acting"), member(Role.CITY, "target")
    with pytest.raises(OutOfReach):
        services.reset_sign_in(user_id=target.pk, actor=Actor(kind, str(admin.pk)))


def test_the_lists_show_the_people_of_one_zone_each(client):
    member(Role.CITY, "shi")
    client.force_login(member(Role.SECRETARIAT))
    listed = client.get("/secretariat/accounts/").content.decode()
    assert (">jimukyoku<" in listed, ">shi<" in listed, "本市 戸籍住民課" in listed) == (True, False, False)
    other = Client()
    other.force_login(member(Role.CITY_ADMIN, "shikanri"))
    listed = other.get("/city/accounts/").content.decode()
    assert (">jimukyoku<" in listed, ">shi<" in listed, ">事務局<" in listed) == (False, True, False)


# Who registers and takes back whose tablets.
TABLETS = {
    Zone.CONTRACTOR: ({Role.SECRETARIAT, Role.ADMIN}, "/secretariat/devices/", {"office_code": "HM01"}),
    Zone.CITY: ({Role.CITY_ADMIN}, "/city/devices/", {}),
}


@pytest.mark.parametrize("zone", list(Zone))
@pytest.mark.parametrize("acting", list(Role))
def test_tablets_are_registered_and_revoked_by_the_administrators_of_their_zone_only(client, acting, zone):
    administrators, page, place = TABLETS[zone]
    actor = Actor("staff", str(member(acting, "acting").pk))
    tablets.register_device(label="1号", zone=zone, **place, actor=SYSTEM)
    device = selectors.devices(zone=zone)[0]
    acts = (
        lambda: tablets.register_device(label="2号", zone=zone, **place, actor=actor),
        lambda: tablets.revoke_device(device_id=device.id, actor=actor),
    )
    for act in acts:
        if acting in administrators:
            act()
        else:
            with pytest.raises(OutOfReach):
                act()
    client.force_login(User.objects.get(username="acting"))
    reply = client.post(f"{page}add/", {"label": "3号", **place})
    assert (reply.status_code == 200) == (acting in administrators)
    assert len(selectors.devices(zone=zone)) == (3 if acting in administrators else 1)


@pytest.mark.parametrize("zone", list(Zone))
def test_the_tablets_of_the_other_zone_are_not_there(client, zone):
    role, other = (Role.CITY_ADMIN, Zone.CONTRACTOR) if zone == Zone.CITY else (Role.SECRETARIAT, Zone.CITY)
    tablets.register_device(label="よその端末", zone=other, **TABLETS[other][2], actor=SYSTEM)
    device = selectors.devices(zone=other)[0]
    client.force_login(member(role))
    page = TABLETS[zone][1]
    assert "よその端末" not in client.get(page).content.decode()
    assert client.post(f"{page}{device.id}/revoke/").status_code == 404
    assert selectors.devices(zone=other)[0].revoked_at is None
