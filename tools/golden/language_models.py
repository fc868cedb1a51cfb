"""OPT checkpoints and, beside each, what transformers computes with them."""

from pathlib import Path

import torch
from transformers import OPTConfig, PreTrainedModel

from checkpoints import load_decoder, save_opt
from common import (
    BACKBONE_FIXTURES, EOS, IGNORED, PAD, generator, max_difference, relative_difference, rounded, write_tensors,
)
from tokenizer import make_tokenizer

COMMON = dict(max_position_embeddings=64, dropout=0.1, attention_dropout=0.0, architectures=["OPTForCausalLM"])

OPT = {
    # OPT-125M, 1.3B and up: pre-LN, final LN, biases, ReLU. One float32 file.
    "opt-pre-norm": dict(
        config=dict(vocab_size=131, hidden_size=48, num_attention_heads=4, num_hidden_layers=2, ffn_dim=104),
        fixtures=["fixture", "fixture-left-padded", "fixture-unpadded"],
    ),
    # OPT-350M: post-LN, no final LN, embedding width 24 projected to 40 and back. Sharded float32.
    "opt-post-norm": dict(
        config=dict(
            vocab_size=131, hidden_size=40, num_attention_heads=5, num_hidden_layers=3, ffn_dim=56,
            word_embed_proj_dim=24, do_layer_norm_before=False,
        ),
        storage=dict(max_shard_size="60KB"),
        fixtures=["fixture", "fixture-left-padded", "fixture-unpadded"],
    ),
    # Galactica: no linear biases, norms without weights, GELU. bfloat16 storage, names start `decoder.`.
    "opt-no-bias": dict(
        config=dict(
            vocab_size=131, hidden_size=36, num_attention_heads=3, num_hidden_layers=2, ffn_dim=50,
            enable_bias=False, layer_norm_elementwise_affine=False, activation_function="gelu",
        ),
        storage=dict(dtype=torch.bfloat16, headless=True),
        fixtures=["fixture", "fixture-unpadded"],
    ),
    # With a tokenizer; the table has spare rows beyond it, as OPT's has. float16 storage.
    "opt-text": dict(
        config=dict(vocab_size=397, hidden_size=32, num_attention_heads=2, num_hidden_layers=2, ffn_dim=72),
        storage=dict(dtype=torch.float16),
        fixtures=["fixture-unpadded"],
    ),
}

BATCHES = {
    "fixture": ([19, 12, 5], "right"),
    "fixture-left-padded": ([19, 12, 5], "left"),
    "fixture-unpadded": ([7, 7], "none"),
}
"""Sentence lengths and padding side by file name. The first two hold the same sentences."""


def token_batch(label: str, lengths: list[int], vocabulary: int, left: bool = False) -> dict[str, torch.Tensor]:
    """Random sentences that begin with </s>, padded with <pad>; labels are the ids with -100 on pads and on the first
    token (which nothing predicts: with left padding its predecessor would be a pad), and on two more per sentence."""
    stream = generator(label)
    width = max(lengths)
    ids = torch.full((len(lengths), width), PAD)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, IGNORED)
    for row, length in enumerate(lengths):
        sentence = torch.randint(4, vocabulary, (length,), generator=stream)
        sentence[0] = EOS
        targets = sentence.clone()
        targets[[0, length // 2, length - 2]] = IGNORED
        span = slice(width - length, width) if left else slice(0, length)
        ids[row, span], mask[row, span], labels[row, span] = sentence, 1, targets
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def positions_of(model: PreTrainedModel, mask: torch.Tensor) -> dict[str, torch.Tensor]:
    """Positions count attended tokens. OPT sees to that itself, for the others `generate` does it, and here we."""
    if model.config.model_type == "opt":
        return {}
    return {"position_ids": (mask.cumsum(-1) - 1).clamp(min=0)}


def language_reference(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Everything that a fixture expects, in the model's own precision."""
    embeddings = model.get_input_embeddings()(batch["input_ids"]).detach().requires_grad_()
    attended = {"attention_mask": batch["attention_mask"], **positions_of(model, batch["attention_mask"])}
    output = model(
        inputs_embeds=embeddings, labels=batch["labels"], output_hidden_states=True, use_cache=False, **attended,
    )
    output.loss.backward()
    decoder = model.base_model(input_ids=batch["input_ids"], use_cache=False, **attended)
    return {
        **{f"hidden_states.{index}": state for index, state in enumerate(output.hidden_states)},
        "last_hidden_state": decoder.last_hidden_state,
        "logits": output.logits,
        "loss": output.loss,
        "grad.inputs_embeds": embeddings.grad,
    }


def write_language_fixture(path: Path, folder: Path, batch: dict[str, torch.Tensor], padding: str) -> dict:
    expected = language_reference(load_decoder(folder), batch)
    exact = language_reference(load_decoder(folder, torch.float64, "sdpa"), batch)
    attended = batch["attention_mask"].bool()
    at = lambda name, value: value if name == "loss" else value[attended]
    assert all(torch.isfinite(at(name, value)).all() for name, value in expected.items())
    deviation = {
        name: rounded(relative_difference(at(name, value), at(name, exact[name]))) for name, value in expected.items()
    }
    write_tensors(path, {**batch, **expected}, {"padding": padding, "relativeDeviationFromFloat64": deviation})
    return expected


def make_language_models() -> None:
    for name, variant in OPT.items():
        folder = BACKBONE_FIXTURES / name
        config = OPTConfig(**COMMON, **variant["config"])
        save_opt(folder, config, **variant.get("storage", {}))
        if name == "opt-text":
            make_tokenizer(folder, config.vocab_size)
        make_language_fixtures(folder, config.vocab_size, variant["fixtures"])


def make_language_fixtures(folder: Path, vocabulary: int, names: list[str]) -> None:
    attended_logits = {}
    for name in names:
        lengths, padding = BATCHES[name]
        batch = token_batch(f"{folder.name}/{lengths}", lengths, vocabulary, left=padding == "left")
        expected = write_language_fixture(folder / f"{name}.safetensors", folder, batch, padding)
        attended_logits[name] = expected["logits"][batch["attention_mask"].bool()]
    if {"fixture", "fixture-left-padded"} <= set(names):
        difference = max_difference(attended_logits["fixture"], attended_logits["fixture-left-padded"])
        assert difference < 1e-4, f"the padding side must not change an attended logit, but does by {difference}"
