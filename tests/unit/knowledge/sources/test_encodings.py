"""Old Vietnamese encodings: the national motto as offices typed it before Unicode, and text that must stay as it is."""

from __future__ import annotations

import pytest

from knowledge.sources.encodings import decode, from_tcvn3, from_vni, mend_legacy, syllable_share

MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc"
IN_TCVN3 = "Céng hßa x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc"
IN_VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Ñoäc laäp - Töï do - Haïnh phuùc"


def test_tcvn3_becomes_unicode():
    assert from_tcvn3(IN_TCVN3) == MOTTO


def test_vni_becomes_unicode_small_and_capital():
    assert from_vni(IN_VNI) == MOTTO
    assert from_vni("QUYEÁT ÑÒNH, ÑÖÔØNG, nghæ pheùp") == "QUYẾT ĐỊNH, ĐƯỜNG, nghỉ phép"


@pytest.mark.parametrize(
    ("data", "encoding", "is_certain"),
    [
        (MOTTO.encode(), "UTF-8", True),
        (MOTTO.encode("utf-8-sig"), "UTF-8", True),
        (MOTTO.encode("utf-16"), "UTF-16", True),
        (MOTTO.encode("utf-16-le"), "UTF-16-LE", True),
        (IN_TCVN3.encode("latin-1"), "TCVN3", False),
        (IN_VNI.encode("cp1252"), "VNI", False),
        (MOTTO.encode().decode("cp1252", errors="ignore").encode(), "UTF-8", True),  # ground lost in it: left alone
    ],
)
def test_bytes_are_decoded_and_the_encoding_is_told(data: bytes, encoding: str, is_certain: bool):
    decoded = decode(data)
    assert decoded is not None
    assert (decoded.encoding, decoded.is_certain) == (encoding, is_certain)


@pytest.mark.parametrize("data", [IN_TCVN3.encode("latin-1"), IN_VNI.encode("cp1252"), MOTTO.encode("utf-16-be")])
def test_every_encoding_gives_the_same_words(data: bytes):
    decoded = decode(data)
    assert decoded is not None and decoded.text == MOTTO


def test_windows_1258_with_its_combining_tones_is_decoded():
    decoded = decode("Thu\u0309 tu\u0323c đăng ky\u0301 khai sinh ta\u0323i xa\u0303".encode("cp1258"))
    assert decoded is not None
    assert decoded.text == "Thủ tục đăng ký khai sinh tại xã"


def test_utf8_that_was_read_as_windows_1252_is_mended():
    broken = "".join(
        chr(byte) if 0x80 <= byte < 0xA0 and byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
        for byte in "Thủ tục đăng ký khai sinh".encode()
    )
    name, mend = mend_legacy(broken)
    assert name == "UTF-8/Windows-1252"
    assert mend(broken) == "Thủ tục đăng ký khai sinh"


@pytest.mark.parametrize("text", [MOTTO, "Plain English only.", "Décision du café à Paris, élève naïf", "", "QUYẾT ĐỊNH"])
def test_unicode_text_is_left_as_it_is(text: str):
    assert mend_legacy(text)[0] == ""


def test_decomposed_text_becomes_composed():
    decoded = decode("Ho\u0302\u0323 khẩu".encode())
    assert decoded is not None and decoded.text == "Hộ khẩu"


def test_bytes_of_no_vietnamese_encoding_are_refused():
    assert decode(bytes(range(128, 256)) * 20) is None


def test_syllables_are_told_from_letter_salad():
    assert syllable_share("thủ tục nghiêng khuỷu quyền giấy ươm") == 1.0
    assert syllable_share(IN_TCVN3) < 0.5
    assert syllable_share("abc") == 0.0


def test_a_few_broken_bytes_in_unicode_are_counted_and_the_rest_is_read():
    whole = (MOTTO * 20).encode()
    cut = decode("Thủ tục hành chính ở xã".encode()[:-1])
    assert cut is not None and cut.text.startswith("Thủ tục hành chính ở x") and cut.n_bad == 1
    broken = decode(whole.replace("phúc".encode(), b"ph\xc3c", 1))
    assert broken is not None
    assert (broken.n_bad, broken.is_certain, broken.text.count("phúc")) == (1, False, 19)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (IN_VNI.encode("utf-8-sig"), "VNI"),  # text of an old font that Excel or Notepad saved as Unicode
        (IN_TCVN3.encode("utf-16"), "TCVN3"),
        (IN_TCVN3.encode("utf-8-sig"), "TCVN3"),
    ],
)
def test_text_of_an_old_font_is_converted_in_a_file_with_a_unicode_mark_too(data: bytes, encoding: str):
    decoded = decode(data)
    assert decoded is not None and (decoded.text, decoded.encoding, decoded.is_certain) == (MOTTO, encoding, False)


def test_a_broken_byte_behind_a_unicode_mark_is_counted_and_the_rest_read():
    decoded = decode(f"{MOTTO}\n".encode("utf-8-sig") * 3 + b"\xff" + f" {MOTTO}".encode())
    assert decoded is not None and decoded.n_bad == 1 and decoded.text.startswith(MOTTO) and decoded.text.endswith(MOTTO)
