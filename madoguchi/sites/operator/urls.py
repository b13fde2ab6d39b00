"""Addresses of the call centre; nothing personal stands in them."""

from django.urls import path

from madoguchi.sites.operator.calls import stopped, waiting
from madoguchi.sites.operator.calls import views as calls
from madoguchi.sites.operator.desk import views as desk
from madoguchi.sites.operator.visits import views as visits

app_name = "operator"
urlpatterns = [
    path("", desk.show, name="desk"),
    path("calls/", calls.show_list, name="calls-list"),
    path("calls/print/", calls.print_list, name="calls-print"),
    path("waiting/", waiting.show_list, name="waiting-list"),
    path("waiting/people/", waiting.find, name="waiting-people"),
    path("stopped/", stopped.show_list, name="stopped-list"),
    path("visits/<str:reference>/", visits.show, name="visits-show"),
    path("visits/<str:reference>/booked/", visits.booked, name="visits-booked"),
    path("visits/<str:reference>/move/", visits.move, name="visits-move"),
    path("visits/<str:reference>/procedures/", visits.change_procedures, name="visits-procedures"),
    path("visits/<str:reference>/correct/", visits.correct, name="visits-correct"),
    path("visits/<str:reference>/cancel/", visits.cancel, name="visits-cancel"),
    path("visits/<str:reference>/slip/", visits.slip, name="visits-slip"),
]
