"""What the city wrote when it wants people erased."""

from datetime import date

from django import forms

from madoguchi.common import clock
from madoguchi.reservations.erasure import REASONS, Instruction
from madoguchi.web.days import DayField
from madoguchi.web.forms import TextField


class UntilForm(forms.Form):
    """Up to which day of visit people are erased."""

    until = DayField(label="来局日がこの日までの方", help_text="例：R9.3.31　この日を含みます。")


class InstructionForm(forms.Form):
    """The city's document: its number and day, and which section it is from."""

    document_number = TextField(label="指示の文書番号", max_length=40, help_text="例：市戸第123号")
    document_on = DayField(label="文書の日付", help_text="例：R9.4.10")
    instructed_by = TextField(label="指示した部署", max_length=60)

    def clean_document_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["document_on"]
        if day > clock.today():
            raise forms.ValidationError("文書の日付は、今日までの日を入力してください")
        return day

    def instruction(self) -> Instruction:
        """Return what was typed; the form is valid."""
        typed = self.cleaned_data
        return Instruction(typed["document_number"], typed["document_on"], typed["instructed_by"])


class ErasureForm(InstructionForm):
    """The instruction to erase everybody up to a day; the number of people is typed, so that it was read."""

    reason = forms.ChoiceField(label="消去の理由", choices=REASONS, widget=forms.RadioSelect)
    people = forms.IntegerField(
        label="消去する人数",
        min_value=1,
        help_text="確かめのため、上に表示した人数を入力します。",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": 8}),
    )
    field_order = ("reason", "document_number", "document_on", "instructed_by", "people")
