"""Under /secretariat/: mail, texts and announcements (仕様書 4(3)ア)."""

from django.urls import path

from madoguchi.sites.secretariat.messages.announcements import views as announcements
from madoguchi.sites.secretariat.messages.mail import views as mail

urlpatterns = [
    path("announcements/", announcements.show_list, name="announcements-list"),
    path("announcements/add/", announcements.edit, name="announcements-add"),
    path("announcements/<int:announcement_id>/", announcements.edit, name="announcements-edit"),
    path("announcements/<int:announcement_id>/end/", announcements.end, name="announcements-end"),
    path("texts/", mail.show_texts, name="texts-list"),
    path("mails/", mail.show_outbox, name="mails-list"),
    path("mails/<uuid:mail_id>/resend/", mail.resend, name="mails-resend"),
    path("mails/<uuid:mail_id>/settle/", mail.settle, name="mails-settle"),
    path("mailbox/", mail.show_mailbox, name="mailbox-list"),
    path("mailbox/<uuid:mail_id>/", mail.show_mailbox, name="mailbox-letter"),
    path("calls/", mail.show_calls, name="calls-list"),
    path("calls/paper/", mail.take_calls, name="calls-paper"),
    path("calls/<slug:reference>/", mail.record_reminder, name="calls-record"),
]
