"""UndertheseaTokenizer: Vietnamese words with offsets in the message's own text."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu import tokenizer


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class UndertheseaTokenizer(Tokenizer):
    """Words by ``nlu.tokenizer``; a word's lemma joins its syllables by "_"."""

    @staticmethod
    def required_packages() -> list[str]:
        return ["underthesea"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        tokenizer.warm_up()

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        words = tokenizer.tokenize(message.get(attribute))
        tokens = [Token(word.text, word.start, word.end, lemma="_".join(word.text.split())) for word in words]
        return self._apply_token_pattern(tokens)
