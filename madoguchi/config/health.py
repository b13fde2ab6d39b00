"""Endpoints for monitoring: liveness, readiness, metrics."""

from ipaddress import ip_address
from math import isinf

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView

from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone
from madoguchi.workflows.operations.status import gauges, system_status


@open_to_everyone
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_everyone
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether this process is ready: its database answers and holds a program."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM contract_program)")
            has_program = cursor.fetchone()[0]
    except DatabaseError:
        return JsonResponse({"ready": False, "why": "database"}, status=503)
    if not has_program:
        return JsonResponse({"ready": False, "why": "no program pack"}, status=503)
    return JsonResponse({"ready": True})


@open_to_everyone
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to METRICS_NETWORKS only."""
    address = ip_address(client_address(request) or "0.0.0.0")  # noqa: S104 - an address of nobody
    if not any(address in network for network in settings.METRICS_NETWORKS):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    for gauge in gauges(system_status()):
        number = "+Inf" if isinf(gauge.value) else f"{gauge.value:.0f}"
        response.write(
            f"# HELP {gauge.name} {gauge.meaning}\n# TYPE {gauge.name} gauge\n{gauge.name} {number}\n"
        )
    return response
