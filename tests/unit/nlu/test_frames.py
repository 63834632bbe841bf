"""Question words are cut away; what remains is the matter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import nlu.frames
from nlu.diacritics import bare
from nlu.frames import content_words, matter_of, telling_words, without_repair

FILE = Path(nlu.frames.__file__).with_name("frames.yml")


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("đăng ký khai sinh cần giấy tờ gì", "đăng ký khai sinh"),
        ("đăng ký kết hôn nộp ở đâu", "đăng ký kết hôn"),
        ("cấp hộ chiếu hết bao nhiêu tiền", "cấp hộ chiếu"),
        ("xây nhà mất bao lâu?", "xây nhà"),
    ],
)
def test_what_is_asked_is_cut_from_what_it_is_about(question: str, matter: str) -> None:
    assert matter in matter_of(question)
    assert len(matter_of(question)) < len(question)


@pytest.mark.parametrize("question", ["đăng ký khai sinh cần giấy tờ gì", "cấp hộ chiếu hết bao nhiêu tiền", "xây nhà mất bao lâu"])
def test_diacritics_make_no_difference(question: str) -> None:
    assert bare(matter_of(question)) == matter_of(bare(question))


@pytest.mark.parametrize("question", ["cần giấy tờ gì", "bao lâu thì xong", "lệ phí bao nhiêu", "nộp ở đâu", ""])
def test_a_question_of_nothing_but_question_words_stays_whole(question: str) -> None:
    assert matter_of(question) == question


@pytest.mark.parametrize("question", ["thế nộp ở đâu", "còn lệ phí bao nhiêu", "bao lau thi xong", "cần giấy tờ gì", "làm online được không", "", "?!"])
def test_an_ellipsis_names_no_matter(question: str) -> None:
    assert content_words(question) == []


@pytest.mark.parametrize(("question", "word"), [("lệ phí khai sinh bao nhiêu", "sinh"), ("hộ chiếu cần giấy tờ gì", "chiếu"), ("khai tu can giay to gi", "khai")])
def test_a_named_matter_leaves_its_words(question: str, word: str) -> None:
    assert word in content_words(question)


@pytest.mark.parametrize("question", ["😀 khai sinh 👶🏽 cần giấy tờ gì", "İstanbul khai sinh", "khai\u0301 sinh"])
def test_letters_outside_vietnamese_break_nothing(question: str) -> None:
    assert "sinh" in matter_of(question)


def test_frames_are_written_bare_and_compile() -> None:
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert set(content) == {"frames", "spelled", "own_words", "repairs", "fillers", "soft"}
    for frame in (*content["frames"], *content["repairs"]):
        assert isinstance(frame, str) and bare(frame) == frame
        pattern = re.compile(frame)
        assert not pattern.fullmatch(""), f"{frame} matches nothing at all"


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("thi chứng chỉ đấu giá thì nộp ở đâu", "thi chứng chỉ đấu giá"),
        ("thu hồi chứng chỉ hành nghề luật sư cần giấy tờ gì", "thu hồi chứng chỉ hành nghề luật sư"),
        ("chi phí mai táng được bao nhiêu", "chi phí mai táng được"),
        ("tuần trước mất cà vẹt thì báo cho ai", "mất cà vẹt"),
        ("lái đò mười năm rồi", "lái đò mười năm rồi"),
        ("làm lại bằng lái bị mất hết bao nhiêu tiền", "làm lại bằng lái bị mất"),
        ("làm lại bằng lái mất bao nhiêu tiền", "làm lại bằng lái"),
        ("làm lại sổ bị mất bao lâu thì có", "làm lại sổ bị mất"),
        ("trình báo mất hộ chiếu với ai", "trình báo mất hộ chiếu với ai"),
        ("khai thuế trên cổng dịch vụ công quốc gia", "khai thuế"),
        ("cấp tài khoản trên cổng dịch vụ công", "cấp tài khoản trên cổng dịch vụ công"),
        ("giấy phép thợ săn có hiệu lực mấy năm", "giấy phép thợ săn"),
        ("chuyển sang đất phi nông nghiệp mất bao lâu", "chuyển sang đất phi nông nghiệp"),
        ("khai lệ phí trước bạ xe máy nộp ở đâu", "khai lệ phí trước bạ xe máy"),
        ("cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm ở đâu", "cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm"),
        ("trở lại quốc tịch Việt Nam mất bao lâu", "trở lại quốc tịch Việt Nam"),
        ("yêu cầu trợ giúp pháp lý nộp ở đâu", "yêu cầu trợ giúp pháp lý"),
        ("gia hạn chỉ định phòng thử nghiệm mấy ngày", "gia hạn chỉ định phòng thử nghiệm"),
        ("quay lại vụ khai sinh đi", "khai sinh"),
        ("làm khai sinh có mất tiền không", "làm khai sinh"),
        ("hộ chiếu đóng tiền gì", "hộ chiếu"),
        ("bán xe hơi cho con dâu mất bao nhiêu tiền", "bán xe hơi cho con dâu"),
        ("lần đầu em đăng ký nhà ở xã hội cần giấy tờ gì", "lần đầu đăng ký nhà ở xã hội"),
        ("em vay vốn đầu tư bao lâu thì có", "vay vốn đầu tư"),
        ("Lệ phí làm hộ chiếu mới hiện nay bao nhiêu?", "làm hộ chiếu mới"),
        ("Đăng ký xe máy cũ vậy ạ?!", "Đăng ký xe máy cũ"),
        ("xin bản sao giấy chứng minh thế nào", "xin bản sao giấy chứng minh"),
        ("nuôi tôm lồng gần bờ ở xã hay lên tỉnh", "nuôi tôm lồng gần bờ"),
        ("sửa sổ ghe ở xã được không hay phải ra công an", "sửa sổ ghe"),
        ("đường tỉnh hay đường xã", "đường tỉnh hay đường xã"),
    ],
)
def test_words_of_a_matter_that_only_look_like_a_frame_without_diacritics_stay(question: str, matter: str) -> None:
    assert matter_of(question) == matter


def test_every_spelling_is_one_of_its_syllable() -> None:
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for syllable, forms in content["spelled"].items():
        assert {bare(form) for form in forms.split()} == {syllable}
    assert set(content["own_words"].split()) <= set(content["spelled"])


def test_fillers_keep_their_diacritics_so_that_a_land_title_is_a_matter() -> None:
    assert content_words("thế hồ sơ đó nộp ở đâu") == []
    assert content_words("sổ đỏ") == ["sổ", "đỏ"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anh muốn làm hộ chiếu ạ", ["hộ", "chiếu"]),
        ("xin cấp lại chứng chỉ", ["cấp", "lại", "chứng", "chỉ"]),
        ("lam ho chieu", ["lam", "ho", "chieu"]),
        ("xin làm", ["xin", "làm"]),
        ("nhập khẩu không phải đánh giá", ["nhập", "khẩu", "không", "đánh", "giá"]),
        ("làm hộ chiếu được không", ["hộ", "chiếu"]),
        ("có đánh giá không ạ", ["đánh", "giá"]),
        ("", []),
    ],
)
def test_telling_words_leave_out_politeness_but_never_everything(text: str, words: list[str]) -> None:
    assert telling_words(text) == words


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("không, ý em là làm di chúc", "làm di chúc"),
        ("Không phải, ý tôi là tạm trú", "tạm trú"),
        ("a nham roi, y minh la ho chieu", "ho chieu"),
        ("à không phải vậy, đổi bằng lái", "đổi bằng lái"),
        ("à nhầm, hộ chiếu", "hộ chiếu"),
        ("lộn rồi ạ, tạm trú", "tạm trú"),
        ("nhầm tên trên giấy khai sinh", "nhầm tên trên giấy khai sinh"),
        ("không có sổ hộ khẩu thì sao", "không có sổ hộ khẩu thì sao"),
        ("ý em là", "ý em là"),
        ("", ""),
    ],
)
def test_what_opens_a_correction_is_cut_away(message: str, left: str) -> None:
    assert without_repair(message) == left
