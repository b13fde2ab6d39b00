"""Postal codes and addresses: 「住所を入れる」 for citizens and operators, and which lie outside the city."""

from django.utils import translation

from madoguchi.common.languages import MAIN
from madoguchi.contract.rows import PostalAreaRow
from madoguchi.contract.selectors import postal_area, postal_areas, program, wards


def town_address(area: PostalAreaRow) -> str:
    """Return city, ward and town of a postal code, as an address begins: in Japanese, as it is registered."""
    with translation.override(MAIN):
        ward = next((row.name for row in wards() if row.code == area.ward), "")
        return f"{program().city_name}{ward}{area.town}"


def seems_outside(*, postal_code: str, address: str) -> bool:
    """Tell whether an address seems to lie in another city, so that its resident is asked.

    Large addressees inside the city have postal codes of their own: with the city's name in the address, a
    code that begins as one of the city is not asked about. No code alone is ever refused.
    """
    if postal_area(postal_code) is not None:
        return False
    regions = {each.postal_code[:3] for each in postal_areas()}
    # Where no list of codes is loaded, the name is all there is to go by.
    is_near = not regions or postal_code[:3] in regions
    return program().city_name not in address or not is_near


def with_town(typed: str, area: PostalAreaRow) -> str:
    """Return the address typed so far with the town of a postal code before it.

    Everything typed is kept, but for the town of another postal code alone: that came from an earlier press.
    An address that names the city already stays as it is.
    """
    town, typed = town_address(area), typed.strip()
    if program().city_name not in typed:
        # 天神1-1-1 begins with the end of 福岡市中央区天神.
        shared = next(size for size in range(len(town), -1, -1) if town.endswith(typed[:size]))
        return town + typed[shared:]
    is_town = any(typed.endswith(each.town) and typed == town_address(each) for each in postal_areas())
    return town if is_town else typed
