"""One damaged sealed value: pages, papers and files go on with a mark for it, and the check names it."""

from dataclasses import replace
from datetime import date, time
from itertools import cycle, product
from typing import ClassVar
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from django.utils import translation
from support.people import HANAKO, OPERATOR, TARO
from support.printed import words_of
from support.secretariat import book, member, slot_at
from support.staff_pages import address, staff_pages

from madoguchi.accounts.assignments import assign_offices
from madoguchi.accounts.factors import seal_factor
from madoguchi.accounts.kinds import Role
from madoguchi.accounts.roles import permissions_of
from madoguchi.accounts.scope import EVERYWHERE
from madoguchi.audit.actor import SYSTEM, Actor
from madoguchi.common import clock
from madoguchi.common.unreadable import UNREADABLE, ValueUnreadable
from madoguchi.kept_forms.services import keep_form
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.services import put_text
from madoguchi.reservations.access_codes import make_access_code
from madoguchi.reservations.booking_sessions import start_session
from madoguchi.reservations.locking import lock_reservation
from madoguchi.reservations.models import Applicant, Reservation, Wait
from madoguchi.reservations.people import Details, sealed_columns
from madoguchi.reservations.search import Search
from madoguchi.reservations.selectors import reservation
from madoguchi.reservations.stale_values import check_search_columns
from madoguchi.reservations.waiting_entries import Wish
from madoguchi.retention import exports as ledger
from madoguchi.retention.models import Export
from madoguchi.sealing.models import PersonKey
from madoguchi.sealing.services import destroy_keys, seal
from madoguchi.sealing.sweep import SHARES, check_sealed, sealed_tables, unreadable_values
from madoguchi.sites.citizen.booking.access import grant
from madoguchi.web.policies import POLICY
from madoguchi.workflows.booking import changes, waiting
from madoguchi.workflows.callcentre import calls
from madoguchi.workflows.messages import mail
from madoguchi.workflows.operations import status

pytestmark = [pytest.mark.usefixtures("city")]
PASSWORD = "なかすの川は 夕方に光る 42"
PAGES = [each for each in staff_pages() if each[0] != "login:landing"]
PERSON = replace(HANAKO, details=Details(needs=("WRITING",), called_name="はなさん"))
# Sealed column -> how to damage it: in place, cut off, with what stands in another cell of the same table.
DAMAGES = {
    "flipped": "set_byte({column}, length({column}) - 1, get_byte({column}, length({column}) - 1) # 1)",
    "cut": "substr({column}, 1, 7)",
    "swapped": "(SELECT other.{column} FROM {table} AS other WHERE other.{id} <> {table}.{id}"
    " AND length(other.{column}) > 0 ORDER BY other.{id} LIMIT 1)",
}
EMPTIED = "''::bytea"
CELLS = [(table, column) for table, model in sealed_tables().items() for column in model.privacy.sealed]


@pytest.fixture
def filled():
    """Return a visit, with a row in each table that holds something sealed, and another beside each."""
    made, other = book(PERSON), book(replace(TARO, email="taro@example.jp"), hour=11)
    for row in (made, other):
        make_access_code(reservation=lock_reservation(row.id), actor=SYSTEM)
        asked_by = Actor("staff", str(row.reference))
        ledger.create_export(query=Search(), kind="csv", reason="CITY", actor=asked_by)
        ledger.store_finished_export(kind="pdf", reason="DISCLOSURE", content=b"%PDF", actor=asked_by)
        start_session(source="", form_data={"office": "HM01"})
        keep_form(address="/lookup/", typed={"reference": str(row.reference)})
    wish = Wish(("HM01",), date(2026, 12, 20), date(2026, 12, 25), time(0), time(23, 59))
    for person in (replace(HANAKO, name="別　花子", email=""), replace(TARO, name="別　太郎")):
        waiting.enter(person=person, procedures=["CERT_RENEW"], wish=wish, channel="PHONE", actor=OPERATOR)
    for each in Mail.objects.all():
        key = PersonKey.objects.first()
        texts = {name: seal(key, "notifications_mail", each.pk, name, "x") for name in Mail.privacy.sealed}
        Mail.objects.filter(pk=each.pk).update(key=key, **texts)
    with clock.travel(clock.at(date(2026, 12, 15), time(9))):
        yield made


