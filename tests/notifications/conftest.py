"""The SMTP server that these tests talk to."""

from support.mail_peer import peer, smtp, smtp_url

__all__ = ["peer", "smtp", "smtp_url"]
