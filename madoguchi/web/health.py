"""For machines: alive, ready, and figures worth an alarm."""

from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView

from madoguchi.backups.selectors import latest_runs
from madoguchi.common import clock
from madoguchi.web.network import client_address
from madoguchi.web.policies import open_to_everyone


@open_to_everyone
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer that this process serves; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@open_to_everyone
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether this process can book: its database answers and holds a program."""
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
    """Give the figures to the monitoring of the house, and nothing to anybody else."""
    address = ip_address(client_address(request) or "0.0.0.0")  # noqa: S104 - an address of nobody
    if not any(address in network for network in settings.METRICS_NETWORKS):
        raise Http404
    response: HttpResponse = ExportToDjangoView(request)
    response.write(_backup_figures())
    return response


def _backup_figures() -> str:
    """Return the age and size of the last good backup; nothing before the first one."""
    last = latest_runs().backup
    if last is None:
        return ""
    age = (clock.now() - last.ended_at).total_seconds()
    return (
        f"# TYPE madoguchi_backup_age_seconds gauge\nmadoguchi_backup_age_seconds {age:.0f}\n"
        f"# TYPE madoguchi_backup_bytes gauge\nmadoguchi_backup_bytes {last.bytes}\n"
    )