def damage(table, column, how, row=None):
    """Damage one value and return the row that it is bound to."""
    model = sealed_tables()[table]
    key = model._meta.pk.column
    found = model.objects.exclude(**{column: b""}).exclude(**{column: None}).order_by("pk")
    target = found.get(pk=row) if row else found.last()
    change = (DAMAGES | {"emptied": EMPTIED})[how].format(column=column, table=table, id=key)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {change} WHERE {key} = %s", [target.pk])  # noqa: S608
        assert cursor.rowcount == 1
    return getattr(target, model.privacy.row)


def damage_all(made):
    """Flip a byte in each sealed column of everything that belongs to one visit, but for the person's key."""
    person = Reservation.objects.get(pk=made.id).applicant_id
    for column in Applicant.privacy.sealed:
        damage("reservations_applicant", column, "flipped", row=person)
    for table, model in sealed_tables().items():
        if table not in {"reservations_applicant", "sealing_personkey"}:
            for row, column in product(model.objects.all(), model.privacy.sealed):
                if getattr(row, column):
                    damage(table, column, "flipped", row=row.pk)


def signed_in(client, role):
    user = member(role, f"who-{role.value}".lower())
    assign_offices(user_id=user.pk, offices=["HM01"], actor=SYSTEM)
    client.force_login(user)
    return client


def failing(client, made, role):
    """Yield the pages of a role that answer with an error of ours."""
    waits = list(Wait.objects.values_list("pk", flat=True)[:1])
    ids = [made.id, *waits, *Export.objects.values_list("pk", flat=True)[:2]]
    sent = {"file": "pdf", "reason": "CITY", "day": "2026-12-15", "do": "reached", "wait": waits[0]}
    for _, route, page in PAGES:
        if not permissions_of([role]) & POLICY[page.callback].permissions:
            continue
        for found in ids if "<uuid:" in route else ids[:1]:
            names = page.pattern.converters
            given = {"reference": made.reference, "code": "HM01", "office": "HM01"}
            here = address(
                route,
                page,
                **given,
                **{name: found for name in names if name not in given and "uuid" in route},
            )
            for answer in (client.get(here), client.post(here, sent)):
                if answer.status_code >= 500:
                    yield here


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_no_page_of_any_site_fails_for_damaged_values(client, filled, role):
    damage_all(filled)
    assert list(failing(signed_in(client, role), filled, role)) == []


# Each column with one damage, and each damage with some columns, in the gate; all pairs in the soak.
SOME_PAIRS = list(zip(Applicant.privacy.sealed, cycle(DAMAGES), strict=False))
PAIRS = [
    pytest.param(*pair, marks=[] if pair in SOME_PAIRS else pytest.mark.soak)
    for pair in product(Applicant.privacy.sealed, DAMAGES)
]


@pytest.mark.slow
@pytest.mark.parametrize(("column", "how"), PAIRS)
def test_lists_papers_and_files_show_the_others_and_a_mark(client, filled, column, how):
    person = Reservation.objects.get(pk=filled.id).applicant_id
    damage("reservations_applicant", column, how, row=person)
    counter = signed_in(client, Role.OFFICE)
    shown = {"name", "name_kana", "phone", "details"} & {column}
    for page in (
        counter.get("/office/HM01/2026-12-15/").content.decode(),
        words_of(counter.post("/office/HM01/2026-12-15/print/").content),
    ):
        assert "博多" in page
        assert (UNREADABLE in page) == bool(shown - {"phone"})
    assert counter.get(f"/office/visits/{filled.reference}/").status_code == 200
    desk = signed_in(client, Role.SECRETARIAT)
    assert "博多" in desk.get("/secretariat/reservations/").content.decode()
    assert desk.get(f"/secretariat/reservations/?open={filled.reference}").status_code == 200
    ask = "/secretariat/reservations/export/?office=HM01&first=2026-12-15&last=2026-12-15"
    for kind in ("csv", "xlsx", "pdf"):
        answer = desk.post(ask, {"file": kind, "reason": "CITY"})
        assert answer.status_code in {200, 302}
    assert f"reservations_applicant {person} {column}" in unreadable_values()


