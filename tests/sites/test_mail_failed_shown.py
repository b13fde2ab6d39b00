"""Who was promised a mail that could not be delivered hears of it on the page of the booking."""

from datetime import timedelta

import pytest
from support.crowd import sell_out
from support.journeys import BIRTH, CONTACT, DETAILS, forget_all_but_links, text_of, to_booked
from support.waiting_line import DAY, to_line

from madoguchi.audit.actor import SYSTEM
from madoguchi.common import clock
from madoguchi.notifications.errors import AddressRefused, PeerBusy
from madoguchi.notifications.kinds import MailKind
from madoguchi.notifications.models import Mail
from madoguchi.notifications.rules import PLACEHOLDERS
from madoguchi.notifications.services import put_text, record_bounce, settle_mail
from madoguchi.reservations.models import Reservation
from madoguchi.workflows.messages import mail

pytestmark = pytest.mark.usefixtures("city")
SAYS = "メールを送れませんでした"


class Server:
    """Takes every mail, unless it is told what to answer."""

    keeps_text = False
    answer = None

    def send(self, _message, **_facts):
        if self.answer:
            raise self.answer


@pytest.fixture
def server(city):
    for kind, (_allowed, needed) in PLACEHOLDERS.items():
        body = " ".join(f"{{{name}}}" for name in sorted(needed))
        put_text(kind=kind, subject=f"件名 {kind}", body=body, actor=SYSTEM)
    return Server()


@pytest.fixture
def link(client, server):
    link = to_booked(client).url.split("?")[0]
    forget_all_but_links(client)
    return link


def test_a_refused_address_is_said_until_it_is_corrected(client, server, link):
    assert SAYS not in text_of(client.get(link))
    server.answer = AddressRefused
    mail.send_due_mail(through=server)
    page = text_of(client.get(link))
    assert SAYS in page
    assert "h●●●@example.jp" in page.split(SAYS)[1]
    client.post(f"{link}contact/", CONTACT)
    assert SAYS not in text_of(client.get(link))
    # The same at the new address.
    mail.send_due_mail(through=server)
    assert SAYS in text_of(client.get(link))


def test_a_bounce_is_shown_until_a_later_mail_arrives(client, server, link):
    mail.send_due_mail(through=server)
    record_bounce(message_id=Mail.objects.get().message_id)
    assert SAYS in text_of(client.get(link))
    reference = Reservation.objects.get().reference
    found = client.post("/lookup/", {"reference": reference, **BIRTH}).url
    masked = text_of(client.get(found))
    assert SAYS in masked
    assert "お電話ください" in masked.split(SAYS)[1]
    client.post(f"{found}code/")
    with clock.travel(clock.now() + timedelta(minutes=1)):
        mail.send_due_mail(through=server)
    assert SAYS not in text_of(client.get(link))


def test_what_is_tried_again_or_settled_is_no_failure(client, server, link):
    server.answer = PeerBusy
    mail.send_due_mail(through=server)
    assert SAYS not in text_of(client.get(link))
    Mail.objects.update(state="failed")
    assert SAYS in text_of(client.get(link))
    settle_mail(mail_id=Mail.objects.get().pk, actor=SYSTEM)
    assert SAYS not in text_of(client.get(link))


def test_a_failed_mail_is_shown_to_people_on_the_waiting_list_too(client, server):
    sell_out(DAY)
    link = to_line(client)
    server.answer = AddressRefused
    mail.send_due_mail(through=server)
    assert Mail.objects.get(kind=MailKind.WAIT_ENTERED).state == "failed"
    page = text_of(client.get(link))
    assert SAYS in page
    assert DETAILS["email"] not in page
