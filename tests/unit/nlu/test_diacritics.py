"""Putting diacritics back: what is restored, what is left alone, and the model as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.diacritics import RESTORER_VERSION, Restorer, bare, share_of_marked_syllables, train_restorer
from nlu.errors import ModelError

SENTENCES = [
    "đăng ký khai sinh cho con", "đăng ký kết hôn", "khai sinh ở xã", "cấp lại thẻ căn cước", "mất thẻ căn cước",
    "giấy phép xây dựng nhà ở", "xây dựng nhà", "lệ phí đăng ký xe", "đăng ký xe máy", "khai báo tạm trú", "tạm trú ở đâu",
]  # fmt: skip


@pytest.fixture(scope="module")
def restorer() -> Restorer:
    return train_restorer([(sentence, 3.0) for sentence in SENTENCES])


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_text_seen_in_training_is_restored(restorer: Restorer, sentence: str) -> None:
    assert restorer.restore(bare(sentence)).text == sentence


def test_the_neighbour_decides_between_two_readings(restorer: Restorer) -> None:
    assert restorer.restore("dang ky xe").text == "đăng ký xe"
    assert restorer.restore("nha o").text == "nhà ở"


def test_a_text_typed_with_diacritics_is_returned_as_it_is(restorer: Restorer) -> None:
    found = restorer.restore("Đăng ký KẾT hôn, lệ phí?")
    assert (found.text, found.confidence) == ("Đăng ký KẾT hôn, lệ phí?", 1.0)


def test_the_share_of_marks_decides_either_side_of_the_limit(restorer: Restorer) -> None:
    half = "đăng ky"  # one of two syllables is marked
    assert restorer.restore(half, keep_above=0.49).text == half
    assert restorer.restore(half, keep_above=0.5).text == "đăng ký"


def test_syllables_typed_with_marks_are_kept(restorer: Restorer) -> None:
    assert restorer.restore("thẻ can cuoc bi mat", keep_above=0.9).text.startswith("thẻ căn cước")


@pytest.mark.parametrize("text", ["", "   ", "?!", "😀", "123", "CT01 2026"])
def test_what_has_no_words_to_restore_stays(restorer: Restorer, text: str) -> None:
    assert restorer.restore(text).text.lower() == text.lower()


def test_unknown_syllables_numbers_and_punctuation_stay_in_place(restorer: Restorer) -> None:
    assert restorer.restore("khai sinh, zzyx 1.001193?").text == "khai sinh, zzyx 1.001193?"


def test_confidence_is_a_share_and_lower_where_readings_compete(restorer: Restorer) -> None:
    sure = restorer.restore("ket hon").confidence
    assert 0 < sure <= 1
    torn = train_restorer([("mà", 5.0), ("má", 5.0)]).restore("ma").confidence
    assert torn == pytest.approx(0.5, abs=0.05)
    assert torn < sure


def test_restoring_keeps_the_number_of_syllables(restorer: Restorer) -> None:
    for text in ("xin hoi dang ky khai sinh o dau", "a b c d", "khai-sinh/xe"):
        assert len(restorer.restore(text).text.split()) == len(text.split())


@pytest.mark.parametrize(("text", "share"), [("đăng ký", 1.0), ("dang ky", 0.0), ("đăng ky", 0.5), ("", 1.0), ("123", 1.0)])
def test_the_share_of_marked_syllables(text: str, share: float) -> None:
    assert share_of_marked_syllables(text) == share


def test_bare_takes_every_mark_away() -> None:
    assert bare("Đường ĐẶC biệt, Huỳnh Thuý") == "duong dac biet, huynh thuy"


def test_an_untrained_model_changes_nothing() -> None:
    assert train_restorer([]).restore("dang ky khai sinh").text == "dang ky khai sinh"


def test_texts_typed_without_diacritics_teach_nothing() -> None:
    bare_text = "dang ky khai sinh cho con o xa phuong thi tran"
    model = train_restorer([(bare_text, 9.0), ("khải hoàn", 1.0)])
    assert model.restore("khai").text == "khải"


def test_both_ways_of_placing_a_tone_teach_one_syllable() -> None:
    model = train_restorer([("tàu thuỷ", 3.0), ("tàu thủy", 3.0)])
    assert model.candidates["thuy"] == ["thủy"]
    assert model.count("thủy") == 6.0


def test_a_syllable_seen_beside_many_others_is_likelier_after_a_stranger() -> None:
    model = train_restorer([("thuê mướn", 40.0), *((f"{word} muốn {word}", 3.0) for word in ("tôi", "bạn", "em", "anh"))])
    assert model.count("mướn") > model.count("muốn")
    follows = model.scorer
    assert follows("muốn")("nhà") > follows("mướn")("nhà")


# As a file.


def test_a_model_saved_is_the_model_loaded(restorer: Restorer, tmp_path: Path) -> None:
    path = str(tmp_path / "restorer.npz")
    restorer.save(path)
    loaded = Restorer.load(path)
    for text in ("dang ky xe", "the can cuoc", "zzyx", "nha o"):
        assert loaded.restore(text).text == restorer.restore(text).text
        assert loaded.restore(text).confidence == pytest.approx(restorer.restore(text).confidence, abs=1e-5)


def test_an_empty_model_can_be_saved_and_loaded(tmp_path: Path) -> None:
    path = str(tmp_path / "restorer.npz")
    train_restorer([]).save(path)
    assert Restorer.load(path).restore("dang ky").text == "dang ky"


@pytest.mark.parametrize("content", [None, b"", b"no archive", "half"])
def test_a_missing_or_damaged_model_is_refused_with_the_mend(restorer: Restorer, tmp_path: Path, content: object) -> None:
    path = tmp_path / "restorer.npz"
    restorer.save(str(path))
    if content is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:300] if content == "half" else content)
    with pytest.raises(ModelError, match=r"restorer\.npz.*motcua index"):
        Restorer.load(str(path))


def test_a_model_of_another_version_is_refused(restorer: Restorer, tmp_path: Path) -> None:
    path = tmp_path / "restorer.npz"
    restorer.save(str(path))
    with np.load(path) as data:
        content = {**data, "version": np.array(RESTORER_VERSION + 1)}
    np.savez(path, **content)
    with pytest.raises(ModelError, match=f"version {RESTORER_VERSION}, found {RESTORER_VERSION + 1}"):
        Restorer.load(str(path))
