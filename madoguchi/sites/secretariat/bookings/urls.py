"""Under /secretariat/: search, registration and the check of what was typed (仕様書 4(3)ア, 4(6)ア)."""

from django.urls import path

from madoguchi.sites.secretariat.bookings import changes as bookings
from madoguchi.sites.secretariat.bookings import views as reservations
from madoguchi.sites.secretariat.bookings import waiting

urlpatterns = [
    path("reservations/", reservations.show_list, name="reservations-list"),
    path("reservations/export/", reservations.export, name="reservations-export"),
    path("reservations/add/", bookings.choose_time, name="reservations-add"),
    path("reservations/add/details/", bookings.register, name="reservations-details"),
    path("reservations/<slug:reference>/move/", bookings.move, name="reservations-move"),
    path(
        "reservations/<slug:reference>/procedures/",
        bookings.change_procedures,
        name="reservations-procedures",
    ),
    path("reservations/<slug:reference>/correct/", bookings.correct, name="reservations-correct"),
    path("reservations/<slug:reference>/cancel/", bookings.cancel, name="reservations-cancel"),
    path("reservations/<slug:reference>/history/", reservations.show_history, name="reservations-history"),
    path("reservations/<slug:reference>/slip/", reservations.take_slip, name="reservations-slip"),
    path("reservations/<slug:reference>/letter/", reservations.take_letter, name="reservations-letter"),
    path("waiting/", waiting.find, name="waiting-people"),
    path("checks/", reservations.show_checks, name="checks-list"),
    path("checks/<slug:reference>/", reservations.check, name="checks-check"),
    path("checks/<slug:reference>/undo/", reservations.uncheck, name="checks-undo"),
]
