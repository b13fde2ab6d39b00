"""Account pages shared by the two sites that administer accounts: secretariat and city (仕様書 4(5)イ, 6).

Each lists, opens and changes the accounts of its own zone only: for those of the other, every page answers
404 (docs/adr/0012).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, Self

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from madoguchi.accounts import services
from madoguchi.accounts.errors import UsernameMalformed, UsernameTaken
from madoguchi.accounts.kinds import Permission, Role
from madoguchi.accounts.lockouts import unlock_account
from madoguchi.accounts.roles import ROLE_NAMES, ROLE_ZONES, Zone
from madoguchi.accounts.selectors import AccountRow, account, accounts, locked_count
from madoguchi.accounts.services import OpenedAccount
from madoguchi.common import clock
from madoguchi.common.era import staff_datetime, staff_day
from madoguchi.common.errors import ContentChanged, Refusal
from madoguchi.web.days import PickedDayField
from madoguchi.web.forms import CheckList, MailAddressField, NameField, TextField, add_refusal
from madoguchi.web.lists import choice_filter, typed_text, unread_choice, unread_in
from madoguchi.web.policies import StaffRequest, open_to
from madoguchi.web.shown import answer_press, carry_seen, seen_in, typed_form


class ZonePersonForm(forms.Form):
    """The name, roles and last day of a member of staff."""

    zone: Zone
    display_name = NameField(label="氏名", max_length=60)
    organisation = TextField(label="所属", max_length=60)
    # Not type="email": the browser would refuse what the reader understands.
    email = MailAddressField(
        label="メールアドレス",
        required=False,
        help_text="サインインには使いません。",
        widget=forms.TextInput({"inputmode": "email"}),
    )
    roles = forms.TypedMultipleChoiceField(label="役割", coerce=Role, widget=CheckList)
    leaves_on = PickedDayField(
        label="利用できる最後の日",
        required=False,
        help_text="この日の翌日から、サインインできなくなります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = role_choices(self.zone)  # type: ignore[attr-defined]


class UsernameField(TextField):
    """The login id of a new account."""

    def __init__(self) -> None:
        super().__init__(
            label="ログインID",
            max_length=32,
            help_text="英小文字で始まる3〜32文字。英小文字・数字と「.」「-」「_」が使えます。",
        )


@dataclass(frozen=True, slots=True)
class AccountSite:
    """One of the sites with account pages: its URL names, frame, permission, zone, and form of a person.

    `open_account` is called with the fields of `new_form` and `actor`, `change_account` with those of `form`,
    `user_id`, `actor` and `seen`. `device_form` asks about a new tablet; `place_names` returns the names of
    places by office code.
    """

    name: str
    frame: str
    permission: Permission
    zone: Zone
    form: type[ZonePersonForm]
    new_form: type[ZonePersonForm]
    open_account: Callable[..., OpenedAccount]
    change_account: Callable[..., None]
    device_form: type[forms.Form]
    place_names: Callable[[], Mapping[str, str]]

    def address(self, page: str, of: str = "accounts") -> str:
        """Return the URL name of a page of the accounts, or of the devices."""
        return f"{self.name}:{of}-{page}"

    def context(self, **facts: Any) -> dict[str, Any]:
        """Return what its templates need to know about the site, and these facts."""
        pages = {page: self.address(page) for page in ("list", "add", "change", *ACTS, "reset")}
        devices = {page: self.address(page, of="devices") for page in ("list", "add", "revoke")}
        return {"frame_template": self.frame, "pages": pages, "device_pages": devices, **facts}

    def view_for(self, show: Callable[..., HttpResponse], **facts: str) -> Callable[..., HttpResponse]:
        """Return a view of this site, open to the holders of its permission."""

        @open_to(self.permission)
        @wraps(show)
        def view(request: StaffRequest, **address: Any) -> HttpResponse:
            return show(request, self, **address, **facts)

        return view


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One person of the list."""

    id: int
    name: str
    username: str
    organisation: str
    roles: str
    tone: str
    state: str
    ways: str
    until: str
    last_login: str
    is_locked: bool
    is_password_locked: bool
    is_active: bool

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        """Put an account into words."""
        tone, state = _state(row)
        ways = [word for has, word in ((row.has_key, "キー"), (row.has_pin, "サインイン番号")) if has]
        return cls(
            id=row.id,
            name=row.display_name,
            username=row.username,
            organisation=row.organisation,
            roles="、".join(ROLE_NAMES[role] for role in row.roles),
            tone=tone,
            state=state,
            ways="・".join(ways) or "なし",
            until=f"{row.leaves_on.year}/{staff_day(row.leaves_on)}" if row.leaves_on else "",
            last_login=staff_datetime(row.last_login) if row.last_login else "",
            is_locked=row.is_locked,
            is_password_locked=row.is_password_locked,
            is_active=row.is_active,
        )


