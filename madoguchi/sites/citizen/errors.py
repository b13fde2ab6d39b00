"""Pages for what went wrong, in the frame when it can be read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page after a fault of ours; with the telephone number if the database still answers."""
    try:
        return render(request, "500.html", status=500)
    except Exception:  # noqa: BLE001 - whatever is broken, this page must come
        return HttpResponse(render_to_string("500.html"), status=500)
