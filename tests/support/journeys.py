"""The way of a citizen through the booking, page by page, as a browser without scripts sends it."""

from django.http import HttpResponse
from support.city import slot_at

from madoguchi.sites.citizen.booking.access import remember_link

PROCEDURES = {"people": "1", "procedures": ["CERT_RENEW"], "who": "self"}
DETAILS = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date_era": "昭和",
    "birth_date_year": "25",
    "birth_date_month": "4",
    "birth_date_day": "1",
    "postal_code": "814-0006",
    "address": "星見市西区見本町",
    "address_rest": "2丁目1番1号",
    "phone": "090-0000-5678",
    "email": "hanako@example.jp",
    "contact_by": "PHONE",
}
BIRTH = {name: text for name, text in DETAILS.items() if name.startswith("birth_date")}


def text_of(response):
    """Return the page as a person reads it: without the marks at which a line may break."""
    html = response.content.decode().replace("\u200b", "")
    return html.replace('<span class="nowrap">', "").replace("</span>", "")


def expiry(card, certificate):
    """Return what is typed for the two dates of expiry."""
    parts = {}
    for name, day in (("card_expires_on", card), ("cert_expires_on", certificate)):
        parts |= dict(
            zip([f"{name}_{part}" for part in ("year", "month", "day")], day.split("-"), strict=True)
        )
    return parts


def to_details(client, **changes):
    """Choose procedures, office and time; the seats are held now."""
    client.post("/reserve/", {**PROCEDURES, **changes})
    return client.post("/reserve/HM01/", {"slot": slot_at(15, 10, 30)})


def to_confirm(client, **changes):
    """Go on to the confirmation."""
    to_details(client)
    return client.post("/reserve/details/", {**DETAILS, **changes})


def to_booked(client, **changes):
    """Book, and return the answer to the last press: the way to the secret link."""
    to_confirm(client, **changes)
    return client.post("/reserve/confirm/", {"consent": "on"})


def opens(client, token: str) -> str:
    """Have a browser that opened a secret link before, and return the link."""
    client.cookies.update(remember_link(HttpResponse(), token).cookies)
    return f"/r/{token}/"


def forget_all_but_links(client) -> None:
    """Leave a browser that knows its secret links and nothing else."""
    for name in [name for name in client.cookies if not name.startswith("link-")]:
        del client.cookies[name]


CONTACT = {"phone": "092-000-0142", "email": "new@example.jp", "contact_by": "MAIL", "needs": ["WRITING"]}
