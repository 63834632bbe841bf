"""Train, save, load: equal; damaged, foreign or missing: refused."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from nlu import intent_classifier
from nlu.errors import ModelError, TrainingError
from nlu.intent_classifier import IntentClassifier, load, load_or_train, mistype, save, train
from nlu.payloads import write_payload
from nlu.training_data import read_training_data
from nlu.understanding import (
    FALLBACK_INTENT,
    FALLBACK_THRESHOLD,
    GUARD_THRESHOLD,
    Understander,
    careful,
    decide,
    rank,
)

from .fakes import HashEncoder

EXAMPLES = {
    "ask_fee": ["lệ phí bao nhiêu", "hết bao nhiêu tiền", "tốn bao nhiêu tiền", "phí làm hộ chiếu", "có mất phí không", "giá bao nhiêu"],
    "ask_time": ["mất mấy ngày", "bao lâu thì xong", "khi nào có kết quả", "mấy ngày có giấy", "thời gian bao lâu", "bao giờ xong"],
    "greet": ["xin chào", "chào bạn", "hello em", "chào em nhé", "chào buổi sáng", "alo chào ad"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


@pytest.fixture(scope="module")
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture(scope="module")
def classifier(encoder: HashEncoder) -> IntentClassifier:
    return train(TEXTS, LABELS, encoder)


@pytest.fixture()
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    blocks = "".join(
        f"- intent: {label}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for label, texts in EXAMPLES.items()
    )
    (folder / "nlu.yml").write_text('version: "3.1"\nnlu:\n' + blocks, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("lệ phí bao nhiêu tiền", "ask_fee"),
        ("le phi het bao nhieu", "ask_fee"),
        ("het bn tien", "ask_fee"),
        ("mất bao lâu, mấy ngày", "ask_time"),
        ("chào ad nha", "greet"),
    ],
)
def test_every_register_is_recognised(classifier: IntentClassifier, encoder: HashEncoder, text: str, intent: str) -> None:
    assert classifier.classify(text, encoder)[0][0] == intent


def test_confidences_are_ranked_and_add_up_to_one(classifier: IntentClassifier, encoder: HashEncoder) -> None:
    confidences = [confidence for _, confidence in classifier.classify("phí bao nhiêu", encoder)]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0, abs=1e-5)


def test_two_intents_suffice(encoder: HashEncoder) -> None:
    small = train(TEXTS[:12], LABELS[:12], encoder)
    assert small.classify("lệ phí bao nhiêu", encoder)[0][0] == "ask_fee"
    assert small.classify("bao lâu thì xong", encoder)[0][0] == "ask_time"


def test_the_same_seed_gives_the_same_weights(classifier: IntentClassifier, encoder: HashEncoder) -> None:
    again = train(TEXTS, LABELS, encoder)
    assert np.array_equal(again._weights, classifier._weights)


def test_a_saved_classifier_loads_equal(classifier: IntentClassifier, encoder: HashEncoder, tmp_path: Path) -> None:
    save(classifier, tmp_path)
    assert load(tmp_path).classify("phí bao nhiêu", encoder) == classifier.classify("phí bao nhiêu", encoder)


def test_a_missing_classifier_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="motcua train"):
        load(tmp_path)


@pytest.mark.parametrize("file", ["weights.npz", "manifest.json"])
@pytest.mark.parametrize("damage", [b"", b"no such thing", None])
def test_a_damaged_classifier_is_refused(classifier: IntentClassifier, tmp_path: Path, file: str, damage: bytes | None) -> None:
    save(classifier, tmp_path)
    path = tmp_path / file
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with pytest.raises(ModelError):
        load(tmp_path)


@pytest.mark.parametrize("key", ["format", "features_version", "normalizer_version"])
def test_a_classifier_of_another_version_is_refused(classifier: IntentClassifier, tmp_path: Path, key: str) -> None:
    save(classifier, tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: "0"}))
    with pytest.raises(ModelError, match="train again"):
        load(tmp_path)


def test_another_encoder_is_refused(classifier: IntentClassifier) -> None:
    with pytest.raises(ModelError, match="expected encoder fake, got other"):
        classifier.classify("phí", HashEncoder("other"))
    with pytest.raises(ModelError):
        Understander(classifier, HashEncoder("other"))


def test_training_is_skipped_until_data_encoder_or_version_change(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, folder = HashEncoder(), tmp_path / "model"
    load_or_train(folder, data_dir, encoder)
    n_first = encoder.n_encoded
    load_or_train(folder, data_dir, encoder)
    assert encoder.n_encoded == n_first
    (data_dir / "nlu.yml").write_text((data_dir / "nlu.yml").read_text() + "    - dạ chào\n")
    load_or_train(folder, data_dir, encoder)
    assert encoder.n_encoded > n_first
    n_second = encoder.n_encoded
    monkeypatch.setattr("nlu.intent_classifier.classifier_text", lambda text: text.replace("dạ", "vâng"))
    load_or_train(folder, data_dir, encoder)
    assert encoder.n_encoded > n_second, "abbreviations written out otherwise are other data"
    assert load_or_train(folder, data_dir, HashEncoder("other")).manifest.encoder_digest == "other"
    (folder / "weights.npz").write_bytes(b"")
    assert load_or_train(folder, data_dir, encoder).labels == ("ask_fee", "ask_time", "greet")


@pytest.mark.parametrize(
    ("texts", "labels"),
    [([], []), (["a"], []), (["a", "b"], ["x", "x"]), (["a", "b", "c"], ["x", "x", "y"])],
)
def test_training_data_from_which_nothing_can_be_learnt_is_refused(texts: list[str], labels: list[str]) -> None:
    with pytest.raises(TrainingError, match="expected"):
        train(texts, labels, HashEncoder())


def test_training_data_are_read_without_rasa(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - mã [1.001193](procedure_code) là gì\n    - - dấu\n\n'
        '- lookup: y\n  examples: |\n    - không phải\n- intent: z\n  examples: |\n    - [một]{"entity": "n"}\n',
        encoding="utf-8",
    )
    assert read_training_data(tmp_path) == [("mã 1.001193 là gì", "x"), ("- dấu", "x"), ("một", "z")]


@pytest.mark.parametrize("content", ["nlu: [", "nlu: 3", "- a", ""])
def test_files_that_hold_no_examples_are_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken.yml").write_text(content)
    with pytest.raises(TrainingError, match="expected Rasa NLU"):
        read_training_data(tmp_path)


def test_a_button_needs_no_classifier(classifier: IntentClassifier) -> None:
    encoder = HashEncoder()
    meant = Understander(classifier, encoder).parse(write_payload(procedure_code="1.001193", aspect="fee"))
    assert (meant.intent, meant.confidence) == ("ask_fee", 1.0)
    assert [(entity.kind, entity.value) for entity in meant.entities] == [("procedure_code", "1.001193"), ("aspect", "fee")]
    assert encoder.n_encoded == 0


def test_a_text_is_understood_with_its_entities(classifier: IntentClassifier, encoder: HashEncoder) -> None:
    meant = Understander(classifier, encoder).parse("lệ phí thủ tục 1.001193 bao nhiêu")
    assert meant.intent == "ask_fee"
    assert [entity.value for entity in meant.entities] == ["1.001193"]


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "<br>"])
def test_a_text_without_words_falls_back(classifier: IntentClassifier, encoder: HashEncoder, text: str) -> None:
    meant = Understander(classifier, encoder).parse(text)
    assert (meant.intent, meant.confidence, meant.ranking) == (FALLBACK_INTENT, 0.0, ())


def test_the_threshold_decides_just_either_side() -> None:
    assert decide((("ask_fee", FALLBACK_THRESHOLD), ("greet", 0.1))) == ("ask_fee", FALLBACK_THRESHOLD)
    below = FALLBACK_THRESHOLD - 1e-6
    assert decide((("ask_fee", below), ("greet", 0.1))) == (FALLBACK_INTENT, below)


def test_the_format_is_a_number_that_a_manifest_names(classifier: IntentClassifier) -> None:
    assert classifier.manifest.format == intent_classifier.FORMAT


def test_a_bare_text_needs_no_vector(classifier: IntentClassifier) -> None:
    encoder = HashEncoder()
    assert classifier.classify("le phi het bao nhieu", encoder)[0][0] == "ask_fee"
    assert encoder.n_encoded == 0
    classifier.classify("lệ phí bao nhiêu", encoder)
    assert encoder.n_encoded == 1


def test_a_slip_changes_letters_but_not_the_number_of_words() -> None:
    slips = [mistype("dang ky ket hon can giay to gi", random.Random(seed)) for seed in range(20)]
    assert all(len(slip.split()) == 8 for slip in slips)
    assert len(set(slips)) > 10
    assert mistype("", random.Random(1)) == ""


GUARD = GUARD_THRESHOLD / 2


def test_guarded_chances_are_added_up_just_either_side_of_the_threshold() -> None:
    ranking = (("ask_fee", 0.4), ("emergency", GUARD), ("ask_violence", GUARD))
    assert careful(ranking)[0][0] == "emergency"
    below = (("ask_fee", 0.4), ("emergency", GUARD), ("ask_violence", GUARD - 1e-6))
    assert [intent for intent, _ in careful(below)] == ["ask_fee", "emergency", "ask_violence"]


def test_a_guarded_intent_that_leads_without_weight_gives_way() -> None:
    assert careful((("emergency", 0.45), ("ask_place", 0.3), ("inform", 0.25)))[0][0] == "ask_place"


def test_two_doubtful_replies_that_leave_nothing_else_are_not_doubted() -> None:
    assert careful((("greet", 0.6), ("goodbye", 0.35), ("ask_fee", 0.05)))[0][0] == "greet"
    assert careful((("greet", 0.6), ("goodbye", 0.25), ("ask_fee", 0.15)))[0][0] == "ask_fee"


def test_out_of_scope_has_to_be_likely_by_itself_but_an_emergency_has_not() -> None:
    spread = (("out_of_scope", 0.54), ("abuse", 0.2), ("ask_fee", 0.3))
    assert careful(spread)[0][0] == "ask_fee"
    assert careful((("out_of_scope", 0.55), *spread[1:]))[0][0] == "out_of_scope"
    assert careful((("emergency", 0.44), *spread[1:]))[0][0] == "emergency"


def test_a_doubtful_reply_gives_way_to_the_next_ordinary_intent() -> None:
    assert careful((("handoff", 0.45), ("emergency", 0.3), ("ask_place", 0.25)))[0][0] == "ask_place"
    assert careful((("handoff", 0.55), ("ask_place", 0.45)))[0][0] == "handoff"


@pytest.mark.parametrize(
    ("whole", "within", "acted_on"),
    [
        ("thanks", "ask_fee", "ask_fee"),
        ("emergency", "ask_fee", "ask_fee"),
        ("thanks", "ask_selfharm", "ask_selfharm"),
        ("thanks", "feedback_positive", "thanks"),
        ("abuse", "ask_illegal", "abuse"),
        ("ask_time", "ask_fee", "ask_time"),
    ],
)
def test_a_question_between_courtesies_counts_and_a_courtesy_alone_does_not(whole: str, within: str, acted_on: str) -> None:
    message = "em chào anh chị, phí khai sinh bao nhiêu, em cảm ơn"
    ranking = rank(message, lambda text: ((whole if text == message else within, 1.0),))
    assert ranking[0][0] == acted_on


def test_a_message_without_courtesies_is_read_once() -> None:
    read = []
    rank("cảm ơn", lambda text: read.append(text) or (("thanks", 1.0),))
    assert read == ["cảm ơn"]
