"""Refusals about accounts, devices and PINs, each with its sentence."""

from madoguchi.common.errors import Refusal


class UsernameMalformed(Refusal):
    """The login id has characters that cannot be read out and typed anywhere."""

    code = "username_malformed"
    message = "ログインIDは、hanako.f のように、英小文字で始まる3〜32文字で入力してください。"


class UsernameTaken(Refusal):
    """Another account has this login id."""

    code = "username_taken"
    message = "このログインIDは、すでに使われています。別のIDを入力してください。"


class OutOfReach(Refusal):
    """The actor may not change this account: their own, another zone's, or an administrator's."""

    code = "account_out_of_reach"
    message = (
        "変更できません。ご自身の分とシステム管理者の分は、別のシステム管理者に、"
        "本市の分は、本市のシステム管理者に頼んでください。"
    )


class RolesOfTwoZones(Refusal):
    """The roles belong to two zones; an account belongs to one, for good."""

    code = "roles_of_two_zones"
    message = "本市の役割とほかの役割は、1つのアカウントに一緒に付けられません。アカウントを分けてください。"


class CodeWrong(Refusal):
    """The one-time code is wrong, used or expired; the answer does not say which."""

    code = "code_wrong"
    message = (
        "コードを確認できません。入力し直すか、コードを受け取った相手に、新しいコードの発行を頼んでください。"
    )


class PasswordWeak(Refusal):
    """The password is too easy to guess."""

    code = "password_weak"
    message = "このパスワードは使えません。"


class PinWeak(Refusal):
    """The PIN has the wrong form or is too easy to guess."""

    code = "pin_weak"
    message = "6〜8桁の数字で、同じ数字の繰り返しや、続き番号を避けて決めてください。"


class PinWrong(Refusal):
    """The PIN is wrong, or the person has none."""

    code = "pin_wrong"
    message = "サインイン番号が違います。もう一度入力してください。"


class PinLocked(Refusal):
    """The PIN is locked after five wrong entries in a row."""

    code = "pin_locked"
    message = (
        "続けて間違えたため、15分間サインインできません。"
        "お急ぎのときは、事務局（本市の方は、本市のシステム管理者）に解除を頼んでください。"
    )


class AccountClosed(Refusal):
    """The account is suspended, or its last day has passed."""

    code = "account_closed"
    message = (
        "このアカウントは利用できません。事務局（本市の方は、本市のシステム管理者）にお問い合わせください。"
    )
