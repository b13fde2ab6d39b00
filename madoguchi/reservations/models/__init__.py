"""Applicants, sessions, reservations and the seats they sit on (仕様書 4(3)ア).

A seat is a row. It is given away by one UPDATE of what is free now (seats.take_seats), and a trigger
refuses to hand a seat from one reservation to another: two barriers that do not know of each other.
"""

from madoguchi.reservations.models.applicant import Applicant
from madoguchi.reservations.models.disruption import DisruptedVisit, Disruption
from madoguchi.reservations.models.reservation import (
    AccessCode,
    ReminderCall,
    Reservation,
    ReservedProcedure,
    Submission,
)
from madoguchi.reservations.models.seat import BookingSession, Seat
from madoguchi.reservations.models.waiting import Wait, WaitingPerson

__all__ = [
    "AccessCode",
    "Applicant",
    "BookingSession",
    "DisruptedVisit",
    "Disruption",
    "ReminderCall",
    "Reservation",
    "ReservedProcedure",
    "Seat",
    "Submission",
    "Wait",
    "WaitingPerson",
]
