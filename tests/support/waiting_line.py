"""The way of a resident onto the waiting list, up to the check and the press."""

from datetime import date

from support.journeys import DETAILS, PROCEDURES

DAY = date(2026, 12, 15)


WISH = {"offices": ["HM01"], "first_day": DAY.isoformat(), "last_day": DAY.isoformat(), "times": "any"}


def to_check(client, **details):
    client.post("/reserve/", PROCEDURES)
    assert client.post("/reserve/wait/", WISH).url == "/reserve/details/"
    answer = client.post("/reserve/details/", {**DETAILS, **details})
    assert answer.url == "/reserve/wait/check/"
    return client.get(answer.url)


def to_line(client, **details):
    to_check(client, **details)
    return client.post("/reserve/wait/check/", {"consent": "on"}).url.partition("?")[0]
