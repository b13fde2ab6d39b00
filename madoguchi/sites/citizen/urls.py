"""Addresses of the citizen site, at the root. Nothing personal stands in them but the secret of a link."""

from django.urls import path

from madoguchi.sites.citizen.booking import procedures as visit_procedures
from madoguchi.sites.citizen.booking import views as booking
from madoguchi.sites.citizen.embed import views as embed
from madoguchi.sites.citizen.guide import views as guide
from madoguchi.sites.citizen.reserve import flow, work
from madoguchi.sites.citizen.reserve.views import confirm, details, office, procedures, times
from madoguchi.sites.citizen.waiting import views as waiting

app_name = "citizen"
urlpatterns = [
    path("", guide.show_top, name="guide-top"),
    path("wizard/", guide.ask, name="guide-wizard"),
    path("faq/", guide.show_questions, name="guide-faq"),
    path("offices/", guide.show_offices, name="guide-offices"),
    path("wards/", guide.show_wards, name="guide-wards"),
    path("how-to/", guide.show_how_to, name="guide-how-to"),
    path("privacy/", guide.show_text, {"name": "privacy"}, name="guide-privacy"),
    path("accessibility/", guide.show_accessibility, name="guide-accessibility"),
    path("embed/times/", embed.show_times, name="embed-times"),
    path("reserve/", procedures.choose_procedures, name="reserve-procedures"),
    path("reserve/ward/<str:name>/", procedures.show_ward, name="reserve-ward"),
    path("reserve/office/", office.choose_office, name="reserve-office"),
    path("reserve/details/", details.enter_details, name="reserve-details"),
    path("reserve/work/", work.show_task, name="reserve-work"),
    path("reserve/extend/", details.extend, name="reserve-extend"),
    path("reserve/confirm/", confirm.confirm, name="reserve-confirm"),
    path("reserve/expired/", flow.show_expired, name="reserve-expired"),
    path("reserve/leave-out/", details.leave_out, name="reserve-leave-out"),
    path("reserve/done/", booking.show_done, name="reserve-done"),
    path("reserve/wait/", waiting.choose_wish, name="reserve-wait"),
    path("reserve/wait/check/", waiting.check, name="reserve-wait-check"),
    path("reserve/<str:office>/", times.choose_time, name="reserve-times"),
    path("lookup/", booking.look_up, name="booking-lookup"),
    path("booking/<slug:key>/", booking.show, name="booking-show"),
    path("booking/<slug:key>/change/", booking.change, name="booking-change"),
    path("booking/<slug:key>/procedures/", visit_procedures.change_procedures, name="booking-procedures"),
    path("booking/<slug:key>/contact/", booking.correct_contact, name="booking-contact"),
    path("booking/<slug:key>/cancel/", booking.cancel, name="booking-cancel"),
    path("booking/<slug:key>/place/", booking.show_place, name="booking-place"),
    path("booking/<slug:key>/code/", booking.send_code, name="booking-code"),
    path("booking/<slug:key>/code/use/", booking.use_code, name="booking-code-use"),
    path("w/<str:token>/", waiting.show, name="wait-show"),
    path("w/<str:token>/accept/", waiting.accept, name="wait-accept"),
    path("w/<str:token>/pass/", waiting.pass_offer, name="wait-pass"),
    path("w/<str:token>/slip/", waiting.show_slip, name="wait-slip"),
    path("w/<str:token>/leave/", waiting.leave, name="wait-leave"),
    path("r/<str:token>/", booking.show, name="link-show"),
    path("r/<str:token>/confirm/", booking.confirm_person, name="link-confirm"),
    path("r/<str:token>/slip/", booking.show_slip, name="link-slip"),
    path("r/<str:token>/calendar.ics", booking.show_calendar_file, name="link-calendar"),
    path("r/<str:token>/change/", booking.change, name="link-change"),
    path("r/<str:token>/procedures/", visit_procedures.change_procedures, name="link-procedures"),
    path("r/<str:token>/contact/", booking.correct_contact, name="link-contact"),
    path("r/<str:token>/cancel/", booking.cancel, name="link-cancel"),
    path("r/<str:token>/add/", booking.add_person, name="link-add"),
]
