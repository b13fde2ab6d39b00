"""Who did something, in words: the name of a member of staff, or what else acted."""

from collections.abc import Callable, Iterable

from madoguchi.accounts.selectors import names_of

OTHERS = {"citizen": "申請者", "system": "システム", "partner": "連携先"}


def names(actors: Iterable[str]) -> Callable[[str], str]:
    """Return a function from an actor ("staff:12") to words, with all accounts read in one query."""
    kinds = {actor: actor.partition(":") for actor in actors}
    people = names_of([int(key) for kind, _, key in kinds.values() if kind == "staff" and key.isdecimal()])

    def name(actor: str) -> str:
        kind, _, key = actor.partition(":")
        if kind == "staff":
            return people.get(int(key), "削除された利用者") if key.isdecimal() else "職員"
        return OTHERS.get(kind, "")

    return name