@pytest.mark.slow
@pytest.mark.parametrize("column", Applicant.privacy.sealed)
def test_what_needs_the_value_is_refused_and_nothing_is_written_back(filled, column):
    person = Reservation.objects.get(pk=filled.id).applicant_id
    damage("reservations_applicant", column, "flipped", row=person)
    before = bytes(getattr(Applicant.objects.get(pk=person), column))
    if column != "link_token":
        with pytest.raises(ValueUnreadable):
            changes.move(reservation_id=filled.id, slot=slot_at(16, 10), actor=OPERATOR, channel="PHONE")
        with pytest.raises(ValueUnreadable):
            changes.correct(
                reservation_id=filled.id, person=replace(PERSON, phone="09000001111"), actor=OPERATOR
            )
    shown = reservation(filled.id, scope=EVERYWHERE).person
    if column not in {"link_token", "details"}:
        with pytest.raises(ValueUnreadable):
            changes.correct(reservation_id=filled.id, person=shown, actor=OPERATOR)
    assert bytes(getattr(Applicant.objects.get(pk=person), column)) == before
    # Who cancels needs nothing of it.
    changes.cancel(reservation_id=filled.id, actor=OPERATOR, channel="PHONE")


def test_a_caller_is_not_checked_against_what_cannot_be_read(filled):
    damage(
        "reservations_applicant", "name", "flipped", row=Reservation.objects.get(pk=filled.id).applicant_id
    )
    said = calls.Said(name=UNREADABLE, birth_date=HANAKO.birth_date, phone=HANAKO.phone)
    with pytest.raises(ValueUnreadable):
        calls.check_caller(reservation_id=filled.id, said=said, actor=OPERATOR)


def test_a_link_whose_birth_date_cannot_be_read_still_asks_for_it(client, filled):
    damage(
        "reservations_applicant",
        "birth_date",
        "flipped",
        row=Reservation.objects.get(pk=filled.id).applicant_id,
    )
    assert "/confirm" in client.get(f"/r/{filled.link_token}/").headers["Location"]


@pytest.mark.parametrize("column", ["email", "name", "link_token"])
def test_a_mail_that_cannot_be_written_stays_on_the_staff_list_and_others_go(filled, column, monkeypatch):
    class Outside:
        keeps_text = False
        sent: ClassVar[list] = []

        def send(self, message, **_facts):
            self.sent.append(message.recipient)

    body = "{reference}{when}{office}{link}{phone}"
    put_text(kind=MailKind.CONFIRMATION, subject="お知らせ", body=body, actor=SYSTEM)
    damage(
        "reservations_applicant", column, "flipped", row=Reservation.objects.get(pk=filled.id).applicant_id
    )
    mail.send_due_mail(through=Outside())
    assert "taro@example.jp" in Outside.sent
    assert UNREADABLE not in Outside.sent
    assert [row.state for row in Mail.objects.filter(target=str(filled.id))] == ["failed"]


def test_the_damaged_key_of_one_person_damages_nobody_else(client, filled):
    applicant = Reservation.objects.get(pk=filled.id).applicant
    damage("sealing_personkey", "wrapped", "flipped", row=applicant.key_id)
    html = signed_in(client, Role.OFFICE).get("/office/HM01/2026-12-15/").content.decode()
    assert UNREADABLE in html
    assert "博多" in html
    assert f"sealing_personkey {applicant.key_id} wrapped" in check_sealed()


def test_an_erased_person_does_not_count_as_damage(client, filled):
    destroy_keys(key_ids=[Reservation.objects.get(pk=filled.id).applicant.key_id])
    assert check_sealed() == []


