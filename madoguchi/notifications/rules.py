"""Rules of mail in plain Python: valid texts, and when to retry."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from madoguchi.notifications.errors import TextNotValid
from madoguchi.notifications.kinds import REMINDERS, MailKind

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
# A look at a locked telephone or over a shoulder must not tell what the mail is about.
TELLING: Final = (
    "マイナンバー", "個人番号", "カード", "証明書", "暗証番号", "My Number", "Card", "certificate", "PIN",
)  # fmt: skip
# How many days ahead a reminder leaves is a rule of each office, and an outage may delay it.
FIXED_DAYS: Final = ("本日", "今日", "明日", "あした", "明後日", "あさって", "today", "tomorrow")
# The one placeholder of subjects, and what a text uses in place of such a word.
VISIT_DAY: Final = "visit_day"
CALL: Final = frozenset({"phone", "phone_hours"})
VISIT: Final = CALL | {
    "reference", "when", "minutes", "office", "address", "access", "procedures", "belongings", "link",
}  # fmt: skip
# Of a visit that stands, at a time that is served: until its deadlines it is changed on its page.
STANDING: Final = VISIT | {"deadlines"}
# What texts used before `deadlines`. A mail may leave after a deadline, so no new text names one by itself.
SINGLE_DEADLINES: Final = frozenset({"change_until", "cancel_until"})
WAITING: Final = CALL | {"reference", "people", "procedures", "offices", "days", "link"}
# The second set is what a mail is useless without.
PLACEHOLDERS: Final[Mapping[MailKind, tuple[frozenset[str], frozenset[str]]]] = {
    MailKind.CONFIRMATION: (STANDING, frozenset({"reference", "when", "office", "link", "phone"})),
    MailKind.CHANGED: (STANDING, frozenset({"reference", "when", "office", "link", "phone"})),
    MailKind.CANCELLED: (VISIT, frozenset({"reference", "when", "office", "phone"})),
    MailKind.OFFICE_CANCELLED: (VISIT | {"cause"}, frozenset({"when", "office", "cause", "link", "phone"})),
    MailKind.MOVE_REQUEST: (VISIT | {"cause", "stopped"}, frozenset({"when", "office", "link", "phone"})),
    MailKind.AS_PLANNED: (STANDING | {"cause"}, frozenset({"when", "office", "phone"})),
    MailKind.REMINDER_3: (STANDING | {VISIT_DAY}, frozenset({"when", "office", "phone"})),
    MailKind.REMINDER_1: (STANDING | {VISIT_DAY}, frozenset({"when", "office", "phone"})),
    MailKind.ACCESS_CODE: (CALL | {"code", "code_until"}, frozenset({"code", "code_until"})),
    MailKind.WAIT_ENTERED: (WAITING, frozenset({"link", "phone"})),
    MailKind.WAIT_OFFER: (
        WAITING | {"when", "minutes", "office", "address", "access", "offer_until"},
        frozenset({"when", "office", "offer_until", "link", "phone"}),
    ),
    MailKind.WAIT_OVER: (WAITING, frozenset({"phone"})),
    # Not where and when: the address may have been a stranger's, or no longer the person's.
    MailKind.CONTACT_CHANGED: (CALL | {"reference"}, frozenset({"reference", "phone"})),
}
# Greylisting lasts minutes, a broken server hours; after two days the news is old.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))


def check_text(*, kind: MailKind, subject: str, body: str) -> None:
    """Raise TextNotValid, with the sentence to show, unless a mail can be written with this text."""
    plain = subject.replace(f"{{{VISIT_DAY}}}", "") if kind in REMINDERS else subject
    if "\n" in plain or "\r" in plain or "{" in plain or "}" in plain:
        besides = f"{{{VISIT_DAY}}} のほかに " if kind in REMINDERS else ""
        raise TextNotValid(f"件名は1行で、{besides}{{ }} を使わずに書いてください。", field="subject")
    for word in TELLING:
        if word in subject:
            raise TextNotValid(
                f"件名に「{word}」は書けません。用件が分からない件名にしてください。", field="subject"
            )
    allowed, needed = PLACEHOLDERS[kind]
    used = set(PLACEHOLDER.findall(body))
    if (single := sorted(used & SINGLE_DEADLINES)) and "deadlines" in allowed:
        raise TextNotValid(
            f"「{{{single[0]}}}」は書けません。メールが出るときには、締切を過ぎていることがあります。"
            "{deadlines} と書いてください。",
            field="body",
        )
    if unknown := sorted(used - allowed):
        raise TextNotValid(f"「{{{unknown[0]}}}」は、このメールでは使えません。", field="body")
    if missing := sorted(needed - used):
        raise TextNotValid(f"本文に「{{{missing[0]}}}」を入れてください。", field="body")
    if "{" in (rest := PLACEHOLDER.sub("", body)) or "}" in rest:
        raise TextNotValid("本文の { } の中は、決められた言葉だけにしてください。", field="body")
    if kind in REMINDERS:
        _refuse_fixed_days(subject=subject, body=body)


def _refuse_fixed_days(**texts: str) -> None:
    for field, text in texts.items():
        for word in FIXED_DAYS:
            if word in text.lower():
                raise TextNotValid(
                    f"「{word}」は書けません。メールが出る日は変わることがあります。"
                    f"来られる日は {{{VISIT_DAY}}} と書いてください。",
                    field=field,
                )


def same_subject(kind_name: str) -> TextNotValid:
    """Return the refusal of a subject that another kind of mail uses: mailboxes would group them."""
    return TextNotValid(
        f"「{kind_name}」のメールと同じ件名です。受け取った方が見分けられる件名にしてください。",
        field="subject",
    )


def without_lines(text: str, placeholders: Collection[str]) -> str:
    """Return a text without the lines that name one of these placeholders."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if not {*PLACEHOLDER.findall(line)} & {*placeholders})


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a subject or body with its placeholders replaced; inserted values are not scanned again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def next_try(*, attempts: int, now: datetime) -> datetime | None:
    """Return when to retry a mail, None after the last try."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None
