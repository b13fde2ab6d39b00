"""One sample of each document, with made-up people, for `make screenshots` and for designers."""

from datetime import date, datetime, time, timedelta

from madoguchi.common import clock
from madoguchi.rendering import documents

ISSUER = "福岡市"
DAY = date(2026, 12, 15)
PEOPLE = (
    ("福岡　花子", "フクオカ　ハナコ"),
    ("博多　太郎", "ハカタ　タロウ"),
    ("天神　一郎", "テンジン　イチロウ"),
    ("大濠　さくら", "オオホリ　サクラ"),
    ("百道　浜子", "モモチ　ハマコ"),
    ("髙﨑　𠮷乃", "タカサキ　ヨシノ"),
    ("渡邉\U000e0117　櫻", "ワタナベ　サクラ"),
    ("CHIKUSHI MARIA CRISTINA HAKATA", ""),
    ("那珂　ひろし", "ナカ　ヒロシ"),
    ("今泉　和子", "イマイズミ　カズコ"),
    ("薬院　桃子", "ヤクイン　モモコ"),
    ("志賀　海斗", "シカ　カイト"),
    ("能古島　次郎左衛門", "ノコノシマ　ジロウザエモン"),
    ("清川　きよ", "キヨカワ　キヨ"),
    ("愛宕　浩", "アタゴ　ヒロシ"),
    ("姪浜　港", "メイノハマ　ミナト"),
)
PROCEDURES = (("更新",), ("更新", "暗証番号"), ("券面", "新規発行"), ("更新",))
NOTES = ((), (), ("筆談",), (), ("車いす", "付添いあり"), (), (), ("やさしい日本語",))


def papers_by_name() -> dict[str, bytes]:
    """Return each sample as PDF, under the name of its template."""
    with clock.travel(clock.at(DAY - timedelta(days=1), time(12, 30))):
        return {
            "visitor_list": documents.visitor_list(
                issuer=ISSUER,
                sheets=[
                    documents.VisitorSheet("早良郵便局", DAY, visitors(16)),
                    documents.VisitorSheet("福岡マリナタウン郵便局", DAY, visitors(23)),
                    documents.VisitorSheet("城南郵便局", DAY, []),
                ],
                printed_by="事務局",
            ),
            "visitor_register": documents.visitor_register(
                issuer=ISSUER,
                period="12/15(火)–12/31(木)",
                lines=[
                    ("早良" if place % 2 else "福岡マリナタウン", each)
                    for place, each in enumerate(visitors(60))
                ],
                printed_by="事務局",
            ),
            "booking_slip": documents.booking_slip(slip()),
            "booking_letter": documents.booking_letter(letter()),
            "call_list": documents.call_list(
                issuer=ISSUER,
                day=DAY - timedelta(days=4),
                lines=calls(9),
                printed_by="予約専用コールセンター",
            ),
            "disclosure": documents.disclosure(everything(), printed_by="個人情報の管理責任者"),
            "erasure_certificate": documents.erasure_certificate(certificate()),
        }


def visitors(count: int) -> list[documents.VisitorLine]:
    """Return sample visitors, one every half hour, two from the seventeenth on."""
    return [
        documents.VisitorLine(
            at=_visit(place % 16),
            reference=_reference(place),
            name=PEOPLE[place % 16][0],
            kana=PEOPLE[place % 16][1],
            procedures=PROCEDURES[place % 4],
            notes=NOTES[place % 8],
            called_name="博多　花子" if place == 2 else "",  # noqa: PLR2004 - any one of them
            alert="未確認" if place == 6 else "",  # noqa: PLR2004 - any one of them
        )
        for place in range(count)
    ]


def calls(count: int) -> list[documents.CallLine]:
    """Return sample people without a mail address."""
    return [
        documents.CallLine(
            reference=_reference(place),
            name=PEOPLE[place][0],
            kana=PEOPLE[place][1],
            phone="090-0000-0000" if place % 2 else "092-000-0000",
            visit_at=_visit(place),
            office="早良郵便局" if place % 3 else "福岡マリナタウン郵便局",
            procedures=PROCEDURES[place % 4],
            notes=NOTES[place % 8],
        )
        for place in range(count)
    ]


