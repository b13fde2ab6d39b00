"""What the dates of expiry mean for a visit, said above the offices and times."""

from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.common import clock
from madoguchi.common.era import citizen_day
from madoguchi.contract.selectors import booking_rules
from madoguchi.sites.citizen.presenters.procedures import said_of
from madoguchi.sites.citizen.reserve.readings import readings_of
from madoguchi.sites.citizen.reserve.session import (
    FormData,
    Member,
    as_day,
)


def notices_of(form_data: FormData) -> list[str]:
    """Say what the dates of expiry mean for the visit, and for how many people times are shown."""
    if len(form_data.members) == 1:
        return _notices_of_member(form_data.members[0])
    first, last = form_data.visit_days()
    if first and last and first > last:
        return [_("有効期限から見て、全員が手続きできる日がありません。日を分けて、別々に予約してください。")]
    return [
        _("%(people)d人が、同時に、または続けて手続きできる日時だけを表示しています。")
        % {"people": form_data.people},
        *(
            said_of(number, notice)
            for number, member in enumerate(form_data.members, start=1)
            for notice in _notices_of_member(member)
        ),
    ]


def _notices_of_member(member: Member) -> list[str]:
    read = readings_of(
        member.typed_procedures, as_day(member.card_expires_on), as_day(member.cert_expires_on)
    )
    return [*read, *_bounds_of(member)]


def _bounds_of(member: Member) -> list[str]:
    first, last = member.visit_days()
    if member.is_new_issue:
        return [
            _(
                "電子証明書の有効期限が過ぎているため、「電子証明書の新規発行」として予約します。"
                "手数料はかかりません。"
            )
        ]
    if first and first > clock.today():
        return [_("電子証明書の更新は、%(day)sから手続きできます。") % {"day": citizen_day(first)}]
    if last and last < clock.today() + timedelta(days=booking_rules(clock.now()).opens_days_before):
        return [
            _("有効期限の%(day)sまでに手続きできる日時だけを表示しています。") % {"day": citizen_day(last)}
        ]
    return []