def _state(row: AccountRow) -> tuple[str, str]:
    waits_until = row.start_code_expires_at
    cases = (
        (not row.is_active, "neutral", "停止中"),
        (not row.is_open, "neutral", "期間終了"),
        (row.is_locked, "attention", "番号の入力ミスで停止"),
        (row.is_password_locked, "attention", "パスワードの入力ミスで停止"),
        (waits_until is not None and waits_until > clock.now(), "running", "開始待ち"),
        (waits_until is not None, "attention", "開始コードの期限切れ"),
        (not (row.has_key or row.has_pin or row.is_demo), "attention", "キー未登録"),
        (True, "done", "利用中"),
    )
    return next((tone, word) for applies, tone, word in cases if applies)


def role_choices(zone: Zone) -> list[tuple[str, str]]:
    """Return the roles of a zone, for a form."""
    return [(role.value, name) for role, name in ROLE_NAMES.items() if ROLE_ZONES[role] == zone]


def list_accounts(request: StaffRequest, site: AccountSite) -> HttpResponse:
    """List the accounts of a zone, with a filter for those locked by wrong entries."""
    role = request.GET.get("role", "")
    filters = [
        choice_filter(name="role", label="役割", choices=role_choices(site.zone), query=request.GET, one=True)
    ]
    unread = [*unread_in(request.GET, filters), *filter(None, [unread_choice(request.GET, "locked", ["1"])])]
    rows = (
        []
        if unread
        else accounts(
            zone=site.zone,
            search=typed_text(request.GET, "q"),
            role=Role(role) if role else None,
            locked=request.GET.get("locked") == "1",
        )
    )
    context = site.context(
        accounts=[AccountLine.of(row) for row in rows],
        q=request.GET.get("q", ""),
        is_filtered=bool(request.GET),
        filters=filters,
        unread=unread,
        locked=locked_count(zone=site.zone),
    )
    return render(request, "panels/accounts/list.html", context)


def add_account(request: StaffRequest, site: AccountSite) -> HttpResponse:
    """Open an account without a mail address, and show its start code once."""
    form = site.new_form(request.POST or None)
    if form.is_valid():
        person = dict(form.cleaned_data)
        try:
            opened = site.open_account(username=person.pop("username"), actor=request.actor, **person)
        except Refusal as refusal:
            add_refusal(form, refusal, {UsernameMalformed: "username", UsernameTaken: "username"})
        else:
            return _show_code(request, site, opened.user_id, opened.start_code)
    return render(request, "panels/accounts/add.html", site.context(form=form))


def change_account(request: StaffRequest, site: AccountSite, user_id: int) -> HttpResponse:
    """Change the facts, roles, offices and last day of an account."""
    row = account(user_id, zone=site.zone)
    initial = {
        "display_name": row.display_name,
        "organisation": row.organisation,
        "email": row.email,
        "roles": [role.value for role in row.roles],
        "offices": list(row.offices),
        "leaves_on": row.leaves_on,
    }
    form = typed_form(request, site.form, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            site.change_account(
                user_id=user_id, actor=request.actor, seen=seen_in(request), **form.cleaned_data
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "アカウントを変更しました。")
            return redirect(site.address("change"), user_id)
    context = site.context(form=form, account=AccountLine.of(row), seen=carry_seen(request, row.shown))
    return render(request, "panels/accounts/change.html", context)


ACTS: Mapping[str, tuple[Callable[..., None], str]] = {
    "suspend": (services.suspend_account, "アカウントを停止しました。"),
    "resume": (services.resume_account, "アカウントの利用を再開しました。"),
    "unlock": (unlock_account, "サインインの停止を解除しました。"),
}


@require_POST
def act_on_account(request: StaffRequest, site: AccountSite, user_id: int, name: str) -> HttpResponse:
    """Suspend, resume or unlock an account, and return to its page."""
    account(user_id, zone=site.zone)
    service, said = ACTS[name]
    return answer_press(
        request,
        partial(service, user_id=user_id, actor=request.actor, seen=seen_in(request)),
        done=said,
        page=reverse(site.address("change"), args=[user_id]),
    )


@require_POST
def reset_account(request: StaffRequest, site: AccountSite, user_id: int) -> HttpResponse:
    """Reset the sign-in of an account and show its new start code once."""
    account(user_id, zone=site.zone)
    try:
        code = services.reset_sign_in(user_id=user_id, actor=request.actor, seen=seen_in(request))
    except ContentChanged:
        raise ContentChanged(page=reverse(site.address("change"), args=[user_id])) from None
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect(site.address("change"), user_id)
    return _show_code(request, site, user_id, code)


def _show_code(request: StaffRequest, site: AccountSite, user_id: int, code: str) -> HttpResponse:
    line = AccountLine.of(account(user_id, zone=site.zone))
    return render(request, "panels/accounts/code.html", site.context(account=line, code=code))


def account_urls(site: AccountSite) -> list[URLPattern]:
    """Return the account pages of a site."""
    one = "accounts/<int:user_id>/"
    return [
        path("accounts/", site.view_for(list_accounts), name="accounts-list"),
        path("accounts/add/", site.view_for(add_account), name="accounts-add"),
        path(one, site.view_for(change_account), name="accounts-change"),
        *(
            path(f"{one}{name}/", site.view_for(act_on_account, name=name), name=f"accounts-{name}")
            for name in ACTS
        ),
        path(f"{one}reset/", site.view_for(reset_account), name="accounts-reset"),
    ]
