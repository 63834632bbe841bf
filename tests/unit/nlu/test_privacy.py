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
        ("cccd 07 92 03 00 12 34", "cccd [số định danh]", "identity_number"),
        ("căn cước 079.203.001.234", "căn cước [số định danh]", "identity_number"),
        ("0 7 9 2 0 3 0 0 1 2 3 4", "[dãy số]", "long_number"),
        ("số căn cước là 0792 rồi tới 0300 rồi 1234", "số căn cước là [dãy số]", "long_number"),
        ("079203001234/1990", "[dãy số]/1990", "long_number"),
        ("0 9 1 2 3 4 5 6 7 8", "[dãy số]", "long_number"),
        ("09 12 34 56 78 nhé", "[dãy số] nhé", "long_number"),
        ("091-23.45 678", "[dãy số]", "long_number"),
        ("o9l2345678", "[dãy số]", "long_number"),
        ("không chín một, hai ba bốn, năm sáu bảy tám", "[dãy số]", "long_number"),
        ("gplx 790123456789", "gplx [dãy số]", "long_number"),
        ("thủ tục 1.001193 0 9 1 2 3 4 5 6 7 8", "thủ tục 1.001193 [dãy số]", "long_number"),
        ("lan(at)gmail.com", "[thư điện tử]", "email"),
        ("lan a còng gmail chấm com", "[thư điện tử]", "email"),
        ("mã họ nhắn cho tui là 121314", "mã họ nhắn cho tui là [mã OTP]", "otp"),
        ("nhập giúp tôi mã 909012 vừa nhận", "nhập giúp tôi mã [mã OTP] vừa nhận", "otp"),
        ("otp bốn tám hai chín một ba", "otp [mã OTP]", "otp"),
        ("passcode vneid 112233", "passcode vneid [mã OTP]", "otp"),
        ("mật khẩu em đặt là Abc@123", "mật khẩu em đặt là [mật khẩu]", "password"),
        ("mật khẩu Abc@123", "mật khẩu [mật khẩu]", "password"),
        ("mk vneid e là hoa123", "mk vneid e là [mật khẩu]", "password"),
        ("cvv của thẻ là 123", "cvv của thẻ là [mã bảo mật thẻ]", "card_code"),
        ("4111.1111.1111.1111", "[số thẻ]", "card_number"),
        ("9704 1234 5678 9012", "[số thẻ]", "card_number"),
        ("số thẻ atm 1234 5678 9012 3456", "số thẻ atm [số thẻ]", "card_number"),
        ("vietcombank 0071001234567", "vietcombank [số tài khoản]", "bank_account"),
        ("tk vietinbank của em số 10 1234 5678 9", "tk vietinbank của em số [số tài khoản]", "bank_account"),
        ("passport N 1234567", "passport [số hộ chiếu]", "passport"),
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
        "mã hồ sơ H25.12-260701-0042, mã biên nhận G22.99.54-260101-12345",
        "thủ tục 1.001193, 2.000815 và 3.000123",
        "1.001193 2.000815",
        "quyết định 1234/QĐ-UBND ngày 01/02/2025, luật 59/2020/QH14",
        "22-11-2026 và 23-11-2026, 2026-11-22 10:30",
        "năm 2024 2025 2026",
        "bước 1 2 3 4 5 6 7 8 9 10",
        "1.300.000 2.340.000 3.500.000",
        "vốn điều lệ 1500000000, doanh thu 300000000",
        "diện tích 123456789 m2",
        "tờ bản đồ 12 thửa 345 678 901",
        "mã ngành 4711, 5610, mã bưu chính 550000",
        "18001096 và 1900 1568",
        "mật khẩu cấp 2 quên thì sao, mật khẩu cũ không nhớ",
        "mã là gì, đọc mã ở đâu năm 2026",
        "hai ba hôm nữa, năm sáu người, một hai ngày",
        "",
        "thủ tục 1.001193.000.00.00.H01 cần gì",
        "mã 1.001193.000.00.00 làm khai sinh",
        "mật khẩu VNeID là [đã che] thì sao",
        "mật khẩu: [số đã che]",
        "password is [mật khẩu]",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    result = mask_personal_data(text)
    assert result.text == text
    assert result.kinds == ()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("thủ tục 1.001193.000.00.00 của 079203001234", "thủ tục 1.001193.000.00.00 của [số định danh]"),
        ("1.001193.000.00.001", "[dãy số]"),  # a digit more is no code
        ("1.0011930000000", "[dãy số]"),
        ("mật khẩu là [abc123", "mật khẩu là [mật khẩu]"),
        ("mật khẩu là [đãche]99", "mật khẩu là [mật khẩu]"),
    ],
)
def test_what_only_begins_like_a_code_or_a_label_is_masked(text: str, masked: str) -> None:
    assert mask_personal_data(text).text == masked


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


@given(
    st.integers(0, 10**11 - 1),
    st.lists(st.sampled_from(["", " ", ".", "-", " - ", " rồi "]), min_size=11, max_size=11),
    st.sampled_from(["cccd của tôi {}", "{}", "số {} ạ", "em tên Lan {}"]),
)
def test_no_identity_number_survives_however_it_is_cut(number: int, cuts: list[str], sentence: str) -> None:
    digits = f"0{number:011d}"
    typed = "".join(digit + cut for digit, cut in zip(digits, [*cuts, ""], strict=True))
    left = mask_personal_data(sentence.format(typed)).text
    assert sum(char.isdigit() for char in left) <= 3, left


def test_an_identity_number_cut_like_a_procedure_code_is_masked() -> None:
    assert mask_personal_data("cccd của tôi 0.010900 04567").text == "cccd của tôi [số định danh]"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal_data(text).text
    assert mask_personal_data(once).text == once


def test_labels_hold_nothing_that_would_be_masked() -> None:
    for label in LABELS.values():
        assert mask_personal_data(label).text == label
