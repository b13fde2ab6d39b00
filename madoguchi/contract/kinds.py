"""Kinds of the contract: procedures, calendars, kinds and states of proposals."""

from enum import StrEnum


class ProcedureCode(StrEnum):
    """The procedures that national law knows and this software has forms for (仕様書 4(1)ア)."""

    CERT_RENEW = "CERT_RENEW"
    CERT_ISSUE = "CERT_ISSUE"
    PIN_RESET = "PIN_RESET"
    PIN_CHANGE = "PIN_CHANGE"
    FACE_CHANGE = "FACE_CHANGE"


class CalendarCode(StrEnum):
    """The business calendars, each with its own owner."""

    CITY = "CITY"
    OFFICE = "OFFICE"
    CALL_CENTRE = "CALL_CENTRE"
    VENUE = "VENUE"


class ProposalKind(StrEnum):
    """The kind of content that a proposal changes."""

    RULES = "rules"
    MAIL = "mail"
    TEXT = "text"
    ANNOUNCEMENT = "announcement"
    WAVE = "wave"
    OFFICE = "office"
    BELONGING = "belonging"
    PROCEDURE = "procedure"


class ProposalState(StrEnum):
    """The state of a proposal; only what the city approved takes effect."""

    WRITTEN = "written"
    SENT = "sent"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
