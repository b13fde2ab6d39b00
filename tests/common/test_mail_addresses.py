"""What is read as a mail address, what is refused, and with which sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.common.mail_addresses import (
    LOCAL_SIGNS,
    MailAddressUnreadable,
    is_mail_address,
    read_mail_address,
)

LONGEST = "a" * 64 + "@" + ".".join(["b" * 63, "c" * 63, "d" * 58, "jp"])
READ = [
    ("hanako@example.jp", "hanako@example.jp"),
    # Carriers gave these out, and they still work.
    ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ("hanako.@docomo.ne.jp", "hanako.@docomo.ne.jp"),
    (".hanako-@ezweb.ne.jp", ".hanako-@ezweb.ne.jp"),
    ("_h/a?n@softbank.ne.jp", "_h/a?n@softbank.ne.jp"),
    ('"a..b."@docomo.ne.jp', "a..b.@docomo.ne.jp"),
    ("{a}@example.jp", "{a}@example.jp"),
    ("o’brien@example.jp", "o'brien@example.jp"),
    # Width, capitals, and the dashes of a Japanese keyboard.
    ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
    ("Hanako@EXAMPLE.JP", "Hanako@example.jp"),
    ("a－b−c@exampleー1.jp", "a-b-c@example-1.jp"),
    # What surrounds it where it was copied from.
    ("　hanako@example.jp \t\n", "hanako@example.jp"),
    ("mailto:hanako@example.jp?subject=x", "hanako@example.jp"),
    ("<MAILTO:hanako@example.jp>", "hanako@example.jp"),
    ("「hanako@example.jp」", "hanako@example.jp"),
    ("'hanako@example.jp'", "hanako@example.jp"),
    ('"hanako@example.jp"', "hanako@example.jp"),
    ("(hanako@example.jp)、", "hanako@example.jp"),
    ("福岡　花子 <hanako@example.jp>", "hanako@example.jp"),
    ("hanako@example.jp.", "hanako@example.jp"),
    # Marks that nobody sees.
    ("\ufeffhana\u200bko\u00ad@example.jp\u200e", "hanako@example.jp"),
    ("\u202ahanako@example.jp\u202c\ufe0f", "hanako@example.jp"),
    ("hanako@example.jp\u3164", "hanako@example.jp"),
    # A name in other letters only as the net knows it.
    ("hanako@xn--wgv71a119e.jp", "hanako@xn--wgv71a119e.jp"),
    ("hanako@a-b.example.museum", "hanako@a-b.example.museum"),
    (LONGEST, LONGEST),
]  # fmt: skip
REFUSED = [
    ("hanako", "「@」がありません"),
    ("hanako.example.jp", "「@」がありません"),
    ("", "「@」がありません"),
    ("@example.jp", "「@」の前も"),
    ("hanako@", "「@」の後ろ"),
    ("hanako@example", "「@」の後ろ"),
    ("hanako@example..jp", "「@」の後ろ"),
    ("hanako@.example.jp", "「@」の後ろ"),
    ("hanako@-example.jp", "「@」の後ろ"),
    ("hanako@ex_ample.jp", "「@」の後ろ"),
    ("hanako@127.0.0.1", "「@」の後ろ"),
    (f"hanako@{'a' * 64}.jp", "「@」の後ろ"),
    ("hanako@[127.0.0.1]", "「[」は使えません"),
    ("ha(na)ko@example.jp", "「(」は使えません"),
    ("=?utf-8?q?a?=@example.jp", "「=?」は使えません"),
    ("ha\\nako@example.jp", "「\\」は使えません"),
    ("花子@example.jp", "日本語などの文字は使えません"),
    ("hanako@日本語.jp", "日本語などの文字は使えません"),
    ("hanako@example。jp", "日本語などの文字は使えません"),
    ("hanakö@example.jp", "日本語などの文字は使えません"),
    ("hanako@e\u0445ample.jp", "日本語などの文字は使えません"),
    ("hanako@example,jp", "（カンマ）"),
    ("hanako，f@example.jp", "（カンマ）"),
    ("hanako f@example.jp", "空白"),
    ("hanako@example.jp\nBcc: taro", "空白"),
    ('"hana ko"@example.jp', "空白"),
    ("a@example.jp b@example.jp", "1つだけ"),
    ("a@example.jp,b@example.jp", "1つだけ"),
    ("a@example.jp\r\nBcc: b@example.jp", "1つだけ"),
    ("a@@example.jp", "1つだけ"),
    ("<a@example.jp> <b@example.jp>", "1つだけ"),
    ("a" * 65 + "@example.jp", "64文字まで"),
    (LONGEST.replace("d.jp", "dd.jp"), "254文字まで"),
    ("hanako@gmail.con", "「.com」ではありませんか"),
    ("hanako@docomo.nejp", "「.ne.jp」ではありませんか"),
    ("hana\0ko@example.jp", "hanako@example.jp のように"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "address"), READ)
def test_an_address_is_read_however_it_was_copied(typed, address):
    assert read_mail_address(typed) == address


@pytest.mark.parametrize(("typed", "says"), REFUSED)
def test_what_cannot_be_sent_is_refused_with_what_to_mend(typed, says):
    with pytest.raises(MailAddressUnreadable) as refused:
        read_mail_address(typed)
    assert says in refused.value.message
    assert refused.value.message.endswith("。")


@given(st.text(alphabet=f"ab@@..{LOCAL_SIGNS}Ａ＠．、ー<>\"'「」\u200b\n jp", max_size=40) | st.text())
def test_what_is_read_can_be_sent_and_is_read_again_as_it_is(typed):
    try:
        address = read_mail_address(typed)
    except MailAddressUnreadable:
        return
    assert is_mail_address(address)
    assert read_mail_address(address) == address


@pytest.mark.parametrize(
    "text", ["hanako@example.jp\n", " hanako@example.jp", "hanako@\u212axample.jp", "ａ@example.jp"]
)
def test_only_what_was_read_is_an_address(text):
    assert not is_mail_address(text)