def test_the_alarm_ends_once_the_value_opens_again(client, filled):
    person = Reservation.objects.get(pk=filled.id).applicant_id
    kept = Applicant.objects.get(pk=person).name
    damage("reservations_applicant", "name", "flipped", row=person)
    signed_in(client, Role.OFFICE).get("/office/HM01/2026-12-15/")
    assert unreadable_values() == [f"reservations_applicant {person} name"]
    [gauge] = [each for each in status.gauges(status.system_status()) if "unreadable" in each.name]
    assert gauge.is_alarm
    admin = signed_in(client, Role.ADMIN)
    assert f"reservations_applicant {person} name" in admin.get("/secretariat/status/").content.decode()
    Applicant.objects.filter(pk=person).update(name=kept)
    assert check_sealed(share=0) == []


def test_each_share_opens_its_own_rows_and_the_shares_are_all_rows(filled):
    row = damage("reservations_applicant", "name", "flipped")
    mine = row.int * SHARES >> 128
    assert check_sealed(share=(mine + 1) % SHARES) == []
    assert check_sealed(share=mine) == [f"reservations_applicant {row} name"]


@pytest.mark.parametrize("model", sealed_tables().values(), ids=lambda model: model._meta.label)
def test_every_sealed_table_says_what_its_values_are_bound_to(model):
    assert model.objects.filter(**{f"{model.privacy.row}__gte": UUID(int=0)}).count() == 0
    if model.privacy.key:
        assert model.objects.filter(**{f"{model.privacy.key}__wrapped": b"x"}).count() == 0


@pytest.mark.parametrize("column", Applicant.privacy.sealed)
def test_a_citizen_reads_the_booking_and_the_rest_of_it(client, filled, column):
    damage(
        "reservations_applicant", column, "flipped", row=Reservation.objects.get(pk=filled.id).applicant_id
    )
    link = f"/r/{filled.link_token}/"
    born = {"birth_date_era": "昭和", "birth_date_year": "25", "birth_date_month": "4", "birth_date_day": "1"}
    client.post(f"{link}confirm/", born)
    for page in ("", "contact/", "change/", "cancel/", "calendar.ics", "slip/"):
        assert client.get(f"{link}{page}").status_code in {200, 302}, page
    html = client.get(link).content.decode().replace("\u200b", "").replace("<wbr>", "")
    assert UNREADABLE in html or column in {"link_token", "email", "phone"}


@pytest.mark.parametrize(
    ("language", "mark"),
    [("ja", "〔読み取れません〕"), ("ja-easy", "〔よめません〕"), ("en", "[cannot be read]")],
)
@pytest.mark.parametrize("column", ["name", "birth_date", "address"])
def test_the_mark_of_an_unreadable_value_follows_the_language_of_the_page(
    client, filled, language, mark, column
):
    row = Reservation.objects.get(pk=filled.id).applicant_id
    client.cookies.update(grant(filled.id, is_full=True, key="f" * 16).cookies)
    damage("reservations_applicant", column, "flipped", row=row)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    html = client.get(f"/booking/{'f' * 16}/").content.decode().replace("\u200b", "").replace("<wbr>", "")
    assert mark in html
    assert language == "ja" or UNREADABLE not in html


def test_no_form_of_the_mark_is_ever_sealed(filled):
    applicant = Applicant.objects.select_related("key").first()
    for language, _name in settings.LANGUAGES:
        with translation.override(language), pytest.raises(ValueUnreadable):
            seal(applicant.key, "reservations_applicant", applicant.id, "address", f"見本町 {UNREADABLE}")


@pytest.mark.slow
@pytest.mark.parametrize("how", DAMAGES)
def test_damage_in_all_columns_at_once_is_named_column_by_column(filled, how):
    # Without a key nothing of its person can be read: that damage comes alone, below.
    cells = [cell for cell in CELLS if cell[0] != "sealing_personkey"]
    named = {f"{table} {damage(table, column, how)} {column}" for table, column in cells}
    assert set(check_sealed()) == named
    assert len(named) == len(cells)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"),
    [pytest.param(*cell, marks=[] if cell[0] == "sealing_personkey" else pytest.mark.soak) for cell in CELLS],
)
@pytest.mark.parametrize("how", DAMAGES)
def test_no_damage_in_any_column_stops_the_check_and_it_is_named(filled, table, column, how):
    assert check_sealed() == []
    row = damage(table, column, how)
    found = check_sealed()
    assert f"{table} {row} {column}" in found
    with pytest.raises(CommandError):
        call_command("check_invariants")
    assert status.system_status().unreadable == found


