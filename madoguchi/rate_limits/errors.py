"""Refusals of whoever tries too often."""

from madoguchi.common.errors import Refusal


class TooManyTries(Refusal):
    """One source tried too often; wait and try again."""

    code = "too_many_tries"
    message = (
        "続けて何度も操作されたため、しばらく受け付けできません。15分ほどたってから、もう一度お試しください。"
    )
