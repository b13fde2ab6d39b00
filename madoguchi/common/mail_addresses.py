"""Parse mail addresses, for every site; every gateway can send what it accepts (仕様書 4(3)ア)."""

import re
from typing import Final

from madoguchi.common.errors import Refusal
from madoguchi.common.languages import gettext
from madoguchi.common.texts import drop_invisible

LOCAL_MAX_LENGTH: Final = 64
ADDRESS_MAX_LENGTH: Final = 254
# Dots stand anywhere before the @: DoCoMo and au gave such addresses out until 2009, and they still work.
LOCAL_SIGNS: Final = "!#$%&'*+/=?^_`{|}~.-"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name in other letters (日本語.jp) only in its ASCII form xn--: few have one, many mistype a kana.
_DOMAIN: Final = rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{0,58}}[a-z0-9])"
_LOCAL: Final = rf"[a-z0-9{re.escape(LOCAL_SIGNS)}]{{1,{LOCAL_MAX_LENGTH}}}"
# =? begins an encoded word, which some servers decode: the mail would go to somebody else.
_ADDRESS: Final = re.compile(
    rf"(?!.*=\?)(?=.{{1,{ADDRESS_MAX_LENGTH}}}\Z){_LOCAL}@{_DOMAIN}", re.ASCII | re.IGNORECASE
)
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# What a Japanese keyboard or a word processor gives for - and '.
_FOLDED: Final = _FULL_WIDTH | dict.fromkeys(map(ord, "‐‑‒–—―−ーｰ"), "-") | dict.fromkeys(map(ord, "‘’"), "'")
# Of ideographs, which an address has none of.
_SELECTORS: Final = re.compile("[\U000e0100-\U000e01ef]")
_BEFORE: Final = ' "<>()[]「」『』【】〈〉《》“”„«»、。,;:'
_AFTER: Final = _BEFORE + ".'}"
# Endings that do not exist: nothing can be sent there.
_NO_SUCH_ENDING: Final = {
    "con": "com", "cmo": "com", "ocm": "com", "comm": "com", "vom": "com", "xom": "com",
    "jpp": "jp", "njp": "jp", "jpn": "jp", "nejp": "ne.jp", "cojp": "co.jp", "nett": "net",
}  # fmt: skip


class MailAddressUnreadable(Refusal):
    """The typed text is no mail address to which mail can be sent."""

    code = "mail_address_unreadable"
    message = "メールアドレスは、hanako@example.jp のように入力してください。"


def is_mail_address(text: str) -> bool:
    """Tell whether mail can be sent to exactly this text; what `read_mail_address` returns always is."""
    return _ADDRESS.fullmatch(text) is not None


def read_mail_address(text: str) -> str:
    """Return the address in its stored form: half width, the domain in lower case.

    What surrounds an address where it was copied from is dropped: spaces, brackets, a name, `mailto:`,
    marks that nobody sees. Raises MailAddressUnreadable, which says what to mend, for what cannot be sent.

    >>> read_mail_address(" mailto:ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ ")
    'hanako@example.jp'
    >>> read_mail_address('"a..b."@docomo.ne.jp')
    'a..b.@docomo.ne.jp'
    """
    address = _bare(text)
    # With two of them each rule below would speak of the wrong thing.
    if address.count("@") > 1:
        raise MailAddressUnreadable(
            gettext("メールアドレスは、1つだけ入力してください。「@」が2つ以上あります。")
        )
    _refuse_signs(address)
    if "@" not in address:
        raise MailAddressUnreadable(
            gettext("メールアドレスに「@」がありません。hanako@example.jp のように入力してください。")
        )
    local, _at, domain = address.partition("@")
    address = f"{local}@{domain.lower()}"
    if not is_mail_address(address):
        raise _unlike_an_address(local, domain)
    if (meant := _NO_SUCH_ENDING.get(domain.lower().rpartition(".")[2])) is not None:
        raise MailAddressUnreadable(
            gettext("メールアドレスの終わりは、「.%(meant)s」ではありませんか。確かめてください。")
            % {"meant": meant}
        )
    return address


def _bare(text: str) -> str:
    """Strip width, invisible characters and decoration from a typed address."""
    seen = _SELECTORS.sub("", drop_invisible(text)).translate(_FOLDED)
    seen = re.sub(r"[^\S\n\r\x00]", " ", seen).strip()
    # 花子 <hanako@example.jp>, as mail programs copy it.
    if named := re.fullmatch(r"[^<>@]*<([^<>]*)>", seen):
        seen = named[1]
    seen = _outside(seen)
    if seen.casefold().startswith("mailto:"):
        seen = _outside(seen[len("mailto:") :].partition("?")[0])
    quoted = re.fullmatch(r'"([^"\\]*)"@([^"]*)', seen)
    return f"{quoted[1]}@{quoted[2]}" if quoted else seen


def _outside(text: str) -> str:
    text = text.strip()
    # Alone, these may begin an address: .hanako@ is one, and so is 'hanako@.
    while text[:1] + text[-1:] in {"''", "{}"}:
        text = text[1:-1].strip()
    text = text.rstrip(_AFTER)
    # The quotes of "a..b"@example.jp belong to it.
    return text if re.match(r'"[^"]*"@', text) else text.lstrip(_BEFORE)


def _refuse_signs(address: str) -> None:
    """Raise MailAddressUnreadable for the first character that an address cannot have."""
    if "=?" in address:
        raise _unusable("=?")
    for sign in address:
        if sign == "@" or (sign.isascii() and (sign.isalnum() or sign in LOCAL_SIGNS)):
            continue
        if sign == ",":
            words = gettext("メールアドレスの「,」（カンマ）を、「.」（ドット）に直してください。")
        elif sign.isspace():
            words = gettext("メールアドレスの途中にある空白を消してください。")
        elif not sign.isascii():
            words = gettext(
                "メールアドレスは、半角の英数字と記号で入力してください。日本語などの文字は使えません。"
            )
        elif sign.isprintable():
            raise _unusable(sign)
        else:
            raise MailAddressUnreadable
        raise MailAddressUnreadable(words)


def _unusable(sign: str) -> MailAddressUnreadable:
    return MailAddressUnreadable(gettext("メールアドレスに「%(sign)s」は使えません。") % {"sign": sign})


def _unlike_an_address(local: str, domain: str) -> MailAddressUnreadable:
    """Return what to correct in an address with valid characters and an invalid form."""
    if not local:
        return MailAddressUnreadable(gettext("メールアドレスの「@」の前も入力してください。"))
    if len(local) > LOCAL_MAX_LENGTH:
        return MailAddressUnreadable(
            gettext("メールアドレスの「@」の前は、%(most)d文字までです。") % {"most": LOCAL_MAX_LENGTH}
        )
    if len(local) + 1 + len(domain) > ADDRESS_MAX_LENGTH:
        return MailAddressUnreadable(
            gettext("メールアドレスは、%(most)d文字までです。") % {"most": ADDRESS_MAX_LENGTH}
        )
    return MailAddressUnreadable(
        gettext(
            "メールアドレスの「@」の後ろは、example.ne.jp のように、「.」で区切って最後まで入力してください。"
        )
    )
