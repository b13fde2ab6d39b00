"""A booking as the operator sees it once the caller is known: contact masked until a reason is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from madoguchi.common import births, clock, era
from madoguchi.common.names import mask_email
from madoguchi.common.phones import mask_phone, show_phone
from madoguchi.common.references import show_reference
from madoguchi.contract.selectors import belongings_for, procedures, visit_ends_at
from madoguchi.offices.selectors import office
from madoguchi.reservations.kinds import CONTACT_LABELS
from madoguchi.reservations.labels import changes_label, language_label, needs_labels
from madoguchi.reservations.selectors import ReservationRow
from madoguchi.sites.operator.grid import format_deadlines
from madoguchi.workflows.booking.offering import deadlines

_SIGNS: Final = "0123456789ACDEFGHJKMNPRTVWXY"
_SOUNDS: Final = (
    "ゼロ いち に さん よん ご ろく なな はち きゅう エー シー ディー イー エフ ジー エイチ ジェイ ケイ "
    "エム エヌ ピー アール ティー ブイ ダブリュー エックス ワイ"
)
LOUD: Final = dict(zip(_SIGNS, _SOUNDS.split(), strict=True))


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with its name; `reveal` names what stays hidden until a reason is given."""

    label: str
    text: str
    reveal: str = ""


@dataclass(frozen=True, slots=True)
class VisitPanel:
    """The reservation of a caller who is known."""

    reference: str
    name: str
    kana: str
    called_name: str
    tone: str
    state: str
    when: str
    spoken: str
    place: str
    is_booked: bool
    can_change: bool
    has_email: bool
    visit: Sequence[Fact]
    person: Sequence[Fact]

    @classmethod
    def of(cls, row: ReservationRow, *, revealed: str = "") -> Self:
        """Return the visit; of telephone, mail and address only what is revealed is in clear."""
        person, details, place = row.person, row.person.details, office(row.office)
        ends_at = clock.to_jst(visit_ends_at(row.starts_at, row.procedures))
        is_over = row.starts_at <= clock.now()
        tone, state = ("running", "予約中") if row.is_booked else ("cancelled", "取消し")
        if row.is_booked and is_over:
            tone, state = "neutral", "過去の予約"
        names = [each.name for each in procedures(enabled_only=False) if each.code in row.procedures]
        return cls(
            reference=show_reference(row.reference),
            name=person.name,
            kana=person.name_kana,
            called_name=details.called_name,
            tone=tone,
            state=state,
            when=era.staff_datetime(row.starts_at),
            spoken=f"{era.citizen_datetime(row.starts_at)}、{place.name}",
            place=place.name,
            is_booked=row.is_booked,
            can_change=row.is_booked and not is_over,
            has_email=row.has_email,
            visit=[
                Fact(
                    "日時",
                    f"{era.staff_datetime(row.starts_at)}–{ends_at:%H:%M}",
                ),
                Fact("郵便局", place.name),
                Fact("手続き", "・".join(names)),
                Fact("持参物", "・".join(each.text for each in belongings_for(row.procedures))),
                Fact("締切", format_deadlines(deadlines(row.starts_at, row.office))),
                *_if_any("当日に必要", "・".join(needs_labels(details.needs))),
            ],
            person=[
                Fact("生年月日", births.format_birth_date(person.birth_date)),
                _hidden("電話番号", "phone", show_phone(person.phone), mask_phone(person.phone), revealed),
                _hidden("メール", "email", person.email, mask_email(person.email), revealed)
                if person.email
                else Fact("メール", "なし（前の開庁日にお電話します）"),
                _hidden("住所", "address", person.address, "●●●", revealed),
                Fact("連絡方法", CONTACT_LABELS.get(person.contact_by, "")),
                *_if_any("お知らせの言葉", language_label(person.language)),
                *_if_any("変わったもの", changes_label(details.changes)),
                *_if_any("お呼びする名前", details.called_name),
                *_if_any("入力できない字", details.unreadable_characters),
            ],
        )


def aloud(reference: str) -> list[tuple[str, str]]:
    """Return the three groups of a reference, each with how its characters are said."""
    return [(group, "・".join(LOUD[sign] for sign in group)) for group in reference.split("-")]


def _if_any(label: str, text: str) -> list[Fact]:
    return [Fact(label, text)] if text else []


def _hidden(label: str, name: str, text: str, masked: str, revealed: str) -> Fact:
    return Fact(label, text) if revealed == name else Fact(label, masked, reveal=name)
