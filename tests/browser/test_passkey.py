"""A passkey, from the start code to signing in with nothing but the key."""

import pytest
from playwright.sync_api import expect

from madoguchi.accounts import services
from madoguchi.accounts.kinds import Role
from madoguchi.audit.actor import SYSTEM
from madoguchi.audit.models import AuditEntry

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "なかすの川は 夕方に光る 42"


@pytest.fixture
def key(context, page):
    """A key in the machine that knows its owner, as a fingerprint reader does."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def start(page, code):
    page.goto("/staff/start/")
    page.get_by_label("ログインID").fill("hanako")
    page.get_by_label("開始コード").fill(code)
    page.get_by_label("新しいパスワード※必須").fill(PASSWORD)
    page.get_by_label("新しいパスワード（もう一度）").fill(PASSWORD)
    page.get_by_role("button", name="次へ進む").click()


def test_a_passkey_is_registered_and_then_opens_the_site_alone(page, key, settings, axe):
    settings.TRAINING = False
    opened = services.open_account(
        username="hanako",
        display_name="福岡 花子",
        organisation="事務局",
        roles=[Role.OPERATOR, Role.SECRETARIAT],
        actor=SYSTEM,
    )
    start(page, opened.start_code)
    expect(page.get_by_role("heading", name="サインインの方法")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="キーを登録する").click()
    page.get_by_label("キーの名前").fill("事務局のパソコン")
    axe(page)
    page.get_by_role("button", name="登録する").click()
    expect(page.get_by_role("heading", name="回復コード")).to_be_visible()
    expect(page.locator(".entrance-codes li")).to_have_count(10)
    axe(page)
    page.get_by_role("link", name="保管したので").click()
    expect(page.get_by_role("heading", name="業務を選んでください")).to_be_visible()
    axe(page)

    page.context.clear_cookies()
    page.goto("/accounts/2fa/?from=here")
    expect(page.get_by_role("heading", name="サインイン", exact=True)).to_be_visible()
    axe(page)
    page.get_by_role("button", name="パスキーでサインイン").click()
    expect(page.get_by_role("heading", name="サインインの方法")).to_be_visible()
    # Back to the page that was asked for; what was typed behind its address was not kept.
    assert page.url.endswith("/accounts/2fa/")
    assert (
        AuditEntry.objects.get(action="accounts.user.signed_in", detail__method="webauthn").actor
        == f"staff:{opened.user_id}"
    )


@pytest.mark.parametrize("width", [320, 1280])
def test_the_ways_in_are_easy_to_use(page, axe, width):
    page.set_viewport_size({"width": width, "height": 800})
    services.open_account(
        username="demo",
        display_name="福岡 花子",
        organisation="事務局",
        roles=[Role.SECRETARIAT],
        actor=SYSTEM,
        is_demo=True,
    )
    for address in ("/accounts/login/", "/staff/start/", "/staff/device/enrol/"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
