from __future__ import annotations

from datetime import date

import pytest

from knowledge.places.resolver import PlaceResolver
from knowledge.places.units import Units, load_units

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def units() -> Units:
    return load_units(TODAY)


@pytest.fixture(scope="session")
def resolver(units: Units) -> PlaceResolver:
    return PlaceResolver(units)
