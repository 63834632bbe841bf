"""Personal data is masked; codes, amounts, dates and plates are not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.privacy import LABELS, mask_dossier_codes, mask_personal_data


@pytest.mark.parametrize(
    ("text", "masked", "kind"),
    [
        ("số cccd của tôi là 079203001234", "số cccd của tôi là [số định danh]", "identity_number"),
        ("079203001234", "[số định danh]", "identity_number"),
        ("em là Lan, 079 203 001 234 ạ", "em là Lan, [số định danh] ạ", "identity_number"),
        ("cmnd 272654321 mất rồi", "cmnd [số định danh] mất rồi", "identity_number"),
        ("CMND cũ: 012345678", "CMND cũ: [số định danh]", "identity_number"),
        ("272654321", "[số định danh]", "identity_number"),
        ("gọi tôi 0912345678 nhé", "gọi tôi [số điện thoại] nhé", "phone"),
        ("sđt 0912.345.678", "sđt [số điện thoại]", "phone"),
        ("0912 345 678", "[số điện thoại]", "phone"),
        ("+84912345678", "[số điện thoại]", "phone"),
        ("+84 912 345 678", "[số điện thoại]", "phone"),
        ("091 234 5678", "[số điện thoại]", "phone"),
        ("02363821234", "[số điện thoại]", "phone"),
        ("gửi về lan.nguyen+1@gmail.com giúp em", "gửi về [thư điện tử] giúp em", "email"),
        ("mã OTP của em là 482913", "mã OTP của em là [mã OTP]", "otp"),
        ("otp 482 913", "otp [mã OTP]", "otp"),
        ("482913 là mã xác thực", "[mã OTP] là mã xác thực", "otp"),
        ("ma xac nhan: 4829", "ma xac nhan: [mã OTP]", "otp"),
        ("mật khẩu vneid của tôi là Abc@123", "mật khẩu vneid của tôi là [mật khẩu]", "password"),
        ("mat khau: hoangtu", "mat khau: [mật khẩu]", "password"),
        ("pass: lan1990", "pass: [mật khẩu]", "password"),
        ("thẻ 4111 1111 1111 1111 bị trừ tiền", "thẻ [số thẻ] bị trừ tiền", "card_number"),
        ("stk 0071001234567 vcb", "stk [số tài khoản] vcb", "bank_account"),
        ("số tài khoản của em: 19036512345", "số tài khoản của em: [số tài khoản]", "bank_account"),
        ("hộ chiếu C1234567", "hộ chiếu [số hộ chiếu]", "passport"),
        ("mst 8012345678", "mst [mã số thuế]", "tax_code"),
        ("thẻ DN4790123456789", "thẻ [số bảo hiểm]", "insurance_number"),
        ("mã số bhxh 7912345678", "mã số bhxh [số bảo hiểm]", "insurance_number"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str, kind: str) -> None:
    result = mask_personal_data(text)
    assert result.text == masked
    assert result.kinds == (kind,)


@pytest.mark.parametrize(
    "text",
    [
        "thủ tục 1.001193 cần gì",
        "Nghị định 154/2024/NĐ-CP",
        "lệ phí 10.000 đồng, 1.000.000 đồng, 250000000 đồng",
        "giá 123456789 đ",
        "số tiền 123456789",
        "ngày 20/11/2024, 09.01.2024 10 giờ",
        "biển số 51F-123.45 và 29A1-12345",
        "hồ sơ H25.12-260701-0042 và 000.00.00.H01-201026-0001",
        "tổng đài 1900 1234 hoặc 18001096",
        "mẫu CT01, 13-MST, TK05",
        "mật khẩu là gì, quên mật khẩu thì làm sao",
        "mk là người nước ngoài",
        "otp là gì, mã otp không gửi về năm 2024",
        "luật 60/2014/QH13",
        "mã thủ tục 1001193",
        "sinh năm 1990, 2 con, 15 ngày",
        "tài khoản mức 2 đăng ký ở đâu",
        "số 1234 đường Lê Lợi",
        "",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    result = mask_personal_data(text)
    assert result.text == text
    assert result.kinds == ()


def test_several_kinds_are_named_in_reading_order_each_once() -> None:
    result = mask_personal_data("0912345678, lan@abc.vn, 0987654321, cccd 079203001234")
    assert result.text == "[số điện thoại], [thư điện tử], [số điện thoại], cccd [số định danh]"
    assert result.kinds == ("phone", "email", "identity_number")


def test_decomposed_text_is_masked_too() -> None:
    result = mask_personal_data(unicodedata.normalize("NFD", "mã xác thực là 482913"))
    assert "482913" not in result.text


def test_dossier_codes_are_masked_only_on_demand() -> None:
    text = "hồ sơ H25.12-260701-0042 tới đâu rồi"
    assert mask_dossier_codes(text).text == "hồ sơ [mã hồ sơ] tới đâu rồi"
    assert mask_dossier_codes(text).kinds == ("dossier_code",)


@given(st.integers(0, 99_999_999), st.sampled_from(["số tôi là {}", "{}", "gọi {} nha", "a {}, b"]))
def test_no_mobile_number_survives(number: int, sentence: str) -> None:
    phone = f"09{number:08d}"
    assert phone not in mask_personal_data(sentence.format(phone)).text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal_data(text).text
    assert mask_personal_data(once).text == once


def test_labels_hold_nothing_that_would_be_masked() -> None:
    for label in LABELS.values():
        assert mask_personal_data(label).text == label
