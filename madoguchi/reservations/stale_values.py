"""Find an older sealed value put back into its cell: it opens, but the search columns beside it differ.

Called by the hourly check, share by share (仕様書 6). A whole row put back agrees with itself and is
not found here (docs/threat-model.md).
"""

from collections.abc import Iterator

from django.db.models import Q

from madoguchi.common.unreadable import ValueUnreadable
from madoguchi.reservations.models import Applicant
from madoguchi.reservations.people import TABLE, open_person, search_columns
from madoguchi.sealing.models import UnreadableValue
from madoguchi.sealing.services import KeyDestroyed, note_unreadable
from madoguchi.sealing.sweep import rows_of_share


def check_search_columns(*, share: int | None = None) -> None:
    """Note each search column of a share of the applicants that does not follow from what is sealed.

    What was noted before is looked at again, and forgotten once it agrees or its person is erased.
    """
    first, last = rows_of_share(share)
    noted = UnreadableValue.objects.filter(table=TABLE).exclude(column__in=Applicant.privacy.sealed)
    again = Q(id__in=noted.values("row"))
    for applicant in Applicant.objects.filter(Q(id__range=(first, last)) | again).select_related("key"):
        wrong = list(_mismatched(applicant))
        for column in wrong:
            note_unreadable(table=TABLE, row=applicant.id, column=column)
        noted.filter(row=applicant.id).exclude(column__in=wrong).delete()


def _mismatched(applicant: Applicant) -> Iterator[str]:
    try:
        expected = search_columns(open_person(applicant))
    except (KeyDestroyed, ValueUnreadable):
        return  # what does not open is noted by the one who opens it
    for column, value in expected.items():
        found = getattr(applicant, column)
        if (bytes(found) if isinstance(found, memoryview) else found) != value:
            yield column
