"""Words around place names: kinds and their abbreviations, nicknames, what stands before and after a place."""

from __future__ import annotations

from knowledge.places.spelling import forms
from knowledge.places.units import Commune, OldCommune, OldDistrict, OldProvince, Province

PROVINCIAL = (Province, OldProvince)
COMMUNAL = (Commune, OldCommune)

#: Marker (bare words) → kinds it stands for, levels it may name.
MARKERS: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[type, ...]]] = {
    ("thanh", "pho"): (("Thành phố",), (*PROVINCIAL, OldDistrict)),
    ("thi", "xa"): (("Thị xã",), (OldDistrict,)),
    ("thi", "tran"): (("Thị trấn",), COMMUNAL),
    ("dak", "khu"): (("Đặc khu",), (*COMMUNAL, OldDistrict)),
    ("tinh",): (("Tỉnh",), PROVINCIAL),
    ("huyen", "dao"): (("Huyện",), (*COMMUNAL, OldDistrict)),
    ("quan",): (("Quận",), (OldDistrict,)),
    ("huyen",): (("Huyện",), (OldDistrict,)),
    ("phuong",): (("Phường",), COMMUNAL),
    ("xa",): (("Xã",), COMMUNAL),
    ("t", "p"): (("Thành phố",), (*PROVINCIAL, OldDistrict)),
    ("t", "x"): (("Thị xã",), (OldDistrict,)),
    ("t", "t"): (("Thị trấn",), COMMUNAL),
    ("tp",): (("Thành phố",), (*PROVINCIAL, OldDistrict)),
    ("tx",): (("Thị xã",), (OldDistrict,)),
    ("tt",): (("Thị trấn",), COMMUNAL),
    ("ward",): (("Phường",), COMMUNAL),
    ("district",): (("Quận",), (OldDistrict,)),
    ("t",): (("Tỉnh",), PROVINCIAL),
    ("q",): (("Quận",), (OldDistrict,)),
    ("h",): (("Huyện",), (OldDistrict,)),
    ("p",): (("Phường",), COMMUNAL),
    ("f",): (("Phường",), COMMUNAL),
    ("x",): (("Xã",), COMMUNAL),
}  # fmt: skip
_SPELT = ("thành", "phố", "thị", "xã", "trấn", "đặc", "khu", "đảo", "tỉnh", "quận", "huyện", "phường")
#: Bare word of a marker → how it is spelt when diacritics are typed.
FULL = {forms(word)[1]: forms(word)[0] for word in _SPELT}
#: Everyday names of provinces and cities: key → codes of today's provinces.
NICKNAMES: dict[str, tuple[str, ...]] = {
    "hcm": ("79",), "tphcm": ("79",), "hcmc": ("79",), "saigon": ("79",), "sg": ("79",), "tpsg": ("79",), "hochiminhcity": ("79",),
    "hn": ("01",), "tphn": ("01",), "hanoicity": ("01",),
    "tth": ("46",), "thuathienhue": ("46",), "daklac": ("66",),
}  # fmt: skip
#: The same, only after "tp".
CITY_LETTERS: dict[str, tuple[str, ...]] = {"dn": ("48", "75"), "hp": ("31",), "ct": ("92",)}
#: The same for provinces that are gone: key → code of the old province.
OLD_NICKNAMES: dict[str, str] = {
    "brvt": "77", "bariavungtau": "77", "vungtaubaria": "77", "baccan": "06",
}  # fmt: skip
#: A place follows. Bare word → how it is spelt.
CUES = {forms(w)[1]: forms(w)[0] for w in ("ở", "tại", "thuộc", "quê", "về", "từ", "sống", "bên", "ngụ", "trú", "dưới", "trên", "trong",
                                            "đến", "sang", "vào", "ra", "lên", "xuống", "của")}  # fmt: skip
#: What follows is a street or hamlet, no unit.
STREET = {forms(w)[1] for w in ("đường", "phố", "ngõ", "hẻm", "ngách", "thôn", "ấp", "xóm", "tổ", "buôn", "bản", "làng", "khóm", "chợ", "số")}
#: May stand around a place in a text that says nothing else.
FILLER = {forms(w)[1] for w in (
    "em", "tôi", "mình", "nhà", "dạ", "ạ", "là", "thì", "à", "vậy", "anh", "chị", "cháu", "con", "bác", "cô", "chú", "ah", "uh", "nha", "nhé",
    "cũ", "trước", "đây", "nay", "hiện", "đang", "gia", "đình", "cư", "hộ", "khẩu", "việt", "nam", "vn", "i", "và", "tui", "đó", "này", "địa",
    "chỉ", "chưa", "sáp", "nhập", "kia", "ok", "vâng", "chính", "xác",
)} | set(CUES)  # fmt: skip
#: After a name: it is meant as it was before the mergers.
OLD = {("cu",), ("truoc", "day"), ("truoc", "kia"), ("chua", "sap", "nhap"), ("truoc", "sap", "nhap"), ("truoc", "khi", "sap", "nhap")}
