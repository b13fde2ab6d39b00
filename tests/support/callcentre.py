"""What tests of the call centre share: the city's texts, and a browser without scripts at the call screen."""

from html.parser import HTMLParser

from madoguchi.contract.rows import GuidanceRow, PostalAreaRow
from madoguchi.contract.services import put_rows

TEXTS = {
    "script.opening": "「お電話ありがとうございます。」\n・番号は聞き取らない。",
    "script.procedure": "「カードの表をご覧いただけますか。」",
    "script.place": "「郵便番号をお聞かせください。」",
    "script.person": "「お名前をお願いします。」",
    "script.confirm": "「控えをお書きください。」",
    "script.verify": "フリガナと生年月日を確かめる。",
    "script.reminder_call": (
        "「{name}様でしょうか。」\n・ほかの方には言わない。\n「{when}に、{office}のご予約をいただいております。」"
    ),
    "script.disruption_call": "「{when}は、{office}で手続きができません。申し訳ございません。」",
    "script.waiting_offer": "「{name}様でしょうか。」\n「{when}、{office}に空きが出ました。」",
    "script.third_party": "「ご本人以外の方には、お答えしておりません。」",
    "ward.AGENT_VISIT": "代理の方の手続きは区役所で。",
    "ward.CARD_EXPIRED_OR_DUE": "カードの作り直しは区役所で。",
    "ward.UNDER_15": "15歳未満の方は区役所で。",
    "ward.WARD_GUIDANCE": "区役所で受け付けています。",
    "faq.fee": "かかりません。",
}
PERSON = {
    "name": "福岡　花子",
    "name_kana": "フクオカ　ハナコ",
    "birth_date": "S25.4.1",
    "phone": "090-0000-5678",
    "postal_code": "999-0002",
    "address": "星見市西区見本町2丁目1番1号",
    "email": "hanako@example.jp",
    "contact_by": "PHONE",
}


def put_texts():
    """Write the scripts and answers, and one postal code near the second office."""
    put_rows(
        kind=GuidanceRow,
        rows=[
            GuidanceRow(name=name, language="ja", title=f"題 {name}", body=body, position=place)
            for place, (name, body) in enumerate(TEXTS.items())
        ],
    )
    put_rows(
        kind=PostalAreaRow,
        rows=[
            PostalAreaRow(
                postal_code="9990002",
                ward="992038",
                town="見本町",
                branch=None,
                latitude=33.51,
                longitude=130.4,
            )
        ],
    )


class _Form(HTMLParser):
    """The fields of one form as a browser would send them."""

    def __init__(self, form_id):
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.fields = []
        self.select = None

    def handle_starttag(self, tag, attributes):
        had = dict(attributes)
        if tag == "form":
            self.inside = had.get("id") == self.form_id
        mine = had.get("form") == self.form_id or (self.inside and "form" not in had)
        if tag == "option":
            if self.select and (self.select[1] is None or "selected" in had):
                self.select[1] = had.get("value", "")
        elif mine and tag == "select":
            self.select = [had["name"], None]
        elif mine and tag == "input" and "name" in had:
            kind = had.get("type", "text")
            if kind not in {"checkbox", "radio"} or "checked" in had:
                self.fields.append((had["name"], had.get("value", "on" if kind == "checkbox" else "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            self.fields.append((self.select[0], self.select[1] or ""))
            self.select = None


class CallScreen:
    """An operator at the call screen: what is typed stays in the form, and each press sends all of it."""

    def __init__(self, client):
        self.client = client
        self.answer = client.get("/operator/")

    @property
    def html(self):
        return self.answer.content.decode()

    @property
    def fields(self):
        parser = _Form("call")
        parser.feed(self.html)
        found = {}
        for name, value in parser.fields:
            found.setdefault(name, []).append(value)
        return found

    def press(self, do="enter", **typed):
        """Send the form as it stands, with what is typed now."""
        self.answer = self.client.post("/operator/", {**self.fields, **typed, "do": do})
        return self

    def to_place(self, **typed):
        return self.press(procedures=["CERT_RENEW"], **typed)

    def to_person(self, *, cell="HM01:2026-12-15", slot=None):
        self.to_place().take(cell)
        return self.press(**({"slot": slot} if slot else {}))

    def take(self, cell):
        """Turn the grid to the day of a cell and press it."""
        return self.press(f"days:{cell.partition(':')[2]}").press(f"cell:{cell}")

    def to_read_back(self, **typed):
        return self.to_person().press(**{**PERSON, **typed})

    def lines(self):
        """What block 4 asks to read aloud."""
        return ["visit", "bring:CARD", "person", "address", "email", "deadlines"]


def values(html, start):
    """Yield what the buttons of a page send that begins so."""
    for part in html.split('value="')[1:]:
        value = part.partition('"')[0]
        if value.startswith(start):
            yield value
