"""Makes ``data/*.tsv`` from the data folder of the Python package vietnamadminunits.

    python -m knowledge.places.compile_units FOLDER

The package is read, never imported: its code would bring a GPL library along, its data is MIT and knows
what its own key lookup forgets (communes that differ by diacritics only). ``data/corrections.tsv`` holds the old communes that it joins with a
namesake of another district, as the official conversion table of 2025 has them. Run it again when a new release carries newer
units; what changed between releases belongs into ``amendments.yml``.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

from knowledge.errors import SourceError
from knowledge.places.units import DATA, KINDS

DATABASE = "dataset.db"
CONVERSIONS = "converter_2025.json"


def _clean(text: str | None) -> str:
    """NFC, one apostrophe and hyphen, the kind as we write it, single spaces."""
    plain = unicodedata.normalize("NFC", text or "").replace("\u2019", "'").replace("\u2013", "-")
    name = " ".join(plain.split())
    for kind in KINDS:
        if name.lower().startswith(f"{kind.lower()} "):
            return kind + name[len(kind) :]
    return name


def _conversions(folder: Path) -> dict[str, set[tuple[str, str]]]:
    """Key of an old commune → (province key, commune key) of every commune that took a part of it."""
    tables = json.loads((folder / CONVERSIONS).read_text(encoding="utf-8"))
    targets: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for province, communes in tables["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, olds in communes.items():
            for old in olds:
                targets[old].add((province, commune))
    for province, olds in tables["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in olds.items():
            targets[old] |= {(province, part["newWardKey"]) for part in parts}
    return targets


def _corrections() -> dict[tuple[str, str], str]:
    """(code of the old district, old commune) → codes of the communes that took a part of it."""
    file = DATA / "corrections.tsv"
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    return {(district, name): codes for district, name, codes in rows}


def _aliases(text: str | None) -> str:
    return ",".join(sorted(set(json.loads(text)))) if text else ""


def tables(folder: Path) -> dict[str, list[tuple[str, ...]]]:
    """Rows of the four files, sorted by code.

    Raises:
        SourceError: a file is missing, or an old commune leads nowhere.
    """
    for name in (DATABASE, CONVERSIONS):
        if not (folder / name).is_file():
            raise SourceError(folder / name, "a data file of vietnamadminunits", "nothing", "name its data folder")
    targets = _conversions(folder)
    with sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True) as database:
        current = database.execute(
            "select provinceKey, wardKey, provinceCode, province, wardCode, ward from admin_units order by wardCode"
        ).fetchall()
        legacy = database.execute(
            "select provinceKey, districtKey, wardKey, provinceCode, province, districtCode, district, districtAlias,"
            " ward, wardAlias from admin_units_legacy order by districtCode, wardCode"
        ).fetchall()
    code_of = {(province, commune): code for province, commune, _, _, code, _ in current}
    corrections = _corrections()
    districts, old_communes = set(), []
    for province_key, district_key, ward_key, province_code, province, district_code, district, alias, ward, older in legacy:
        key = f"{province_key}_{district_key}_{ward_key or ''}"  # five island districts had no communes
        codes = ",".join(sorted(code_of[target] for target in targets.get(key, ())))
        codes = corrections.get((district_code, _clean(ward)), codes)
        if not codes:
            raise SourceError(folder / CONVERSIONS, f"what became of {ward}, {district}, {province}", "nothing", f"see {key}")
        districts.add((district_code, province_code, _clean(province), _clean(district), _aliases(alias)))
        old_communes.append((district_code, codes, _clean(ward), _aliases(older)))
    provinces = sorted({(code, _clean(name)) for _, _, code, name, _, _ in current})
    communes = [(code, province, _clean(name)) for _, _, province, _, code, name in current]
    return {"provinces": provinces, "communes": communes, "old_districts": sorted(districts), "old_communes": old_communes}


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m knowledge.places.compile_units FOLDER_OF_VIETNAMADMINUNITS_DATA")
    DATA.mkdir(exist_ok=True)
    for name, rows in tables(Path(sys.argv[1])).items():
        lines = "".join("\t".join(row).rstrip("\t") + "\n" for row in rows)
        (DATA / f"{name}.tsv").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