def slip() -> documents.BookingSlip:
    """Return the sample slip of a booking."""
    return documents.BookingSlip(
        issuer=ISSUER,
        program="福岡市　マイナンバーカードの電子証明書の手続き",
        reference="K7MT-AWX-R74",
        name="福岡　花子",
        visit_at=_visit(3),
        duration="約30分",
        office="早良郵便局",
        address="福岡市早良区高取1丁目1番1号",
        access="地下鉄空港線の藤崎駅と西新駅の間です。駐車場と、段差のない入口があります。",
        procedures=("電子証明書の更新", "暗証番号の初期化・再設定"),
        belongings=(
            documents.Belonging("マイナンバーカード"),
            documents.Belonging(
                "本人確認書類 1点",
                "暗証番号の再設定に必要です。運転免許証、資格確認書、年金手帳などの原本をお持ちください。",
            ),
            documents.Belonging("英数字6～16文字の暗証番号", "覚えていれば、控えは不要です。"),
            documents.Belonging("有効期限のお知らせ（青い封筒）", "なくても手続きできます。"),
        ),
        change_until=clock.at(date(2026, 12, 8), time(17)),
        cancel_until=clock.at(date(2026, 12, 14), time(12)),
        phone_name="予約専用コールセンター",
        phone="092-000-0000",
        phone_hours="平日　午前9時～午後5時",
        link="https://yoyaku.example.jp/r/0123456789abcdefghijkl",
        status=(
            "まだ手続きは終わっていません。当日まで、何もしなくて大丈夫です。"
            "確認したいことがあるときは、予約専用コールセンターからお電話します。"
        ),
        notes=("有効期限を過ぎた電子証明書も、無料で新しく発行できます。",),
    )


def letter() -> documents.BookingLetter:
    """Return the sample letter about a booking."""
    return documents.BookingLetter(slip(), "814-0006", "福岡市早良区見本町2丁目1番1号 見本マンション101号室")


def certificate() -> documents.ErasureCertificate:
    """Return the sample certificate of an erasure."""
    return documents.ErasureCertificate(
        issuer="郵便局手続き予約事務局",
        city=ISSUER,
        program="マイナンバーカードの電子証明書の更新など",
        number=3,
        reason="保存期間の満了",
        until=date(2026, 11, 30),
        document_number="市戸第123号",
        document_on=date(2026, 12, 10),
        instructed_by="市民局 戸籍住民課",
        began_at=clock.at(DAY - timedelta(days=1), time(12, 10)),
        counts=(
            ("予約した方の情報（氏名、連絡先、住所、生年月日など）", "1,204人分"),
            ("空き待ちをした方の情報", "0人分"),
            ("送ったメールの宛先と本文", "3,611通"),
            ("個人ごとの暗号鍵", "1,204本"),
        ),
        seal="第8,214号 " + "3f9c" * 16,
    )


def everything() -> documents.Disclosure:
    """Return the sample disclosure of one person."""
    return documents.Disclosure(
        issuer=f"{ISSUER}（郵便局手続き予約事務局）",
        city=ISSUER,
        name="福岡　花子",
        request="開示第7号",
        sections=[
            documents.Section(
                "予約 K7MT-AWX-R74",
                [
                    ("状態", "確認済"),
                    ("日時", "令和8年12月15日 10:30"),
                    ("郵便局", "早良郵便局"),
                    ("氏名", "福岡　花子"),
                    ("住所", "〒814-0006 福岡市早良区見本町2丁目1番1号"),
                ],
            ),
            documents.Section(
                "送ったメール", [("令和8年12月1日 09:12", "予約の受付　送信済　hanako@example.jp")]
            ),
            documents.Section(
                "操作と閲覧の記録",
                [(f"令和8年12月{day}日 09:12", "内容の表示　予約専用コールセンター") for day in range(1, 15)],
            ),
        ],
    )


def _visit(place: int) -> datetime:
    return clock.at(DAY, time(9)) + timedelta(minutes=30 * place)


def _reference(place: int) -> str:
    return f"K{place % 10}MT-AW{'ACDEFGHJKMNPQRTU'[place % 16]}-R{70 + place}"