REQUIRED = [(table, column) for table, model in sealed_tables().items() for column in model.privacy.required]


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_required_value_that_was_emptied_is_refused_by_the_database_or_named(filled, table, column):
    if column == "name":
        with pytest.raises(IntegrityError, match="is_empty_once_erased"):
            damage(table, column, "emptied")
        return
    row = damage(table, column, "emptied")
    assert f"{table} {row} {column}" in check_sealed()


def correct(made, **changes):
    """Write other facts of a person, and return the row of before."""
    before = Applicant.objects.select_related("key").get(reservation=made.id)
    changed = sealed_columns(person=replace(PERSON, **changes), key=before.key, row=before.id)
    Applicant.objects.filter(pk=before.pk).update(**changed)
    return before


def checked():
    """Run the whole check, and return what it found wrong with search columns."""
    check_search_columns()
    return check_sealed()


@pytest.mark.parametrize(
    ("column", "changed", "found"),
    [
        ("name", "別　花子", {"name_tokens", "person_hash"}),
        ("name_kana", "ベツ　ハナコ", {"name_tokens"}),
        ("birth_date", date(1951, 4, 1), {"person_hash", "birth_hash"}),
        ("phone", "09000009999", {"phone_hash", "phone_end_hash"}),
        ("email", "other@example.jp", {"email_hash"}),
    ],
)
def test_an_older_value_put_back_into_its_cell_is_named_until_it_is_put_right(filled, column, changed, found):
    before = correct(filled, **{column: changed})
    right = getattr(Applicant.objects.get(pk=before.pk), column)
    assert checked() == []
    Applicant.objects.filter(pk=before.pk).update(**{column: getattr(before, column)})
    with pytest.raises(CommandError):
        call_command("check_invariants")
    named = [f"reservations_applicant {before.pk} {each}" for each in found]
    assert set(unreadable_values()) == set(named)
    other = ((before.pk.int * SHARES >> 128) + 1) % SHARES
    check_search_columns(share=other)
    assert set(check_sealed(share=other)) == set(named)
    Applicant.objects.filter(pk=before.pk).update(**{column: right})
    assert checked() == []


def test_a_whole_older_row_put_back_is_not_found(filled):
    """As the threat model says: it agrees with itself; only the audit trail tells of the change after it."""
    before = correct(filled, name="別　花子", phone="09000009999")
    before.save()
    assert checked() == []


def test_the_search_columns_of_who_was_erased_are_no_damage(filled):
    before = correct(filled, phone="09000009999")
    Applicant.objects.filter(pk=before.pk).update(phone=before.phone)
    assert checked() != []
    destroy_keys(key_ids=[before.key_id])
    assert checked() == []


@pytest.mark.parametrize(
    ("kind", "name", "damaged"),
    [
        (kind, name, damaged)
        for kind, name in (("totp", "secret"), ("recovery_codes", "seed"))
        for damaged in ("k1:AAAA", "k9:AAAA", "k1:nothing at all", "", None)
    ],
)
def test_a_damaged_secret_of_an_app_or_of_recovery_codes_is_named(kind, name, damaged):
    user = member(Role.OPERATOR)
    row = Authenticator.objects.create(user=user, type=kind, data={name: seal_factor("x"), "used_mask": 0})
    status.check_invariants()
    Authenticator.objects.filter(pk=row.pk).update(data={name: damaged} if damaged is not None else {})
    [found] = [each for each in status.check_invariants() if each.check == "sign_in_factors"]
    assert found.examples == (f"mfa_authenticator {row.pk} {name}",)


def test_a_code_whose_app_secret_is_damaged_is_refused_with_a_sentence(client, settings):
    user = member(Role.OPERATOR)
    user.set_password(PASSWORD)
    user.save()
    TOTP.activate(user, generate_totp_secret())
    settings.TRAINING = False
    client.post("/accounts/login/", {"login": "jimukyoku", "password": PASSWORD})
    Authenticator.objects.update(data={"secret": "k1:AAAA"})
    html = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert ValueUnreadable.message.removesuffix("。") in html
