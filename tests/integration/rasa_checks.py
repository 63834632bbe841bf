"""Run inside Rasa's environment by test_rasa_components.py: each function is one check, no pytest there.

``python -m tests.integration.rasa_checks NAME`` exits with 0 when the check holds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

TEXTS = [
    ("lệ phí bao nhiêu", "ask_fee"), ("hết bao nhiêu tiền", "ask_fee"), ("tốn mấy đồng", "ask_fee"),
    ("mất mấy ngày", "ask_time"), ("bao lâu thì xong", "ask_time"), ("khi nào có kết quả", "ask_time"),
    ("xin chào", "greet"), ("chào bạn", "greet"), ("chào em nhé", "greet"),
]  # fmt: skip


def validator_keeps_the_check() -> None:
    """Valid answers pass, malformed ones are refused, as by Rasa's own method, and the refusal quotes nobody."""
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    from bot.rasa_launcher import validate_actions_once

    own = RemoteAction._validate_action_result
    validate_actions_once()
    action = RemoteAction("action_answer", None)
    slot = {"event": "slot", "timestamp": None, "name": "aspect", "value": "fee"}
    valid: list[dict[str, Any]] = [
        {},
        {"events": [], "responses": []},
        {"events": [slot], "responses": [{"text": "chào", "custom": {"reply": {}}}]},
    ]
    malformed: list[Any] = [
        [],
        {"events": [{"nonsense": "bí mật"}], "responses": []},
        {"events": {}, "responses": []},
        {"events": [slot], "responses": ["bí mật"]},
        {"events": [{**slot, "name": 3}], "responses": []},
    ]
    for result in valid:
        assert action._validate_action_result(result) is True, result
        assert own(action, result) is True, result
    for result in malformed:
        for check in (RemoteAction._validate_action_result, own):
            try:
                check(action, result)
            except ValidationError as exc:
                assert check is own or "bí mật" not in str(exc), exc
            else:
                raise AssertionError(f"{check} let {result} pass")


def validator_is_built_once() -> None:
    """No schema is checked or validator made once Rasa is repaired."""
    import jsonschema
    from rasa.core.actions.action import RemoteAction

    from bot.rasa_launcher import validate_actions_once

    validate_actions_once()

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the schema was read again")

    jsonschema.validate = refuse
    RemoteAction.action_response_format_spec = staticmethod(refuse)
    assert RemoteAction("action_answer", None)._validate_action_result({"events": [], "responses": []})


def log_entries_hold_no_words() -> None:
    """What Rasa's structured log prints of a failure names the event and not the text."""
    import io
    import logging

    import structlog

    from bot.rasa_launcher import withhold_personal_data

    withhold_personal_data()
    from rasa.utils.log_utils import configure_structlog

    written = io.StringIO()
    logging.basicConfig(stream=written, level=logging.INFO, force=True, format="%(message)s")
    configure_structlog(logging.INFO)
    try:
        raise ValueError("cccd 079203001234")
    except ValueError:
        structlog.get_logger("rasa.probe").exception("rest.message.received.failure", text="cccd 079203001234")
    assert "rest.message.received.failure" in written.getvalue(), written.getvalue()
    assert "079203001234" not in written.getvalue(), written.getvalue()


def components_understand() -> None:
    """Train through the components, persist, load and read texts, buttons and empty messages."""
    from nlu.components.intent_classifier import IntentClassifierComponent

    storage, resource, context, config = _storage()
    _train(config, storage, resource)
    loaded = IntentClassifierComponent.load(config, storage, resource, context)
    fee = _parse(loaded, "le phi thu tuc 1.001193 het bn tien")
    assert fee.get("intent")["name"] == "ask_fee", fee.get("intent")
    assert [(e["entity"], e["value"], fee.get("text")[e["start"] : e["end"]]) for e in fee.get("entities")] == [
        ("procedure_code", "1.001193", "1.001193")
    ]
    assert abs(sum(r["confidence"] for r in fee.get("intent_ranking")) - 1) < 1e-4
    button = _parse(loaded, "#tt 1.001193 time")
    assert button.get("intent") == {"name": "ask_time", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in button.get("entities")] == [
        ("procedure_code", "1.001193"),
        ("aspect", "time"),
    ]
    assert _parse(loaded, "#tt 1.001193").get("intent")["name"] == "choose_procedure"
    for text in ("", "😀", "<br>"):
        assert _parse(loaded, text).get("intent") == {"name": None, "confidence": 0.0}


def offsets_stay_true() -> None:
    """Tokens and entities point into the text as typed, however it is spaced and spelt."""
    from nlu.components.intent_classifier import IntentClassifierComponent

    storage, resource, context, config = _storage()
    _train(config, storage, resource)
    loaded = IntentClassifierComponent.load(config, storage, resource, context)
    text = "😀 thuý ơi,  phí   mẫu ct01 <b>bn</b> v?"
    message = _parse(loaded, text)
    assert message.get("text") == text
    assert all(text[token.start : token.end] == token.text for token in message.get("text_tokens"))
    assert [text[e["start"] : e["end"]] for e in message.get("entities")] == ["ct01"]


def a_failed_load_is_an_error() -> None:
    """Nothing stored, damaged files, or another encoder: ModelError, never an empty model."""
    from nlu.components.intent_classifier import IntentClassifierComponent
    from nlu.errors import ModelError

    storage, resource, context, config = _storage()
    _expect(ModelError, lambda: IntentClassifierComponent.load(config, storage, resource, context))
    untrained = IntentClassifierComponent.create(config, storage, resource, context)
    _expect(ModelError, lambda: _parse(untrained, "phí bao nhiêu"))
    _train(config, storage, resource)
    with storage.write_to(resource) as folder:
        (Path(folder) / "weights.npz").write_bytes(b"damaged")
    _expect(ModelError, lambda: IntentClassifierComponent.load(config, storage, resource, context))


def _storage() -> tuple[Any, Any, Any, dict[str, Any]]:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource

    from nlu.components.intent_classifier import IntentClassifierComponent

    storage = LocalModelStorage.create(Path(tempfile.mkdtemp()))
    context = ExecutionContext(GraphSchema({}), node_name="check")
    return storage, Resource("classifier"), context, IntentClassifierComponent.get_default_config()


def _train(config: dict[str, Any], storage: Any, resource: Any) -> None:
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from nlu.components.intent_classifier import IntentClassifierComponent

    data = TrainingData([Message.build(text, intent) for text, intent in TEXTS])
    IntentClassifierComponent.create(config, storage, resource, None).train(data)


def _parse(classifier: Any, text: str) -> Any:
    """One message through the whole pipeline in the order of config.yml."""
    from rasa.shared.nlu.training_data.message import Message

    from nlu.components.entities import ButtonReader, EntityExtractorComponent
    from nlu.components.featurizers import EncoderFeaturizer, NgramFeaturizer
    from nlu.components.text_normalizer import TextNormalizer
    from nlu.components.underthesea_tokenizer import UndertheseaTokenizer

    messages = [Message(data={"text": text})]
    for component in (
        TextNormalizer(),
        UndertheseaTokenizer(UndertheseaTokenizer.get_default_config()),
        EncoderFeaturizer("encoder", EncoderFeaturizer.get_default_config()),
        NgramFeaturizer("ngrams", NgramFeaturizer.get_default_config()),
        classifier,
        EntityExtractorComponent(),
        ButtonReader(),
    ):
        messages = component.process(messages)
    return messages[0]


def _expect(error: type, call: Any) -> None:
    try:
        call()
    except error:
        return
    raise AssertionError(f"expected {error.__name__}, nothing was raised")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()[name]()
