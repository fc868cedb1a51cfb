"""Tiny tokenizers of each family in the older files, and what transformers makes of hard texts with them."""

import hashlib
import json
import shutil
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from common import BACKBONE_FIXTURES, write_json
from tokenizer import TEXT
from tokenizer_texts import BLOCK, TEXTS, random_texts, texts_file

FOLDER = BACKBONE_FIXTURES / "tokenizers"
CORPUS = [*TEXT, *(text for text in TEXTS if "\x00" not in text and "<" not in text and "[" not in text)]
END = "<|endoftext|>"


def byte_level(folder: Path, size: int, tokens: list[str], end_of_word: str | None = None) -> dict[str, int]:
    """vocab.json and merges.txt; the tokens come first."""
    suffix = {"end_of_word_suffix": end_of_word} if end_of_word else {}
    tokenizer = Tokenizer(models.BPE(**suffix))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if end_of_word:
        tokenizer.normalizer = normalizers.Lowercase()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=tokens,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        **suffix,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))
    return tokenizer.get_vocab()


def entry(content: str, **flags: bool) -> dict:
    defaults = {"lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    return {"__type": "AddedToken", "content": content, **defaults, **flags}


def make_opt(folder: Path) -> None:
    byte_level(folder, 400, ["<s>", "<pad>", "</s>", "<unk>"])
    write_json(folder / "config.json", {"model_type": "opt"})
    names = {"bos_token": "</s>", "eos_token": "</s>", "unk_token": "</s>", "pad_token": "<pad>"}
    config = {name: entry(token) for name, token in names.items()}
    write_json(folder / "tokenizer_config.json", {**config, "add_bos_token": True, "errors": "replace"})
    write_json(folder / "special_tokens_map.json", {name: {**entry(token)} for name, token in names.items()} | {})
    text = (folder / "special_tokens_map.json").read_text().replace('"__type": "AddedToken",', "")
    write_json(folder / "special_tokens_map.json", json.loads(text))


def make_gpt2(folder: Path) -> None:
    byte_level(folder, 380, [END])
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True, "clean_up_tokenization_spaces": True})
    write_json(folder / "added_tokens.json", {"<special>": 380, "custom": 381})


def make_roberta(folder: Path) -> None:
    byte_level(folder, 390, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    write_json(folder / "config.json", {"model_type": "bart"})
    write_json(folder / "tokenizer_config.json", {"mask_token": entry("<mask>", lstrip=True, normalized=False)})


def make_clip(folder: Path) -> None:
    vocab = byte_level(folder, 640, ["<|startoftext|>", END], "</w>")
    # CLIP's vocabulary has each byte alone and at the end of a word.
    missing = [token + "</w>" for token in pre_tokenizers.ByteLevel.alphabet() if token + "</w>" not in vocab]
    for token in sorted(missing):
        vocab[token] = len(vocab)
    write_json(folder / "vocab.json", vocab)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "unk_token": entry(END)})
    write_json(folder / "special_tokens_map.json", {"bos_token": "<|startoftext|>", "eos_token": END, "unk_token": END, "pad_token": "!"})


def make_whisper(folder: Path) -> None:
    vocab = byte_level(folder, 370, [END])
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "WhisperTokenizer"})
    tokens = ["<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>"]
    decoder = {str(len(vocab) + index): {"content": token, "special": True} for index, token in enumerate(tokens)}
    config = json.loads((folder / "tokenizer_config.json").read_text())
    write_json(folder / "tokenizer_config.json", {**config, "added_tokens_decoder": decoder})


def make_bert(folder: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=520, special_tokens=tokens, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))
    write_json(folder / "config.json", {"model_type": "bert"})
    write_json(folder / "tokenizer_config.json", {"do_lower_case": True})


def sentence_piece(path: Path, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for text in CORPUS[: len(TEXT) + 18] for line in text.split("\n")] * 3),
        model_prefix=str(path.with_suffix("")),
        max_sentencepiece_length=12,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    path.with_suffix(".vocab").unlink()


def make_llama(folder: Path, config: dict) -> None:
    sentence_piece(
        folder / "tokenizer.model", model_type="bpe", vocab_size=520, byte_fallback=True, character_coverage=0.98,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, user_defined_symbols=["<special>"],
    )
    write_json(folder / "config.json", {"model_type": "llama"})
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "LlamaTokenizer", **config})


def make_t5(folder: Path) -> None:
    rules = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    rules |= {chr(code): "" for code in [*range(1, 9), *range(0xE, 0x20), 0x7F, 0x200B]}
    rules |= {"\ufb01": "fi", "\u2460": "1", "\u00bd": "1\u20442", "\u3000": " ", "\u00a0": " ", "\t": " ", "\n": " ", "\ufeff": "", "\u33a1": "m2"}
    rules |= {"e\u0301": "\u00e9", "a\u0300": "\u00e0", "\u304b\u3099": "\u304c", "\u212b": "\u00c5", "A\u030a": "\u00c5"}
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "rules.tsv"
    codes = lambda text: " ".join(f"{ord(character):X}" for character in text)
    table.write_text("".join(f"{codes(source)}\t{codes(target)}\n" for source, target in rules.items()))
    sentence_piece(
        folder / "spiece.model", model_type="unigram", vocab_size=400, hard_vocab_limit=False, character_coverage=0.98, normalization_rule_tsv=str(table),
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1, user_defined_symbols=["custom"],
    )
    table.unlink()
    write_json(folder / "config.json", {"model_type": "t5"})
    write_json(folder / "tokenizer_config.json", {"extra_ids": 10, "clean_up_tokenization_spaces": True})


