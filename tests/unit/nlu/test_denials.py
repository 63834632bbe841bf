"""What is said not to be meant is not searched for."""

from __future__ import annotations

import pytest

from nlu.denials import without_denied


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tôi muốn tách sổ đỏ làm hai, không phải tách hộ khẩu. Nộp hồ sơ ở đâu?", "tôi muốn tách sổ đỏ làm hai. Nộp hồ sơ ở đâu?"),
        ("khai lệ phí trước bạ nhà, không phải cho xe, thì dùng mẫu nào", "khai lệ phí trước bạ nhà, thì dùng mẫu nào"),
        ("ra xã chứng thực chứ không ra phòng công chứng, cần gì", "ra xã chứng thực, cần gì"),
        ("xin nhận phần đó (không phải tiền tuất) thì bao lâu", "xin nhận phần đó thì bao lâu"),
        ("không phải cấp đổi mà làm mới căn cước thì ở đâu", "làm mới căn cước thì ở đâu"),
        ("em hỏi tạm trú chứ không phải thường trú", "em hỏi tạm trú"),
    ],
)
def test_it_is_left_away(said: str, meant: str) -> None:
    assert without_denied(said) == meant


@pytest.mark.parametrize(
    "text",
    [
        "sửa nhà trong nhà, không phải xin phép đúng không",
        "chồng tôi không phải người Việt Nam thì đăng ký ở đâu",
        "trường hợp không phải đánh giá tác động môi trường",
        "bán hàng rong, không phải đóng thuế gì",
        "không phải thường trú",
        "có phải công chứng không",
        "nộp được chứ không",
        "tự làm, không phải nhờ ai đi cùng ra tận trên tỉnh để nộp",
    ],
)
def test_what_only_tells_or_asks_stays(text: str) -> None:
    assert without_denied(text) == text
