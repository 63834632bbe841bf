"""Several aspects in one question."""

from __future__ import annotations

import pytest

from nlu.aspects import (
    MAX_ASPECTS,
    asks_again,
    asks_whether_allowed,
    asks_whether_needed,
    aspects_asked,
    is_open,
    opens_with_again,
    speaks_of_online,
)


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("làm khai sinh cần giấy tờ gì và mất bao nhiêu tiền", ("documents", "fee")),
        ("xin giấy độc thân ở đâu, bao lâu thì có", ("place", "time")),
        ("ho so gom nhung gi, le phi bao nhieu, may ngay xong", ("documents", "fee", "time")),
        ("lệ phí bao nhiêu", ("fee",)),
        ("đổi sang thẻ mới thì nộp gì", ("documents",)),
        ("mang theo những gì", ("documents",)),
        ("nộp online được không và điền mẫu nào", ("online", "form")),
        ("đóng cửa lò gạch thì báo cho ai", ("place",)),
        ("sang tên xe ba gác giấy tờ sao", ("documents",)),
        ("xin cấp lại bằng máy cày đơn từ ra sao", ("form",)),
        ("giấy đi rừng có giá trị mấy tháng", ("result",)),
        ("phí thẩm định giấy đủ điều kiện nuôi ong lần đầu bao nhiêu", ("fee",)),
        ("chi phí mai táng được bao nhiêu", ()),
        ("mất sổ thì viết đơn mẫu mấy", ("form",)),
        ("nộp đơn mấy ngày thì có", ("time",)),
        ("bị trừ hết điểm, sau bao lâu mới được thi lại", ("conditions",)),
        ("làng nghề phải bao nhiêu hộ cùng làm", ("conditions",)),
        ("đăng ký lò gạch ở phường được không", ("place",)),
        ("lam giay tho moc ra cong an xa co duoc ko", ("place",)),
        ("dịch giấy xong thì phường có chứng không", ("place",)),
        ("giấy chưa có nhà thì ai xác nhận", ("place",)),
        ("báo mất trâu trễ nhất là khi nào", ("time",)),
        ("đơn xin nuôi ong tải ở đâu", ("form",)),
        ("rứa tới mô nộp", ("place",)),
        ("chủ lò làm hay mình làm", ("who",)),
        ("đi mở lò gạch", ()),
        ("người ở xã được mấy sào", ()),
        ("con dưới 6 tuổi làm được không", ()),
        ("tôi bị mất thẻ căn cước", ()),
        ("", ()),
    ],
)
def test_each_aspect_is_found_in_the_order_asked(question: str, aspects: tuple[str, ...]) -> None:
    assert aspects_asked(question) == aspects


def test_no_more_than_a_reader_can_follow() -> None:
    question = "cần giấy tờ gì, lệ phí bao nhiêu, mấy ngày, nộp ở đâu, điền mẫu nào, điều kiện gì"
    assert len(aspects_asked(question)) == MAX_ASPECTS


@pytest.mark.parametrize("question", ["đào ao thì đăng ký kiểu gì", "khai báo khách như nào", "báo mất rồi thì sao", "hết hạn thì phải làm gì", "cha me chua cuoi thi lam sao?"])
def test_what_then_asks_for_no_single_aspect(question: str) -> None:
    assert is_open(question)


@pytest.mark.parametrize("question", ["lệ phí bao nhiêu thì sao", "làm sao cho nhanh", "đăng ký tạm trú"])
def test_a_named_aspect_or_no_question_is_not_open(question: str) -> None:
    assert not is_open(question)


def test_words_for_a_discount_and_for_two_offices_ask_for_fee_and_place() -> None:
    assert aspects_asked("sinh viên có được giảm không") == ("fee",)
    assert aspects_asked("xã làm được không hay phải ra tỉnh") == ("place",)


@pytest.mark.parametrize(("question", "again"), [
    ("còn đi Campuchia?", True),
    ("thế còn xe ba bánh thì sao", True),
    ("ok còn xe tải", True),
    ("còn lệ phí bao nhiêu", False),  # names what it asks for
    ("con tôi mới sinh", False),
    ("xe ba bánh còn hạn", False),
])  # fmt: skip
def test_the_same_question_about_something_else(question: str, again: bool) -> None:
    assert asks_again(question) is again


@pytest.mark.parametrize(("question", "needed"), [
    ("ảnh thẻ có cần không", True),
    ("có cần mang sổ hộ khẩu không?", True),
    ("phải nộp giấy khám bệnh hông", True),
    ("giay xac nhan co bat buoc khong", True),
    ("làm ở xã khác có được không", True),
    ("vợ đi nộp thay tôi được không", True),
    ("co uy quyen duoc khong", True),
    ("có mất phí không", False),
    ("nộp ở đâu", False),
])  # fmt: skip
def test_whether_one_more_thing_is_needed_or_it_may_be_done_otherwise(question: str, needed: bool) -> None:
    assert asks_whether_needed(question) is needed


@pytest.mark.parametrize(("question", "allowed"), [
    ("con 15 tuổi tự đi mở sổ được không", True),
    ("chua co bang lai mua xe dc ko a", True),
    ("nộp online được không", False),  # names what it asks for
    ("được không đồng nào", False),
    ("mở sổ cho con", False),
])  # fmt: skip
def test_whether_something_may_be_done_at_all(question: str, allowed: bool) -> None:
    assert asks_whether_allowed(question) is allowed


def test_only_words_about_the_net_ask_whether_it_can_be_done_there() -> None:
    assert speaks_of_online("khai trên VNeID được không") and speaks_of_online("gọi điện báo được ko")
    assert not speaks_of_online("xin lại bản chính được không")


def test_what_opens_with_still_says_that_something_changes() -> None:
    assert opens_with_again("rứa còn lò gạch thì răng") and not opens_with_again("lò gạch thì sao")
    assert asks_again("lò gạch thì sao") and not asks_again("con dưới 6 tuổi")
