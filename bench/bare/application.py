"""What Django costs alone: the same seat UPDATE and one insert, JSON in and out, no middleware.

Beside it the page that every appointment site has: the day of an office from one query, in a template.
"""

import json
import os
import uuid
from datetime import datetime  # noqa: TC003 - one small file, run as it is

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from psycopg.conninfo import conninfo_to_dict

parts = conninfo_to_dict(os.environ["DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    USE_TZ=True,
    TIME_ZONE="Asia/Tokyo",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts["dbname"],
            "USER": parts["user"],
            "HOST": parts["host"],
            "CONN_MAX_AGE": None,
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "day.html": """<!doctype html>
<html lang="ja"><meta charset="utf-8"><title>空き時間</title>
<h1>空き時間</h1>
<table>{% for time in times %}
<tr><td>{{ time.starts_at|date:"n月j日（D）" }}</td><td>{{ time.starts_at|date:"H:i" }}</td>
<td>{% if time.free %}残り{{ time.free }}<a href="/book/{{ time.id }}">予約</a>
{% else %}満席{% endif %}</td></tr>
{% endfor %}</table></html>"""
                        },
                    )
                ]
            },
        }
    ],
)
application = get_wsgi_application()

from django.db import connection, transaction  # noqa: E402 - needs the settings
from django.shortcuts import render  # noqa: E402

from bench.bare import eight  # noqa: E402

TAKE = """
    UPDATE seat AS mine SET reservation_id = %(reservation)s
      FROM (SELECT slot_id, seat_no FROM seat WHERE slot_id = %(slot)s AND reservation_id IS NULL
             ORDER BY seat_no LIMIT 1 FOR UPDATE SKIP LOCKED) AS free
     WHERE mine.slot_id = free.slot_id AND mine.seat_no = free.seat_no"""
TIMES = """
    SELECT slot.id, slot.starts_at, count(*) FILTER (WHERE seat.reservation_id IS NULL)
      FROM slot JOIN seat ON seat.slot_id = slot.id WHERE slot.office = %s
       AND slot.starts_at >= '2026-12-01 09:00+09' AND slot.starts_at < '2026-12-01 19:00+09'
     GROUP BY slot.id ORDER BY slot.starts_at"""


def book(request: HttpRequest) -> HttpResponse:
    """Take a seat and write one row."""
    asked = json.loads(request.body)
    reservation = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, {"reservation": reservation, "slot": asked["slot"]})
        if not cursor.rowcount:
            return JsonResponse({"code": "slot_full"}, status=409)
        cursor.execute(
            "INSERT INTO reservation (id, slot_id, name, phone, created_at) VALUES (%s, %s, %s, %s, now())",
            [reservation, asked["slot"], asked["name"], asked["phone"]],
        )
    return JsonResponse({"reference": str(reservation)}, status=201)


def show_day(request: HttpRequest, office: str) -> HttpResponse:
    """Show the free times of an office."""
    with connection.cursor() as cursor:
        cursor.execute(TIMES, [office])
        rows: list[tuple[int, datetime, int]] = cursor.fetchall()
    times = [{"id": slot, "starts_at": starts_at, "free": free} for slot, starts_at, free in rows]
    return render(request, "day.html", {"times": times})


urlpatterns = [path("book", book), path("book-eight", eight.book), path("day/<str:office>", show_day)]
