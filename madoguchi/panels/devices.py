"""Pages of shared tablets: the secretariat's for those of offices, the city's for its own (仕様書 4(5)イ).

Each site lists only the tablets of its own zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from madoguchi.accounts import tablets
from madoguchi.accounts.rules import show_code
from madoguchi.accounts.selectors import DeviceRow, device, devices
from madoguchi.common import clock
from madoguchi.common.era import staff_datetime
from madoguchi.panels.accounts import AccountSite
from madoguchi.web.forms import TextField
from madoguchi.web.policies import StaffRequest


class DeviceForm(forms.Form):
    """The name of a shared tablet."""

    label = TextField(
        label="端末の名前", max_length=40, help_text="機器管理シールの番号など、見分けられる名前。"
    )


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One tablet of the list."""

    id: str
    label: str
    place: str
    tone: str
    state: str
    since: str
    is_in_use: bool

    @classmethod
    def of(cls, row: DeviceRow, names: Mapping[str, str]) -> Self:
        """Put a device into words."""
        if row.revoked_at is not None:
            tone, state, since = "neutral", "登録を外した", row.revoked_at
        elif row.enrolled_at is not None:
            tone, state, since = "done", "利用中", row.enrolled_at
        elif row.code_expires_at is not None and row.code_expires_at > clock.now():
            tone, state, since = "running", "コードの入力待ち", row.registered_at
        else:
            tone, state, since = "attention", "コードの期限切れ", row.registered_at
        return cls(
            id=str(row.id),
            label=row.label,
            place=names.get(row.office_code, row.office_code),
            tone=tone,
            state=state,
            since=staff_datetime(since),
            is_in_use=row.revoked_at is None,
        )


def list_devices(request: StaffRequest, site: AccountSite) -> HttpResponse:
    """List the shared tablets of the site's zone."""
    names = site.place_names()
    lines = [DeviceLine.of(row, names) for row in devices(zone=site.zone)]
    return render(request, "panels/devices/list.html", site.context(devices=lines))


def add_device(request: StaffRequest, site: AccountSite) -> HttpResponse:
    """Register a tablet and show, once, the code to type on it."""
    form = site.device_form(request.POST or None)
    if form.is_valid():
        code = tablets.register_device(**form.cleaned_data, zone=site.zone, actor=request.actor)
        context = site.context(label=form.cleaned_data["label"], code=show_code(code))
        return render(request, "panels/devices/code.html", context)
    return render(request, "panels/devices/add.html", site.context(form=form))


@require_POST
def revoke_device(request: StaffRequest, site: AccountSite, device_id: UUID) -> HttpResponse:
    """Revoke a lost or returned tablet. Raises NotVisible for one of the other zone."""
    device(device_id, zone=site.zone)
    tablets.revoke_device(device_id=device_id, actor=request.actor)
    messages.success(request, "端末の登録を外しました。")
    return redirect(site.address("list", of="devices"))


def device_urls(site: AccountSite) -> list[URLPattern]:
    """Return the pages of a site about shared tablets."""
    return [
        path("devices/", site.view_for(list_devices), name="devices-list"),
        path("devices/add/", site.view_for(add_device), name="devices-add"),
        path("devices/<uuid:device_id>/revoke/", site.view_for(revoke_device), name="devices-revoke"),
    ]
