"""Stand-ins any room's tests may use: an encoder without a model and a small invented library."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

from knowledge.content.signposts import add_signposts
from knowledge.index.build import build_index
from knowledge.index.store import IndexStore
from knowledge.index.terms import bare_words
from knowledge.library import Library
from knowledge.model import (
    Family,
    FamilyOption,
    LegalBasis,
    OutsideMatter,
    Plan,
    PlanSection,
    PlanTask,
    Procedure,
    RequiredDocument,
    Source,
    Submission,
)

TODAY = date(2031, 6, 1)


class HashEncoder:
    """Unit vectors of a text's words without diacritics: shared words make texts near, nothing is learnt.

    Attributes:
        encoded: every passage encoded so far, in order.
    """

    name = "hash"
    dimension = 48

    def __init__(self, digest: str = "") -> None:
        self.digest = digest or hashlib.sha256(b"hash encoder").hexdigest()
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([_vector(text, self.dimension) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += texts
        return self.encode_queries(texts)


def _vector(text: str, dimension: int) -> np.ndarray:
    total = np.full(dimension, 0.05)  # no words still give a unit vector
    for word in bare_words(text):
        total = total + _word_vector(word, dimension)
    return (total / np.linalg.norm(total)).astype(np.float32)


@lru_cache(maxsize=50_000)
def _word_vector(word: str, dimension: int) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(dimension)


def source(record: str, read_on: str = "2031-05") -> Source:
    return Source(f"{record}.json", "Cổng thử nghiệm", f"https://example.invalid/{record}", read_on)


BIRTH = Procedure(
    code="9.100001",
    name="Đăng ký khai sinh",
    source=source("9.100001"),
    aliases=("làm giấy khai sinh cho con", "khai sinh cho bé mới sinh"),
    levels=("Cấp xã",),
    field="Hộ tịch",
    agency="Ủy ban nhân dân xã Hoa Mơ",
    place="Quầy số 3 nhà văn hóa Hoa Mơ",
    ministry="Bộ Tư pháp",
    applicants=("Công dân Việt Nam",),
    submissions=(
        Submission("desk", "Trong 1 ngày làm việc", fees=("Miễn phí",)),
        Submission("online", "Trong 2 ngày làm việc", fees=("Lệ phí: 8.000 đồng một bản sao",)),
    ),
    documents=(
        RequiredDocument("Giấy chứng sinh do trạm y tế cấp", "1 bản chính"),
        RequiredDocument("Tờ khai theo mẫu", "1 bản chính", form="TK11"),
    ),
    steps="Người đi khai nộp tờ khai ở quầy.\nCán bộ ghi vào sổ và trao giấy.",
    conditions="Trẻ chưa từng được khai sinh ở nơi khác.",
    legal_basis=(LegalBasis("Luật Hộ tịch", "60/2030/QH16"), LegalBasis("Nghị định về hộ tịch", "123/2030/NĐ-CP")),
    result="Giấy khai sinh bản chính",
    forms=("TK11",),
    online_level="toàn trình",
    notes=("Ghi chú của ban biên tập về khai sinh.",),
)
MARRIAGE = Procedure(
    code="9.100002",
    name="Đăng ký kết hôn",
    source=source("9.100002"),
    aliases=("làm giấy cưới",),
    levels=("Cấp xã",),
    field="Hộ tịch",
    agency="Ủy ban nhân dân xã Hoa Mơ",
    applicants=("Công dân Việt Nam",),
    submissions=(Submission("desk", "8", is_time_certain=False, fees=("Miễn phí",)),),
    documents=(RequiredDocument("Tờ khai kết hôn hai bên cùng ký", "1 bản chính"),),
    legal_basis=(LegalBasis("Nghị định về hộ tịch", "123/2030/NĐ-CP"),),
)
PASSPORT = Procedure(
    code="9.100003",
    name="Cấp hộ chiếu phổ thông",
    source=source("9.100003"),
    levels=("Cấp tỉnh",),
    field="Xuất nhập cảnh",
    agency="Công an tỉnh Sương Lam",
    applicants=("Công dân Việt Nam",),
    submissions=(Submission("desk", "8 ngày làm việc", fees=("Miễn phí", "Lệ phí: 200.000 đồng")),),
    result="Hộ chiếu",
)
RESIDENCE = Procedure(
    code="9.100004",
    name="Đăng ký thường trú",
    source=source("9.100004"),
    levels=("Cấp xã",),
    field="Cư trú",
    agency="Công an xã Hoa Mơ",
    applicants=("Công dân Việt Nam",),
    submissions=(Submission("online", "7 ngày làm việc", fees=("10.000 đồng",)),),
    documents=(RequiredDocument("Tờ khai cư trú", "1 bản chính", form="CT01"),),
    forms=("CT01",),
)
LODGING = Procedure(
    code="9.100005",
    name="Đăng ký tạm trú",
    source=source("9.100005"),
    levels=("Cấp xã",),
    field="Cư trú",
    agency="Công an xã Hoa Mơ",
    applicants=("Công dân Việt Nam",),
    submissions=(Submission("desk", "3 ngày làm việc", fees=("15.000 đồng",)),),
    forms=("CT01",),
)
QUARRY = Procedure(
    code="9.100006",
    name="Cấp phép khai thác đá ong",
    source=source("9.100006"),
    levels=("Cấp huyện",),
    field="Khoáng sản",
    agency="Ủy ban nhân dân huyện Lũng Ngà",
    applicants=("Doanh nghiệp",),
    submissions=(Submission("desk", "30 ngày"),),
    result="Giấy phép khai thác",
)
#: Ends before TODAY.
OLD_PLAN = Plan(
    id="ke-hoach-trong-tre",
    title="Kế hoạch trồng tre ven sông năm 2029",
    source=source("ke-hoach-trong-tre"),
    number="41/KH-UBND",
    kind="Kế hoạch",
    authority="Ủy ban nhân dân tỉnh Sương Lam",
    place="tỉnh Sương Lam",
    issued_on=date(2029, 2, 3),
    period_from=date(2029, 1, 1),
    period_to=date(2029, 12, 31),
    sections=(
        PlanSection("I", "Mục đích", ("Mục đích",), ("Trồng tre để giữ bờ sông khỏi sạt lở.",)),
        PlanSection("II", "Nhiệm vụ", ("Nhiệm vụ",), ("Phòng Thủy lợi chủ trì ươm mười nghìn gốc tre, xong trước ngày 30/6.",)),
    ),
    tasks=(PlanTask("Ươm mười nghìn gốc tre", "Phòng Thủy lợi", (), "Gốc tre", "30/6"),),
)
LIVE_PLAN = Plan(
    id="ke-hoach-thu-vien",
    title="Kế hoạch mở thư viện lưu động năm 2031",
    source=source("ke-hoach-thu-vien"),
    number="52/KH-UBND",
    kind="Kế hoạch",
    authority="Ủy ban nhân dân xã Hoa Mơ",
    place="xã Hoa Mơ",
    issued_on=date(2031, 1, 5),
    period_from=date(2031, 1, 1),
    period_to=date(2031, 12, 31),
    sections=(
        PlanSection("I", "Nhiệm vụ", ("Nhiệm vụ",), ("Đoàn Thanh niên chủ trì đưa xe sách đến các thôn mỗi tháng một lần.",)),
    ),
)
PROCEDURES = (BIRTH, MARRIAGE, PASSPORT, RESIDENCE, LODGING, QUARRY)
PLANS = (OLD_PLAN, LIVE_PLAN)


FAMILIES = (
    Family(
        id="giay-to-cu-tru",
        matter="giấy tờ cư trú",
        ask="Bạn ở hẳn hay ở trọ một thời gian?",
        names=("giấy tờ cư trú", "khai báo chỗ ở", "đăng ký chỗ ở mới"),
        options=(
            FamilyOption("Ở hẳn", ("9.100004",), ("thường trú", "ở luôn")),
            FamilyOption("Ở trọ một thời gian", ("9.100005",), ("tạm trú", "ở tạm")),
        ),
    ),
)
EVENTS = (
    Family(
        id="viec-doi-cuoi-o-que",
        matter="nhà có đám cưới",
        ask="Mừng hai bạn! Bạn cần làm việc nào?",
        names=("nhà có đám cưới", "mới rước dâu về", "hai đứa vừa làm lễ"),
        options=(
            FamilyOption("Đăng ký kết hôn", ("9.100002",), ("giấy kết hôn",)),
            FamilyOption("Chuyển hộ khẩu", ("9.100004",), ("nhập khẩu",)),
        ),
        is_event=True,
    ),
)
OUTSIDE = (
    OutsideMatter("Cấp phép lễ hội thả diều", "Bộ Trò chơi", ("tổ chức hội thả diều", "xin thả diều ngày hội"), "Sở Gió"),
)


def library_of(procedures: Sequence[Procedure] = PROCEDURES, plans: Sequence[Plan] = PLANS) -> Library:
    """The invented library; families keep only the options whose procedures it holds."""
    library = Library({p.code: p for p in procedures}, {p.id: p for p in plans})
    return add_signposts(library, (*FAMILIES, *EVENTS), OUTSIDE) if procedures else library


def publish_town(root: Path, encoder: HashEncoder, procedures: Sequence[Procedure] = PROCEDURES) -> IndexStore:
    """Build and publish an index of the invented library below ``root``."""
    store = IndexStore(root / "index")
    folder = store.new_folder()
    build_index(library_of(procedures, PLANS), encoder, folder, root / "cache")
    store.publish(folder)
    return store
