"""The forms on which somebody chooses a password or a PIN, typed twice."""

import pytest

from madoguchi.web.login.forms import SignInForm, StartAtDeviceForm, StartForm


@pytest.mark.parametrize(("form", "name"), [(StartForm, "password"), (StartAtDeviceForm, "pin")])
@pytest.mark.parametrize(
    ("first", "again", "wrong"),
    [
        ("12345678", "12345678", {}),
        ("12345678", "12345679", {"again": ["2回の入力が一致していません。もう一度入力してください。"]}),
        ("12345678", "", {"again": ["入力してください"]}),
        ("", "12345678", {"the first": ["入力してください"]}),
    ],
)
def test_each_of_the_two_entries_has_one_error_at_most(form, name, first, again, wrong):
    typed = {"username": "hanako", "code": "2345-6789-ABCD", name: first, "again": again}
    expected = {name if field == "the first" else field: said for field, said in wrong.items()}
    assert form(typed).errors == expected


def test_a_password_keeps_the_spaces_that_the_sign_in_page_keeps_too():
    spaced = " correct horse "
    form = StartForm({"username": "hanako", "code": "2345", "password": spaced, "again": spaced})
    assert form.is_valid()
    assert form.cleaned_data["password"] == spaced
    assert not SignInForm().fields["password"].strip
