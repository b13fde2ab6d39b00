"""保存期間: how long everything about people is kept, and what of it a person is given (仕様書 6).

Every table with sealed or hashed columns stands in both lists (docs/adr/0024-retention-and-keys.md).
"""

from dataclasses import dataclass
from typing import Final

from madoguchi.contract.rules import BookingRules

ENDS: Final = {
    "AUTO": "自動",
    "CITY": "本市の指示",
    "OFFICE": "事務局",
    "HOST": "サーバーの設定",
    "NEVER": "消去しない",
}
LAW: Final = "個人情報保護法 第61条第2項"
CONTRACT: Final = "契約（個人情報の取扱い・返還と消去）"


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long something is kept: from when it counts, how long, by which rule, why, and who ends it.

    `kept` may name a rule, as {keep_mail_days}. `tables` are those in which it lies.
    """

    what: str
    since: str
    kept: str
    basis: str
    ends_by: str
    tables: tuple[str, ...] = ()

    def words(self, rules: BookingRules) -> str:
        """Return how long, with the values in force."""
        return self.kept.format_map({name: getattr(rules, name) for name in BookingRules.__slots__})


RETENTION_RULES: Final = (
    RetentionRule(
        "予約した方の情報（氏名・連絡先・住所・生年月日など）",
        "来局日の翌年度の4月1日",
        "{keep_reservation_years}年",
        f"{LAW}、{CONTRACT}",
        "CITY",
        (
            *("reservations.Applicant", "reservations.Reservation", "reservations.ReservedProcedure"),
            "sealing.PersonKey",
        ),
    ),
    RetentionRule(
        "入力の途中の内容", "最後の操作", "{draft_minutes}分", LAW, "AUTO", ("reservations.BookingSession",)
    ),
    RetentionRule(
        "送信できなかった画面や途中で離れた画面に入力した内容",
        "送信",
        "10分",
        LAW,
        "AUTO",
        ("kept_forms.KeptForm",),
    ),
    RetentionRule(
        "空き待ちの方の情報",
        "空き待ちの終わり",
        "{keep_wait_days}日",
        LAW,
        "AUTO",
        ("reservations.Wait", "reservations.WaitingPerson"),
    ),
    RetentionRule(
        "送ったメールの宛先と本文",
        "送信の予定日時",
        "{keep_mail_days}日",
        LAW,
        "AUTO",
        ("notifications.Mail",),
    ),
    RetentionRule(
        "書き出したファイル（開示の文書を含む）",
        "書出しの依頼",
        "24時間",
        LAW,
        "AUTO",
        ("retention.Export",),
    ),
    RetentionRule(
        "確認コード・二重送信の防止・回数の記録",
        "作成",
        "2日",
        LAW,
        "AUTO",
        ("reservations.AccessCode", "reservations.Submission", "rate_limits.RateLimitCounter"),
    ),
    RetentionRule("サインインの失敗の記録", "失敗した日時", "{keep_sign_in_days}日", LAW, "AUTO"),
    RetentionRule("Webサーバーの記録（氏名・予約番号は残さない）", "記録した日時", "90日", LAW, "HOST"),
    RetentionRule("バックアップ", "作成", "データ35日・個人の鍵7日（初期値）", CONTRACT, "HOST"),
    RetentionRule(
        "封をする鍵（鍵束）",
        "封じ直しの完了",
        "前の鍵のバックアップが消えるまで",
        CONTRACT,
        "HOST",
        ("sealing.RingKey",),
    ),
    RetentionRule(
        "職員のアカウント・共用タブレット・連携先の鍵",
        "利用の終わり",
        "契約の終わりまで",
        CONTRACT,
        "OFFICE",
        ("accounts.User", "accounts.Pin", "accounts.Device", "accounts.PartnerToken"),
    ),
    RetentionRule(
        "件数（日時・郵便局・手続き・区・経路）と操作記録",
        "―",
        "個人を含まないため、消去の後も残す",
        "契約（報告・監査）",
        "NEVER",
    ),
)

# What a table with sealed or hashed columns gives to the file, or why it gives nothing.
DISCLOSED: Final = {
    "reservations.Applicant": "予約",
    "reservations.Reservation": "予約",
    "reservations.ReservedProcedure": "予約",
    "reservations.Wait": "空き待ち",
    "reservations.WaitingPerson": "空き待ち",
    "notifications.Mail": "送ったメール",
    "reservations.BookingSession": "ご本人のものか確かめられないため含まない",
    "kept_forms.KeptForm": "ご本人のものか確かめられないため含まない",
    "reservations.AccessCode": "送った確認コードは、送ったメールに含む",
    "reservations.Submission": "内容を含まない照合用の値",
    "rate_limits.RateLimitCounter": "内容を含まない照合用の値",
    "retention.Export": "職員が書き出したもの。書き出した記録を含む",
    "sealing.PersonKey": "鍵",
    "sealing.RingKey": "鍵",
    "accounts.User": "職員",
    "accounts.Pin": "職員",
    "accounts.Device": "端末",
    "accounts.PartnerToken": "連携先",
}
