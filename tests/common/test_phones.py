import pytest

from madoguchi.common.phones import PhoneUnreadable, mask_phone, read_phone, show_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("090-1234-5678", "09012345678"),
        ("０９０－１２３４－５６７８", "09012345678"),
        ("090ー1234ー5678", "09012345678"),
        (" (092) 711-4111 ", "0927114111"),
        ("092 711 4111", "0927114111"),
        ("+81 90-1234-5678", "09012345678"),
        ("060-1234-5678", "06012345678"),
        ("090-0000-0001", "09000000001"),
        ("050-1234-5678", "05012345678"),
        ("0120-123-456", "0120123456"),
        ("0800-123-4567", "08001234567"),
        ("+1 202-555-0123", "+12025550123"),
        ("＋８２ 2-2100-2114", "+82221002114"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, kept):
    assert read_phone(typed) == kept
    assert read_phone(show_phone(kept)) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "なし",
        "711-4111",
        "090-1234-567",
        "090-1234-56789",
        "110",
        "0000000000",
        "+1 123",
        "092-711-4111 内線12",
        "092-711-4111 x12",
        "0120-FLO-WER",
        "1" * 40,
    ],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(PhoneUnreadable, match="市外局番から"):
        read_phone(typed)


def test_numbers_are_shown_in_groups_and_masked():
    assert show_phone("09012345678") == "090-1234-5678"
    assert show_phone("0927114111") == "092-711-4111"
    assert show_phone("+12025550123") == "+1 202-555-0123"
    assert mask_phone("09012345678") == "090-****-5678"
    assert mask_phone("0927114111") == "092-***-4111"
    assert mask_phone("+12025550123") == "+1 ***-***-0123"


def test_no_number_is_shown_as_nothing():
    assert show_phone("") == mask_phone("") == ""
