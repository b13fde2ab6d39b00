"""Questions, one after the other, that lead to the procedures somebody needs (仕様書 4(3)ア)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.common import clock
from madoguchi.contract.selectors import booking_rules, program
from madoguchi.web.forms import RadioTiles, TileChoice

PLEASE = {"required": _("あてはまるものを1つ選んでください"), "invalid_choice": _("もう一度選んでください")}


def _question(label: Any, choices: list[tuple[str, Any]], hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=choices,
        widget=RadioTiles,
        error_messages=PLEASE,
    )


def _with_facts(label: Any, facts: Mapping[str, object]) -> Any:
    """Return the label of a choice with the numbers of the rules in it."""
    if isinstance(label, TileChoice):
        return TileChoice(str(label.title) % facts, label.hint)
    return str(label) % facts


class GuideForm(forms.Form):
    """All questions, in order; the answers stand in the address, for they tell nothing about who asks.

    Those that lead away from the post office come first, so that nobody answers more than is needed.
    """

    person = _question(
        _("だれが郵便局に行きますか"),
        [
            ("self", TileChoice(_("%(age)d歳以上のご本人"), _("付き添いの方も、一緒に行けます。"))),
            ("under_15", _("%(age)d歳未満のご本人")),
            ("agent", _("代理の方（ご本人は行けない）")),
        ],
    )
    home = _question(
        _("%(city)sに住民登録がありますか"),
        [
            ("yes", _("ある")),
            ("moved_in", _("引っ越してきた。カードの「継続利用」の手続きも済んだ")),
            ("not_continued", _("引っ越してきた。カードの「継続利用」の手続きはまだ、またはわからない")),
            ("no", _("ない")),
        ],
    )
    stay = _question(
        _("在留期間に期限がありますか"),
        [("no", _("日本国籍、または在留期間に期限がない")), ("yes", _("外国籍で、在留期間に期限がある"))],
    )
    moved = _question(
        _("カードに書かれた住所や氏名は、いまと同じですか"),
        [
            ("no", _("同じ")),
            ("filed", _("違う。区役所への届出は済んだ")),
            ("not_filed", _("違う。区役所への届出はまだ")),
        ],
    )
    certificate = _question(
        _("電子証明書の有効期限は、どうなっていますか"),
        [
            ("soon", _("%(months)dか月以内に切れる")),
            ("over", _("もう過ぎている")),
            ("none", _("電子証明書を入れていない、または使えなくなった")),
            ("later", _("まだ%(months)dか月より先")),
        ],
        _("カードの表面（下の見本の②）か、有効期限のお知らせ（青い封筒）に書かれています。"),
    )
    same_day = _question(
        _("カードの有効期限と、電子証明書の有効期限は、同じ日ですか"),
        [("no", _("違う日")), ("yes", _("同じ日")), ("unsure", _("わからない"))],
        _("カードの表面に書かれています（下の見本の①と②）。"),
    )
    pins = _question(
        _("暗証番号を、すべて覚えていますか"),
        [
            ("known", _("覚えている")),
            ("unknown", _("忘れた、または自信がない")),
            ("none", _("暗証番号のないカード（顔認証マイナンバーカード）を使っている")),
        ],
        _("数字4桁のものと、英数字6〜16文字のものがあります。番号は入力しないでください。"),
    )

    # The answers after which only the ward office, or another city, can help, and the page that says so.
    ELSEWHERE: ClassVar[Mapping[tuple[str, str], str]] = {
        ("person", "agent"): "AGENT_VISIT",
        ("person", "under_15"): "UNDER_15",
        ("home", "not_continued"): "CONTINUATION_PENDING",
        ("home", "no"): "NOT_RESIDENT",
        ("stay", "yes"): "RESIDENCE_CARD_TYPE",
        ("moved", "not_filed"): "NOTIFICATION_MISSING",
        ("same_day", "yes"): "CARD_EXPIRED_OR_DUE",
        ("pins", "none"): "FACE_AUTH_CARD",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = booking_rules(clock.now())
        facts = {
            "city": program().city_name,
            "age": rules.min_age,
            "months": rules.renewal_window_months,
        }
        home = self.fields["home"]
        home.label = str(home.label) % facts
        for name in ("person", "certificate"):
            question: Any = self.fields[name]
            question.choices = [(code, _with_facts(label, facts)) for code, label in question.choices]

    @classmethod
    def of(cls, answers: Mapping[str, str]) -> Self:
        """Return the questions with the answers so far, and without those that do not matter."""
        form = cls(answers)
        if answers.get("moved") == "filed":
            # A new address or name ends the certificate for signatures: it is issued anew in any case.
            del form.fields["certificate"], form.fields["same_day"]
        elif answers.get("certificate") in {"none", "later"}:
            # Only who renews is sent to the ward office by a card that ends on the same day.
            del form.fields["same_day"]
        return form

    @property
    def answers(self) -> dict[str, str]:
        """Return the answers so far that are among those offered, in the order of the questions."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}

    @property
    def open_question(self) -> str:
        """Return the name of the first question without an answer, or ""."""
        answers = self.answers
        return next((name for name in self.fields if name not in answers), "")

    @property
    def ward_page(self) -> str:
        """Return the name of the page for those whom no post office can help, or ""."""
        return next((self.ELSEWHERE[pair] for pair in self.answers.items() if pair in self.ELSEWHERE), "")

    @property
    def procedures(self) -> list[str]:
        """Return the codes of the procedures the answers lead to."""
        answers = self.answers
        wanted = {
            "CERT_RENEW": answers.get("certificate") == "soon",
            "CERT_ISSUE": answers.get("certificate") in {"over", "none"} or answers["moved"] == "filed",
            "PIN_RESET": answers["pins"] == "unknown",
            "FACE_CHANGE": answers["moved"] == "filed",
        }
        return [code for code, is_wanted in wanted.items() if is_wanted]

    def format_answer(self, name: str) -> str:
        """Return the answer to a question as it was offered."""
        field: Any = self.fields[name]
        return str(dict(field.choices)[self.answers[name]])

    def only(self, name: str, *, is_pressed: bool) -> forms.Form:
        """Return the form of one question: with its error once it was pressed without an answer."""
        form = GuideForm(self.data) if is_pressed else GuideForm(initial=self.answers)
        form.fields = {name: form.fields[name]}
        return form
