"""The made-up city comes back whole, wherever its rows are pasted."""

from city import paste_city, sequences_behind
from django.core.management import call_command


def test_after_the_rows_are_pasted_every_counter_is_ahead_of_them(copied_city, transactional_db):
    call_command("flush", interactive=False, verbosity=0)  # counters start at one again
    paste_city(copied_city)
    assert sequences_behind() == []
