"""Refusals of the reservation ledger: facts with a stable code and a sentence for the person."""

from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.common.languages import gettext_noop

CHANGE_MISSING = gettext_noop("変わったものを、1つ以上選んでください。")
ADDRESS_NOT_MARKED = gettext_noop(
    "前の住所や新しい住所を入力した方は、変わったものの「住所」も選んでください。"
)


class SlotFull(Refusal):
    """No seat is left for every slot of the visit; nothing was written."""

    code = "slot_full"
    message = "選んだ日時は、ほかの方の予約が入りました。別の日時を選んでください。"


class Paused(SlotFull):
    """The time is paused for an unplanned reason: a storm, a national system, an accident."""

    code = "paused"
    message = "申し訳ございません。選んだ日時は、受付を止めています。別の日時を選んでください。"


class DeadlinePassed(Refusal):
    """The deadline of the action has passed."""

    code = "deadline_passed"
    message = "受付の締切を過ぎました。予約専用コールセンターにお電話ください。"


class NotYetOpen(Refusal):
    """Booking for this office or day has not begun."""

    code = "not_yet_open"
    message = "この日の予約は、まだ受け付けていません。"


class DuplicateReservation(Refusal):
    """The person already has an active reservation for one of the procedures. Reveals nothing about it."""

    code = "duplicate"
    message = (
        "同じお名前と生年月日で、同じ手続きの予約がすでにあります。"
        "前の予約を確認するには、予約番号か、お送りしたメールのリンクをお使いください。"
        "わからないときや、前の予約に心当たりがないときは、予約専用コールセンターにお電話ください。"
    )


class AlreadyWaiting(Refusal):
    """The person is on the waiting list already. Reveals nothing about the entry."""

    code = "already_waiting"
    message = (
        "同じお名前と生年月日で、すでに空きをお待ちいただいています。"
        "希望を変えるときは、お送りしたメールのリンクから取りやめて、もう一度お申し込みください。"
        "わからないときは、予約専用コールセンターにお電話ください。"
    )


class OfferOver(Refusal):
    """The offer has lapsed or was answered before."""

    code = "offer_over"
    message = "ご案内した日時の期限が過ぎました。もう一度、空きをお待ちいただけます。"


class NotEligible(Refusal):
    """The visit cannot lead to the procedure; `fields["guidance"]` names the page that says what to do."""

    code = "not_eligible"
    message = "このお手続きは、お住まいの区の区役所で受け付けています。"


class RenewalOver(NotEligible):
    """The certificate has expired: it is issued anew, not renewed."""

    message = "電子証明書の有効期限が過ぎています。「更新」ではなく「新規発行」を選んでください。"


class HoldExpired(Refusal):
    """The booking session has expired, or the browser lost its token."""

    code = "hold_expired"
    message = "入力の途中で時間が過ぎたため、日時の確保が終わりました。もう一度、日時を選んでください。"


class NoMoreExtensions(Refusal):
    """The hold was extended as often as the rules allow."""

    code = "no_more_extensions"
    message = "確保の時間は、これ以上延長できません。"


class AlreadyCancelled(Refusal):
    """The reservation was cancelled before."""

    code = "already_cancelled"
    message = "この予約は、すでに取り消されています。"


class ChangedMeanwhile(ContentChanged):
    """The visit changed since the caller saw it; nothing was written."""

    code = "changed_meanwhile"
    message = "この予約は、ご覧になったあとに変わりました。いまの内容を確かめてから、もう一度お試しください。"


class FamilyFull(Refusal):
    """The party has the maximum number of people."""

    code = "family_full"
    message = "いっしょに予約できるのは、4人までです。"


class IdempotencyMismatch(Refusal):
    """The idempotency key was used with another content."""

    code = "idempotency_mismatch"
    message = "同じ Idempotency-Key で、異なる内容が送られました。"


class CodeRefused(Refusal):
    """The access code is wrong, used or expired."""

    code = "code_refused"
    message = "確認コードが正しくないか、有効な時間を過ぎました。もう一度お送りします。"


class ContactLimitReached(Refusal):
    """The telephone number or mail address has the maximum number of future visits without staff."""

    code = "contact_used_up"
    message = (
        "同じ電話番号かメールアドレスで、たくさんの予約があるため、ここでは続けて予約できません。"
        "施設の方など、続けて予約するときは、予約専用コールセンターにお電話ください。"
    )


class HighDemand(Refusal):
    """Demand is high, and this address made holds without proof of work."""

    code = "crowded"
    message = (
        "ただいま、予約がたいへん混み合っています。15分ほどたってから、もう一度お試しください。"
        "ここまでの入力は残っています。お急ぎの方は、予約専用コールセンターにお電話ください。"
    )


class ChangeUnclear(Refusal):
    """The change of the card is incomplete; `field` names the missing field."""

    code = "change_unclear"
    message = "新しい住所を、区役所に届け出たとおりに入力してください。"
