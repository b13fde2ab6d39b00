"""Where a request comes from: behind our proxies, and on the line of staff (仕様書 4(8)ア, 4(5)イ(ア))."""

from ipaddress import ip_address

import structlog
from django.conf import settings
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


def client_address(request: HttpRequest) -> str:
    """Return the address of the client as our outermost proxy saw it, or "" when nobody knows.

    Only the entries our own proxies added to X-Forwarded-For count (TRUSTED_PROXIES); the rest is written
    by the client.
    """
    named = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [hop for each in named if (hop := each.strip())]
    if 0 < settings.TRUSTED_PROXIES <= len(hops):
        return hops[-settings.TRUSTED_PROXIES]
    return str(request.META.get("REMOTE_ADDR") or "")


def is_protected(request: HttpRequest) -> bool:
    """Tell whether a request came over the protected line: an allowed address, and a client certificate.

    Each is asked for only where it is set up: STAFF_NETWORKS, CLIENT_CERT_HEADER (仕様書 4(8)ア).
    """
    header = settings.CLIENT_CERT_HEADER
    if header and request.headers.get(header) != "SUCCESS":
        return False
    if not settings.STAFF_NETWORKS:
        return True
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return False
    return any(address in network for network in settings.STAFF_NETWORKS)


class RequestLog(RequestMiddleware):
    """One line of log for each request, with the address that limits count by and the route it took."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return method and route; what stands in the address is typed: references, names, secret links."""
        match = request.resolver_match
        return f"{request.method} {f'/{match.route}' if match else '(no page)'}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Put the address on every line of this request."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))
