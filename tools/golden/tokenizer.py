"""A small byte-level BPE in OPT's form: </s> is id 2 and opens every text, <pad> is id 1."""

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from common import write_json

TEXT = [
    "A photo of a red bird on a green tree.",
    "A photo of a small dog that sleeps on the old chair.",
    "Two cats look at the fish in the glass bowl.",
    "What color is the bird? The bird is red.",
    "How many dogs are there? There are two dogs.",
    "Is the man holding an umbrella? Yes, he is holding an umbrella.",
    "The woman doesn't see that it's raining, and they'll be late.",
    "In 2023 there were 42 trees and 1,000 birds near the house.",
    "A bowl of fruit: apples, oranges and three bananas.",
    "The quick brown fox jumps over the lazy dog.",
]

CASES = [
    "",
    "A photo of a red bird",
    "What color is the bird?",
    " leading space",
    "trailing space ",
    "two  spaces   and\ttabs\nand lines",
    "It's 2023, they'll see 1,000 birds!",
    "caf\u00e9 na\u00efve \u00fcber",
    "\u65e5\u672c\u8a9e \u0440\u0443\u0441\u0441\u043a\u0438\u0439",
    "emoji \U0001f426\U0001f3fd and \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a caption</s>",
    "a caption</s><pad><pad>",
    "What color is the bird?</a>red</s>",
    "What color is the bird? </a> red</s>",
    "ZZZ qqq ###--- (brackets) \"quotes\"",
]

SIZE = 389
"""Ids of the tokenizer; the model's table has 397 rows, so </a> becomes id 389, a row that was never trained."""


def make_tokenizer(folder: Path, table_rows: int) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        min_frequency=1,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.add_special_tokens([AddedToken(token, normalized=True) for token in ("</s>", "<pad>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="</s> $A", pair="</s> $A </s> $B", special_tokens=[("</s>", 2)]
    )
    assert tokenizer.get_vocab_size() == SIZE < table_rows
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "</s>", "eos_token": "</s>", "unk_token": "</s>", "pad_token": "<pad>"}
    write_json(
        folder / "tokenizer_config.json",
        {
            "add_bos_token": True,
            "add_prefix_space": False,
            "errors": "replace",
            **names,
            "model_max_length": 64,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    write_json(folder / "special_tokens_map.json", names)
    write_json(folder / "tokenizer-cases.json", tokenizer_cases(folder))


def tokenizer_cases(folder: Path) -> dict:
    plain = PreTrainedTokenizerFast.from_pretrained(folder)
    answering = PreTrainedTokenizerFast.from_pretrained(folder)
    answering.add_special_tokens({"additional_special_tokens": ["</a>"]})

    def case(tokenizer: PreTrainedTokenizerFast, text: str) -> dict:
        ids = tokenizer(text).input_ids
        return {
            "text": text,
            "ids": ids,
            "idsWithoutSpecialTokens": tokenizer(text, add_special_tokens=False).input_ids,
            "decoded": tokenizer.decode(ids, clean_up_tokenization_spaces=False),
            "decodedWithoutSpecialTokens": tokenizer.decode(
                ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            ),
        }

    return {
        "padTokenId": plain.pad_token_id,
        "bosTokenId": plain.bos_token_id,
        "eosTokenId": plain.eos_token_id,
        "cases": [case(plain, text) for text in CASES],
        "answerToken": {
            "token": "</a>",
            "id": answering.convert_tokens_to_ids("</a>"),
            "cases": [case(answering, text) for text in CASES if "</a>" in text],
        },
    }
