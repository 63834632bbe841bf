"""Two invented plans and the catalogue that holds them."""

from __future__ import annotations

from datetime import date

from knowledge.model import LegalBasis, Plan, PlanSection, PlanTask, Source
from knowledge.plan_catalogue import PlanCatalogue

TODAY = date(2031, 5, 1)
WIND = Plan(
    "gio-2031", "Đo gió <script>alert(1)</script> năm 2031", Source("gio.txt", "Gió", "https://example.invalid/gio", "2031-04"),
    "3/KH-UBND", "Kế hoạch", "UBND tỉnh Trăng Sao", "Trăng Sao", date(2031, 1, 2), date(2031, 1, 1), date(2031, 12, 31),
    sections=(
        PlanSection("", "", (), ("Thực hiện Nghị quyết số 9/NQ-CP, tỉnh đo gió.",)),
        PlanSection("I", "MỤC ĐÍCH", ("I. MỤC ĐÍCH",), ("Biết gió từng đồi, gửi số đo bằng bưu chính công ích.",)),
        PlanSection("II", "NHIỆM VỤ", ("II. NHIỆM VỤ",), ()),
        PlanSection("II.1", "Đo", ("II. NHIỆM VỤ", "1. Đo"), ("Sở Gió đo gió trên đồi, ghi vào sổ, xong trong Quý III.",)),
        PlanSection("II.2", "Mua", ("II. NHIỆM VỤ", "2. Mua"), ("Sở Tài chính mua sổ trước ngày 30/4/2031.",)),
    ),
    tasks=(
        PlanTask("đo gió trên đồi, ghi vào sổ", "Sở Gió", ("UBND các xã",), "Sổ gió", "Quý III", "II.1"),
        PlanTask("mua sổ", "Sở Tài chính", ("Sở Gió",), "", "trước ngày 30/4/2031", "II.2"),
        PlanTask("Giữ cột gió", "Các sở, ngành", (), "", "Thường xuyên", "II.2"),
    ),
    signer="Trần Văn Gió", signer_role="Phó Chủ tịch",
    legal_grounds=(LegalBasis("Thực hiện Nghị quyết số 9/NQ-CP", "9/NQ-CP"), LegalBasis("Căn cứ Nghị định số 61/2018/NĐ-CP", "61/2018/NĐ-CP")),
    replaces=(LegalBasis("Kế hoạch số 4/KH-UBND ngày 02/01/2029 của UBND tỉnh Trăng Sao", "4/KH-UBND"),),
)  # fmt: skip
OLD_WIND = Plan(
    "gio-2029", "Đo gió năm 2029", Source("cu.txt", "Cũ"), "4/KH-UBND", "Kế hoạch", "UBND tỉnh Trăng Sao", "Trăng Sao", date(2029, 1, 2),
    date(2029, 1, 1), date(2029, 12, 31), tasks=(PlanTask("Dựng cột", "Sở Gió", (), "", "Quý I", "II"),),
)  # fmt: skip
ORDER = Plan("lenh", "Quy định giữ đê", Source("lenh.txt", "Đê"), "7/QĐ-UBND", "Quyết định", "UBND huyện Đê Cao", "Đê Cao", date(2031, 2, 3))


def shelf() -> PlanCatalogue:
    return PlanCatalogue((OLD_WIND, WIND, ORDER), TODAY)
