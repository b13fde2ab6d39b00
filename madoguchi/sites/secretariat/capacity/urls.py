"""Under /secretariat/: hours, seats, closures, stops of service and the people affected (仕様書 4(3)ア)."""

from django.urls import path

from madoguchi.sites.secretariat.capacity.disruptions import views as disruptions
from madoguchi.sites.secretariat.capacity.offices import changes, history
from madoguchi.sites.secretariat.capacity.offices import views as offices
from madoguchi.sites.secretariat.capacity.pauses import views as pauses

urlpatterns = [
    path("matrix/", offices.show_matrix, name="matrix"),
    path("offices/", offices.show_list, name="offices-list"),
    path("offices/<slug:code>/", offices.show_month, name="offices-month"),
    path("offices/<slug:code>/days/save/", changes.save_day, name="offices-save-day"),
    path("offices/<slug:code>/days/<day:day>/", offices.show_day, name="offices-day"),
    path("offices/<slug:code>/days/<day:day>/reset/", changes.reset_day, name="offices-reset-day"),
    path("offices/<slug:code>/hours/", changes.edit_hours, name="offices-hours"),
    path("offices/<slug:code>/closures/", changes.edit_closures, name="offices-closures"),
    path(
        "offices/<slug:code>/closures/<int:closure_id>/withdraw/",
        changes.withdraw_closure,
        name="offices-withdraw-closure",
    ),
    path("offices/<slug:code>/history/", history.show_history, name="offices-history"),
    path("offices/<slug:code>/presets/", changes.edit_presets, name="offices-presets"),
    path("disruptions/", disruptions.show_list, name="disruptions-list"),
    path("disruptions/<int:disruption_id>/", disruptions.show, name="disruptions-show"),
    path("disruptions/<int:disruption_id>/mail/", disruptions.mail, name="disruptions-mail"),
    path("disruptions/<int:disruption_id>/calls/", disruptions.take_calls, name="disruptions-calls"),
    path("disruptions/<int:disruption_id>/<int:visit_id>/tell/", disruptions.tell, name="disruptions-tell"),
    path("disruptions/<int:disruption_id>/<int:visit_id>/keep/", disruptions.keep, name="disruptions-keep"),
    path("pauses/", pauses.begin, name="pauses-list"),
    path("pauses/<int:pause_id>/", pauses.show, name="pauses-show"),
    path("pauses/<int:pause_id>/extend/", pauses.extend, name="pauses-extend"),
    path("pauses/<int:pause_id>/lift/", pauses.lift, name="pauses-lift"),
]