def save_json(folder: Path, tokenizer: Tokenizer, **names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", **names})


def make_json_llama3(folder: Path) -> None:
    """The form of LLaMA 3 and other large vocabularies: a regular expression, then bytes; whole words are not merged."""
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=380, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(["<s>", END])
    template = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    save_json(folder, tokenizer, bos_token="<s>", eos_token=END)


def make_json_llama2(folder: Path) -> None:
    """LLaMA 2's tokenizer.json: a normalizer in place of a pre-tokenizer, bytes for what is unknown."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    strip = decoders.Strip(" ", 1, 0)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), strip])
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=430, special_tokens=tokens, limit_alphabet=70, show_progress=False, max_token_length=10)
    tokenizer.train_from_iterator(CORPUS, trainer)
    definition = json.loads(tokenizer.to_str())
    definition["added_tokens"] = definition["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    save_json(folder, tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def make_json_unigram(folder: Path) -> None:
    """ALBERT's and XLM-R's form; no piece for many characters, so unknown ones stand side by side."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace("``", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(),
         normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "\u2581")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=["<pad>", "<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(TEXT * 3, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    save_json(folder, tokenizer, unk_token="<unk>", eos_token="</s>")


def make_json_words(folder: Path) -> None:
    """Rarer parts: whole words, digits and punctuation cut in several ways, added tokens of every kind."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    splits = [
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Digits(True),
        pre_tokenizers.Split("a", "merged_with_next"), pre_tokenizers.Split(Regex("[eo]+"), "contiguous"),
    ]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splits)
    trainer = trainers.WordLevelTrainer(vocab_size=200, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens(
        [AddedToken("custom", single_word=True), AddedToken("<special>", rstrip=True), AddedToken("<CUSTOM>", lstrip=True, rstrip=True),
         AddedToken("<mask>", lstrip=True, normalized=False)]
    )
    save_json(folder, tokenizer, unk_token="<unk>")


def checksum(values: list[str]) -> str:
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:16]


def write_compact(path: Path, value: dict) -> None:
    """ASCII only, since the texts hold every kind of control character; a list's entries on lines of their own."""
    lines = []
    for key, part in value.items():
        entries = [json.dumps(one) for one in part] if isinstance(part, list) else None
        lines.append(f"{json.dumps(key)}: " + ("[\n" + ",\n".join(entries) + "\n]" if entries is not None else json.dumps(part)))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_cases(folder: Path, texts: list[str]) -> None:
    fast = "PreTrainedTokenizerFast" in (folder / "tokenizer_config.json").read_text()
    tokenizer = (PreTrainedTokenizerFast if fast else AutoTokenizer).from_pretrained(folder)
    encoded = tokenizer(TEXTS).input_ids
    cases = [
        {"ids": ids, "decoded": tokenizer.decode(ids), "decodedWithoutSpecialTokens": tokenizer.decode(ids, skip_special_tokens=True)}
        for ids in encoded
    ]
    blocks = []
    for start in range(0, len(texts), BLOCK):
        ids = tokenizer(texts[start : start + BLOCK], add_special_tokens=False).input_ids
        blocks.append({
            "ids": checksum([",".join(map(str, one)) for one in ids]),
            "decoded": checksum([tokenizer.decode(one) for one in ids]),
        })
    names = {name: getattr(tokenizer, f"{name}_id") for name in ("bos_token", "eos_token", "pad_token")}
    write_compact(folder / "cases.json", {"size": max(tokenizer.get_vocab().values()) + 1, "names": names, "cases": cases, "blocks": blocks})


def make_tokenizer_families() -> None:
    makers = {
        "opt": make_opt,
        "gpt2": make_gpt2,
        "bart": make_roberta,
        "clip": make_clip,
        "whisper": make_whisper,
        "bert": make_bert,
        "llama": lambda folder: make_llama(folder, {"add_bos_token": True, "add_eos_token": False}),
        "llama-legacy": lambda folder: make_llama(folder, {"legacy": True, "add_eos_token": True}),
        "t5": make_t5,
        "json-llama2": make_json_llama2,
        "json-llama3": make_json_llama3,
        "json-unigram": make_json_unigram,
        "json-words": make_json_words,
    }
    texts = random_texts()
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_compact(FOLDER / "texts.json", texts_file())
    for name, make in makers.items():
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        make(FOLDER / name)
        write_cases(FOLDER / name, texts)
