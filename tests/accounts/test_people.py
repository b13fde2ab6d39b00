"""Accounts, roles, start codes."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from madoguchi.accounts import errors, factors, selectors, services
from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.models import RoleGrant, User
from madoguchi.accounts.roles import PERMISSIONS, Zone, permissions_of
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.audit.models import AuditEntry
from madoguchi.common import clock
from madoguchi.common.errors import NotVisible

PASSWORD = "なかすの川は 夕方に光る 42"


@pytest.fixture
def opened(db, now):
    return services.open_account(
        username="hanako",
        display_name="福岡 花子",
        organisation="事務局",
        roles=[Role.SECRETARIAT],
        actor=SYSTEM,
    )


@pytest.fixture
def admin(db, now):
    account = services.open_account(
        username="kanri", display_name="中洲 次郎", organisation="事務局", roles=[Role.ADMIN], actor=SYSTEM
    )
    return Actor("staff", str(account.user_id))


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_a_start_code_opens_an_account_once(opened):
    user = services.start_with_password(
        username="HANAKO ", code=opened.start_code.lower(), password=PASSWORD, source="192.0.2.1"
    )
    assert user.pk == opened.user_id
    assert user.check_password(PASSWORD)
    with pytest.raises(errors.CodeWrong):
        services.start_with_password(
            username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
        )
    assert actions() == ["accounts.user.opened", "accounts.user.started"]


def test_a_start_code_is_stored_as_a_hash_only(opened):
    stored = User.objects.get(pk=opened.user_id)
    assert opened.start_code.replace("-", "") not in repr(vars(stored))
    assert opened.start_code not in repr(opened)


def test_a_start_code_runs_out_after_a_week(opened, now):
    with clock.travel(now + timedelta(days=7)), pytest.raises(errors.CodeWrong):
        services.start_with_password(
            username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
        )


@pytest.mark.parametrize("username", ["hanako", "nobody"])
def test_a_wrong_code_and_an_unknown_name_look_the_same(opened, username):
    with pytest.raises(errors.CodeWrong):
        services.start_with_password(
            username=username, code="ABCD-EFGH-JKMN", password=PASSWORD, source="192.0.2.1"
        )


def test_a_weak_password_does_not_spend_the_code(opened):
    with pytest.raises(errors.PasswordWeak, match="短"):
        services.start_with_password(
            username="hanako", code=opened.start_code, password="short", source="192.0.2.1"
        )
    services.start_with_password(
        username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
    )


def test_no_account_starts_after_its_last_day(opened, admin, now):
    services.change_account(
        user_id=opened.user_id,
        display_name="福岡 花子",
        organisation="事務局",
        email="",
        roles=[Role.SECRETARIAT],
        leaves_on=clock.today(),
        actor=admin,
    )
    with clock.travel(now + timedelta(days=1)), pytest.raises(errors.AccountClosed):
        services.start_with_password(
            username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
        )
    services.start_with_password(
        username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
    )


def test_a_login_id_is_used_once(opened):
    with pytest.raises(errors.UsernameTaken):
        services.open_account(
            username="hanako", display_name="福岡 花", organisation="事務局", roles=[], actor=SYSTEM
        )


@pytest.mark.parametrize("username", ["1hanako", "ha", "hanako@example.jp", "花子さん"])
def test_login_ids_are_plain(db, now, username):
    with pytest.raises(errors.UsernameMalformed):
        services.open_account(
            username=username, display_name="福岡 花子", organisation="事務局", roles=[], actor=SYSTEM
        )


@pytest.mark.parametrize("username", ["Hanako", "1hanako", "ha", "hanako@example.jp"])
def test_the_database_keeps_login_ids_plain(db, now, username):
    with pytest.raises(IntegrityError, match="username_is_plain"):
        User.objects.create(username=username, display_name="福岡 花子", zone="city", created_at=now)


def test_nobody_changes_their_own_account(opened):
    me = Actor("staff", str(opened.user_id))
    with pytest.raises(errors.OutOfReach):
        services.suspend_account(user_id=opened.user_id, actor=me)
    with pytest.raises(errors.OutOfReach):
        services.reset_sign_in(user_id=opened.user_id, actor=me)


def test_the_secretariat_neither_makes_nor_changes_administrators(opened, admin):
    secretariat = Actor("staff", str(opened.user_id))
    with pytest.raises(errors.OutOfReach):
        services.open_account(
            username="other",
            display_name="室見 流",
            organisation="事務局",
            roles=[Role.ADMIN],
            actor=secretariat,
        )
    with pytest.raises(errors.OutOfReach):
        services.reset_sign_in(user_id=int(admin.id), actor=secretariat)


def test_people_without_the_role_open_no_accounts(db, now):
    operator = services.open_account(
        username="oki", display_name="能古 しま", organisation="受電", roles=[Role.OPERATOR], actor=SYSTEM
    )
    with pytest.raises(errors.OutOfReach):
        services.open_account(
            username="other",
            display_name="室見 流",
            organisation="受電",
            roles=[],
            actor=Actor("staff", str(operator.user_id)),
        )


def test_a_reset_takes_every_way_in_away(opened, admin):
    user = services.start_with_password(
        username="hanako", code=opened.start_code, password=PASSWORD, source="192.0.2.1"
    )
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    before = User.objects.get(pk=user.pk).get_session_auth_hash()
    code = services.reset_sign_in(user_id=user.pk, actor=admin)
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not Authenticator.objects.exists()
    assert user.get_session_auth_hash() != before
    services.start_with_password(username="hanako", code=code, password=PASSWORD, source="192.0.2.1")


def test_changed_roles_are_on_record_with_those_before(opened, admin):
    services.change_account(
        user_id=opened.user_id,
        display_name="福岡 花子",
        organisation="受電",
        email="",
        roles=[Role.OPERATOR],
        leaves_on=None,
        actor=admin,
    )
    assert selectors.account(opened.user_id, zone=Zone.CONTRACTOR).roles == (Role.OPERATOR,)
    entry = AuditEntry.objects.get(action="accounts.user.changed")
    assert (entry.detail["roles_before"], entry.detail["roles"]) == (["secretariat"], ["operator"])


def test_suspended_people_are_not_open_and_may_come_back(opened, admin):
    services.suspend_account(user_id=opened.user_id, actor=admin)
    assert not selectors.account(opened.user_id, zone=Zone.CONTRACTOR).is_open
    services.resume_account(user_id=opened.user_id, actor=admin)
    assert selectors.account(opened.user_id, zone=Zone.CONTRACTOR).is_open


def test_the_database_knows_the_roles(opened):
    with pytest.raises(IntegrityError, match="role_is_known"):
        RoleGrant.objects.create(
            user_id=opened.user_id, role="emperor", granted_at=clock.now(), granted_by="system"
        )


def test_every_role_has_its_permissions_written_down():
    assert set(PERMISSIONS) == set(Role)
    assert permissions_of([]) == frozenset()


def test_an_administrator_sees_no_reservation():
    assert permissions_of([Role.ADMIN]) == {Permission.SECRETARIAT_ACCOUNT_WRITE}


def test_the_helpdesk_sees_nothing_personal():
    assert permissions_of([Role.HELPDESK]) == frozenset()  # 仕様書 4(4)ア


def test_accounts_are_found_by_name_and_role_in_few_queries(opened, admin, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert [row.username for row in selectors.accounts(zone=Zone.CONTRACTOR, search="花子")] == ["hanako"]
    assert [row.username for row in selectors.accounts(zone=Zone.CONTRACTOR, role=Role.ADMIN)] == ["kanri"]
    assert selectors.accounts(zone=Zone.CONTRACTOR, search="居ない") == []
    with pytest.raises(NotVisible):
        selectors.account(0, zone=Zone.CONTRACTOR)


def test_the_first_administrator_is_made_on_the_command_line(db, now, capsys):
    call_command("create_staff", "kanri", name="中洲 次郎", organisation="事務局")
    code = capsys.readouterr().out.split()[-1]
    user = services.start_with_password(username="kanri", code=code, password=PASSWORD, source="192.0.2.1")
    assert selectors.roles_of_user(user.pk) == {Role.ADMIN}


def test_secrets_of_apps_are_sealed():
    sealed = factors.seal_factor("JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert factors.open_factor(sealed) == "JBSWY3DPEHPK3PXP"


def test_an_account_that_is_not_there_is_not_visible(admin):
    with pytest.raises(NotVisible):
        services.reset_sign_in(user_id=0, actor=admin)


def test_the_command_line_says_why_not(opened):
    with pytest.raises(CommandError, match="すでに使われています"):
        call_command("create_staff", "hanako", name="福岡 花子", organisation="事務局")


def test_names_are_given_for_closed_accounts_too(opened):
    services.suspend_account(user_id=opened.user_id, actor=SYSTEM)
    assert selectors.names_of([opened.user_id]) == {opened.user_id: "福岡 花子"}
