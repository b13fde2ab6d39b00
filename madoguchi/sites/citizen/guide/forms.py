"""Questions that lead to the procedures somebody needs."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.web.forms import RadioTiles


class WizardForm(forms.Form):
    """Five short questions; the answers stand in the address, for they tell nothing about a person."""

    certificate = forms.ChoiceField(
        label=_("電子証明書の有効期限は、どうなっていますか"),
        help_text=_("カードの表面か、有効期限のお知らせ（青い封筒）に書かれています。"),
        widget=RadioTiles,
        choices=[
            ("soon", _("3か月以内に切れる")),
            ("over", _("もう過ぎている")),
            ("none", _("電子証明書を入れていない・使えなくなった")),
            ("later", _("まだ3か月より先")),
        ],
    )
    pins = forms.ChoiceField(
        label=_("暗証番号を、すべて覚えていますか"),
        help_text=_("数字4桁のものと、英数字6〜16文字のものがあります。"),
        widget=RadioTiles,
        choices=[("known", _("覚えている")), ("unknown", _("忘れた、または自信がない"))],
    )
    moved = forms.ChoiceField(
        label=_("引っ越しや氏名の変更が、まだカードに書かれていませんか"),
        widget=RadioTiles,
        choices=[
            ("no", _("変更はない、またはもう書かれている")),
            ("filed", _("区役所への届出は済んだが、カードに書かれていない")),
            ("not_filed", _("区役所への届出が、まだ済んでいない")),
        ],
    )
    same_day = forms.ChoiceField(
        label=_("カードの有効期限と、電子証明書の有効期限は、同じ日ですか"),
        widget=RadioTiles,
        choices=[("no", _("違う日、またはわからない")), ("yes", _("同じ日"))],
    )
    person = forms.ChoiceField(
        label=_("だれが郵便局に行きますか"),
        widget=RadioTiles,
        choices=[
            ("self", _("15歳以上のご本人")),
            ("under_15", _("15歳未満のご本人")),
            ("agent", _("代理の方（ご本人は行けない）")),
        ],
    )

    # The first that applies, in the order in which it matters.
    WARD: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("person", "agent", "AGENT_VISIT"),
        ("person", "under_15", "UNDER_15"),
        ("same_day", "yes", "CARD_EXPIRED_OR_DUE"),
        ("moved", "not_filed", "NOTIFICATION_MISSING"),
    )

    @property
    def ward_page(self) -> str:
        """Return the name of the page for those whom only the ward office can help, or ""."""
        answers = self.cleaned_data
        return next((name for field, answer, name in self.WARD if answers[field] == answer), "")

    @property
    def procedures(self) -> list[str]:
        """Return the codes of the procedures the answers lead to."""
        answers = self.cleaned_data
        wanted = {
            "CERT_RENEW": answers["certificate"] == "soon" and answers["moved"] != "filed",
            # A new address or name ends the certificate for signatures: it is issued anew.
            "CERT_ISSUE": answers["certificate"] in {"over", "none"} or answers["moved"] == "filed",
            "PIN_RESET": answers["pins"] == "unknown",
            "FACE_CHANGE": answers["moved"] == "filed",
        }
        return [code for code, is_wanted in wanted.items() if is_wanted]
