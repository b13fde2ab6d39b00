"""Roles and permissions of staff."""

from enum import StrEnum


class Role(StrEnum):
    """A role of a member of staff; a person may have several."""

    SECRETARIAT = "secretariat"
    OPERATOR = "operator"
    OFFICE = "office"
    CITY = "city"
    WARD = "ward"
    HELPDESK = "helpdesk"
    ADMIN = "admin"
    AUDITOR = "auditor"
    PRIVACY = "privacy"
    CITY_ADMIN = "city_admin"


class Permission(StrEnum):
    """What a page or an action requires: `<site>:<noun>:<verb>`."""

    SECRETARIAT_RESERVATION_READ = "secretariat:reservation:read"
    SECRETARIAT_RESERVATION_WRITE = "secretariat:reservation:write"
    SECRETARIAT_OFFICE_READ = "secretariat:office:read"
    SECRETARIAT_OFFICE_WRITE = "secretariat:office:write"
    SECRETARIAT_RULE_WRITE = "secretariat:rule:write"
    SECRETARIAT_TEXT_WRITE = "secretariat:text:write"
    SECRETARIAT_EXPORT_READ = "secretariat:export:read"
    SECRETARIAT_ACCOUNT_WRITE = "secretariat:account:write"
    SECRETARIAT_RETENTION_READ = "secretariat:retention:read"
    PRIVACY_ERASURE_WRITE = "privacy:erasure:write"
    PRIVACY_DISCLOSURE_WRITE = "privacy:disclosure:write"
    OPERATOR_RESERVATION_READ = "operator:reservation:read"
    OPERATOR_RESERVATION_WRITE = "operator:reservation:write"
    OFFICE_RESERVATION_READ = "office:reservation:read"
    CITY_PROPOSAL_APPROVE = "city:draft:approve"
    CITY_AUDIT_READ = "city:audit:read"
    CITY_ACCOUNT_WRITE = "city:account:write"
    INSPECTION_RESERVATION_READ = "inspection:reservation:read"
    INSPECTION_OFFICE_READ = "inspection:office:read"
    INSPECTION_TEXT_READ = "inspection:text:read"
    INSPECTION_ACCOUNT_READ = "inspection:account:read"
    INSPECTION_EVIDENCE_READ = "inspection:evidence:read"
