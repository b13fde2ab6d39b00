"""Points on the map."""

from typing import NamedTuple, Self


class LatLon(NamedTuple):
    """A point on the map, in degrees."""

    latitude: float
    longitude: float

    @classmethod
    def of(cls, latitude: float | None, longitude: float | None) -> Self | None:
        """Return the point, None where it is not known."""
        return None if latitude is None or longitude is None else cls(latitude, longitude)
