"""Under /secretariat/: one folder of this package for each group of addresses."""

from django.urls import include, path

from madoguchi.sites.secretariat.announcements import views as announcements
from madoguchi.sites.secretariat.disruptions import views as disruptions
from madoguchi.sites.secretariat.drafts import views as drafts
from madoguchi.sites.secretariat.exports import views as exports
from madoguchi.sites.secretariat.home import views as home
from madoguchi.sites.secretariat.mail import views as mail
from madoguchi.sites.secretariat.offices import views as offices
from madoguchi.sites.secretariat.pauses import views as pauses
from madoguchi.sites.secretariat.reservations import bookings
from madoguchi.sites.secretariat.reservations import views as reservations
from madoguchi.sites.secretariat.retention import personal
from madoguchi.sites.secretariat.retention import views as retention
from madoguchi.sites.secretariat.rules import views as rules
from madoguchi.sites.secretariat.status import views as status

app_name = "secretariat"
urlpatterns = [
    path("", home.show, name="home"),
    path("reservations/", reservations.show_list, name="reservations-list"),
    path("reservations/export/", reservations.export, name="reservations-export"),
    path("reservations/add/", bookings.choose_time, name="reservations-add"),
    path("reservations/add/details/", bookings.register, name="reservations-details"),
    path("reservations/<slug:reference>/move/", bookings.move, name="reservations-move"),
    path("reservations/<slug:reference>/correct/", bookings.correct, name="reservations-correct"),
    path("reservations/<slug:reference>/cancel/", bookings.cancel, name="reservations-cancel"),
    path("reservations/<slug:reference>/history/", reservations.show_history, name="reservations-history"),
    path("reservations/<slug:reference>/slip/", reservations.take_slip, name="reservations-slip"),
    path("exports/", exports.show_list, name="exports-list"),
    path("exports/<uuid:export_id>/take/", exports.take, name="exports-take"),
    path("exports/<uuid:export_id>/remove/", exports.remove, name="exports-remove"),
    path("checks/", reservations.show_checks, name="checks-list"),
    path("checks/<slug:reference>/", reservations.check, name="checks-check"),
    path("matrix/", offices.show_matrix, name="matrix"),
    path("offices/", offices.show_list, name="offices-list"),
    path("offices/<slug:code>/", offices.show_month, name="offices-month"),
    path("offices/<slug:code>/days/save/", offices.save_day, name="offices-save-day"),
    path("offices/<slug:code>/days/<day:day>/", offices.show_day, name="offices-day"),
    path("offices/<slug:code>/days/<day:day>/reset/", offices.reset_day, name="offices-reset-day"),
    path("offices/<slug:code>/hours/", offices.edit_hours, name="offices-hours"),
    path("offices/<slug:code>/closures/", offices.edit_closures, name="offices-closures"),
    path(
        "offices/<slug:code>/closures/<int:closure_id>/withdraw/",
        offices.withdraw_closure,
        name="offices-withdraw-closure",
    ),
    path("offices/<slug:code>/presets/", offices.edit_presets, name="offices-presets"),
    path("offices/<slug:code>/rules/", rules.show_rules, name="offices-rules"),
    path("offices/<slug:code>/history/", rules.show_history, name="offices-history"),
    path("rules/", rules.show_rules, name="rules-show"),
    path("drafts/", drafts.show_list, name="drafts-list"),
    path("drafts/new/<slug:kind>/", drafts.add, name="drafts-add"),
    path("drafts/new/<slug:kind>/<str:scope>/", drafts.add, name="drafts-add"),
    path("drafts/<int:draft_id>/", drafts.show, name="drafts-show"),
    path("drafts/<int:draft_id>/edit/", drafts.edit, name="drafts-edit"),
    path("drafts/<int:draft_id>/send/", drafts.send, name="drafts-send"),
    path("drafts/<int:draft_id>/withdraw/", drafts.withdraw, name="drafts-withdraw"),
    path("simulator/", drafts.simulate, name="simulator-show"),
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
    path("disruptions/", disruptions.show_list, name="disruptions-list"),
    path("disruptions/<int:disruption_id>/", disruptions.show, name="disruptions-show"),
    path("disruptions/<int:disruption_id>/mail/", disruptions.mail, name="disruptions-mail"),
    path("disruptions/<int:disruption_id>/calls/", disruptions.take_calls, name="disruptions-calls"),
    path("disruptions/<int:disruption_id>/<int:visit_id>/tell/", disruptions.tell, name="disruptions-tell"),
    path("disruptions/<int:disruption_id>/<int:visit_id>/keep/", disruptions.keep, name="disruptions-keep"),
    path("retention/", retention.show, name="retention"),
    path(
        "retention/<uuid:erasure_id>/certificate/", retention.take_certificate, name="retention-certificate"
    ),
    # Under personal/: only for the few who erase and disclose.
    path("personal/", personal.find, name="personal"),
    path("personal/erasures/add/", retention.order, name="personal-order"),
    path("personal/<uuid:record_id>/", personal.show, name="personal-show"),
    path("personal/<uuid:record_id>/disclose/", personal.disclose, name="personal-disclose"),
    path("personal/<uuid:record_id>/erase/", personal.erase, name="personal-erase"),
    path("personal/<uuid:record_id>/preserve/", personal.preserve, name="personal-preserve"),
    path("personal/<uuid:record_id>/release/", personal.release, name="personal-release"),
    path("pauses/", pauses.begin, name="pauses-list"),
    path("pauses/<int:pause_id>/", pauses.show, name="pauses-show"),
    path("pauses/<int:pause_id>/extend/", pauses.extend, name="pauses-extend"),
    path("pauses/<int:pause_id>/lift/", pauses.lift, name="pauses-lift"),
    path("status/", status.show, name="status"),
    path("", include("madoguchi.sites.secretariat.accounts.urls")),
]
