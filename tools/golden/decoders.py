"""GPT-2, LLaMA and Mistral checkpoints and, beside each, what transformers computes with them."""

import json
from pathlib import Path

import torch
from transformers import (
    BioGptConfig, BioGptForCausalLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM,
)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from checkpoints import load_decoder, randomize
from common import BACKBONE_FIXTURES, EOS, PAD, generator, write_json, write_tensors
from generation import make_generation
from language_models import BATCHES, make_language_fixtures, token_batch

GPT2 = dict(vocab_size=131, n_positions=64, n_embd=24, n_layer=2, n_head=3, bos_token_id=EOS, eos_token_id=EOS)
LLAMA = dict(
    vocab_size=131, max_position_embeddings=64, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
    num_attention_heads=4, bos_token_id=EOS, eos_token_id=EOS,
)
LLAMA3_ROPE = dict(
    rope_type="llama3", rope_theta=100.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32,
)
YARN_ROPE = dict(
    rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=16, beta_fast=2.0, beta_slow=0.5,
)

DECODERS = {
    # As OpenAI's, with transformers' names.
    "gpt2": dict(config=GPT2Config(**GPT2), fixtures=[*BATCHES]),
    # Mistral's GPT-2s: scores divided by the layer's number too; names without `transformer.`, as on the hub.
    "gpt2-scaled-by-layer": dict(
        config=GPT2Config(
            **GPT2, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True, n_inner=40,
            activation_function="relu", layer_norm_epsilon=1e-3,
        ),
        storage=dict(dtype=torch.bfloat16, headless=True),
        fixtures=["fixture"],
    ),
    "gpt2-unscaled": dict(
        config=GPT2Config(
            **GPT2, scale_attn_weights=False, tie_word_embeddings=False, activation_function="gelu", pad_token_id=PAD
        ),
        storage=dict(dtype=torch.bfloat16),
        fixtures=["fixture-left-padded"],
    ),
    # One head of keys and values a head; a head of its own; keys of config.json as in transformers 4.
    "llama-1": dict(
        config=LlamaConfig(**LLAMA, pad_token_id=0),
        old_keys=dict(rope_scaling=None, pretraining_tp=1, max_sequence_length=64),
        fixtures=[*BATCHES],
    ),
    "llama-2-linear": dict(
        config=LlamaConfig(**LLAMA, num_key_value_heads=2, rms_norm_eps=1e-3),
        old_keys=dict(rope_theta=1000.0, rope_scaling={"type": "linear", "factor": 2.0}),
        storage=dict(dtype=torch.bfloat16, headless=True),
        fixtures=["fixture-left-padded"],
        tied=True,
    ),
    "llama-3": dict(
        config=LlamaConfig(
            **{**LLAMA, "eos_token_id": [111, 24]}, num_key_value_heads=2, rope_parameters=LLAMA3_ROPE,
            tie_word_embeddings=True,
        ),
        fixtures=[*BATCHES],
    ),
    # One head of keys and values for all, heads wider than the model, biases, another gate, YaRN.
    "llama-wide-heads": dict(
        config=LlamaConfig(
            **LLAMA, num_key_value_heads=1, head_dim=10, attention_bias=True, mlp_bias=True, hidden_act="gelu",
            rope_parameters=YARN_ROPE,
        ),
        storage=dict(dtype=torch.bfloat16),
        fixtures=["fixture-left-padded"],
    ),
    "llama-dynamic": dict(
        config=LlamaConfig(
            **LLAMA, num_key_value_heads=2, rope_parameters=dict(rope_type="dynamic", rope_theta=500.0, factor=4.0)
        ),
        storage=dict(dtype=torch.bfloat16),
        fixtures=["fixture-unpadded"],
    ),
    # Its window ends before the positions do.
    "mistral": dict(
        config=MistralConfig(**LLAMA, num_key_value_heads=2, head_dim=8, sliding_window=24),
        storage=dict(dtype=torch.bfloat16),
        fixtures=["fixture-left-padded"],
    ),
}

MODELS = {"biogpt": BioGptForCausalLM, "gpt2": GPT2LMHeadModel, "llama": LlamaForCausalLM, "mistral": MistralForCausalLM}

EXAMPLE = dict(
    config=BioGptConfig(
        vocab_size=131, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=64,
    ),
    storage=dict(dtype=torch.bfloat16),
    fixtures=["fixture-left-padded"],
)
"""The architecture that docs/add-an-architecture.md adds."""

GENERATION = {"gpt2": (EOS, 50), "llama-3": ([111, 24], 50), "llama-wide-heads": (82, 10), "mistral": (8, 10)}
"""The ids that end an answer, and how many prompts."""

PREFIXED = ["llama-1", "llama-3", "llama-wide-heads"]
PREFIX_ROWS = 3

CONTEXT = 8192
ROTARY = {
    "LLaMA 2": (128, 4096, dict(rope_type="default", rope_theta=10000.0)),
    "linear": (64, 4096, dict(rope_type="linear", rope_theta=10000.0, factor=4.0)),
    "dynamic": (64, 4096, dict(rope_type="dynamic", rope_theta=10000.0, factor=2.0)),
    "LLaMA 3.1": (128, 131072, dict(
        rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=CONTEXT,
    )),
    "LLaMA 3.2": (64, 131072, dict(
        rope_type="llama3", rope_theta=500000.0, factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=CONTEXT,
    )),
    "YaRN": (128, 65536, dict(rope_type="yarn", rope_theta=10000.0, factor=16.0, original_max_position_embeddings=4096)),
    "YaRN, untruncated": (64, 16384, dict(
        rope_type="yarn", rope_theta=150000.0, factor=4.0, original_max_position_embeddings=4096, beta_fast=16.0,
        beta_slow=2.0, truncate=False,
    )),
    "YaRN, two scales": (64, 16384, dict(
        rope_type="yarn", rope_theta=10000.0, factor=40.0, original_max_position_embeddings=4096, mscale=1.0,
        mscale_all_dim=0.7,
    )),
    "YaRN, given factor": (32, 16384, dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=4096, attention_factor=0.9,
    )),
    "YaRN, of its own context": (32, 4096, dict(rope_type="yarn", rope_theta=10000.0, factor=4.0)),
}
"""Size of a head, `max_position_embeddings` and `rope_parameters`."""


def save_decoder(folder: Path, variant: dict) -> None:
    """A random checkpoint. headless: saved without the head and its part of the names; the head is then the token table."""
    storage = variant.get("storage", {})
    config = variant["config"]
    if variant.get("tied"):
        config.tie_word_embeddings = True
    model = MODELS[config.model_type](config)
    randomize(model, folder.name)
    model = model.to(storage.get("dtype", torch.float32))
    (model.base_model if storage.get("headless") else model).save_pretrained(folder)
    if "old_keys" in variant:
        path = folder / "config.json"
        stored = {key: value for key, value in json.loads(path.read_text()).items() if key != "rope_parameters"}
        write_json(path, stored | variant["old_keys"])


def make_prefix(name: str) -> None:
    """What `inputs_embeds` give when rows were put before the text's: the text's logits, the gradient of those rows by the
    loss, and greedy answers."""
    folder = BACKBONE_FIXTURES / name
    model = load_decoder(folder)
    batch = token_batch(f"{name}/prefix", [9, 5, 12], model.config.vocab_size, left=True)
    ids, mask = batch["input_ids"], batch["attention_mask"]
    shape = (len(ids), PREFIX_ROWS, model.config.hidden_size)
    prefix = (0.4 * torch.randn(shape, generator=generator(f"{name}/prefix rows"))).requires_grad_()
    whole = torch.cat([prefix, model.get_input_embeddings()(ids).detach()], 1)
    attended = torch.cat([torch.ones(shape[:2], dtype=mask.dtype), mask], 1)
    labels = torch.cat([torch.full(shape[:2], -100), batch["labels"]], 1)
    output = model(
        inputs_embeds=whole, attention_mask=attended, position_ids=(attended.cumsum(-1) - 1).clamp(min=0), labels=labels,
        use_cache=False,
    )
    output.loss.backward()
    answers = []
    for row, own in enumerate(attended.bool()):
        inputs = whole[row : row + 1, own].detach()
        answers.append(model.generate(
            inputs_embeds=inputs, attention_mask=torch.ones(inputs.shape[:2], dtype=torch.long), do_sample=False,
            max_new_tokens=6, pad_token_id=PAD, eos_token_id=model.config.vocab_size,  # nothing ends an answer
        )[0])
    write_tensors(
        folder / "prefix.safetensors",
        {
            **batch, "prefix": prefix, "logits": output.logits[:, PREFIX_ROWS:], "loss": output.loss,
            "grad.prefix": prefix.grad, "greedy": torch.stack(answers),
        },
    )


def make_rotary_scaling() -> None:
    cases = []
    for name, (head_dim, positions, parameters) in ROTARY.items():
        config = LlamaConfig(
            hidden_size=head_dim, num_attention_heads=1, max_position_embeddings=positions, rope_parameters=dict(parameters)
        )
        if parameters["rope_type"] == "default":
            rotary = LlamaForCausalLM(LlamaConfig(
                hidden_size=head_dim, num_attention_heads=1, intermediate_size=1, num_hidden_layers=0, vocab_size=3,
            )).model.rotary_emb
            frequencies, factor = rotary.inv_freq, rotary.attention_scaling
        else:
            frequencies, factor = ROPE_INIT_FUNCTIONS[parameters["rope_type"]](config, "cpu")
        cases.append({
            "name": name, "headSize": head_dim, "maxPositions": positions, "rope_parameters": parameters,
            "frequencies": frequencies.tolist(), "attentionFactor": factor,
        })
    write_json(BACKBONE_FIXTURES.parent / "rotary-scaling.json", {"cases": cases})


def make_counts() -> None:
    """Parameters of every decoder here, tied ones once."""
    folders = sorted(path.parent for path in BACKBONE_FIXTURES.glob("*/config.json"))
    kinds = {folder: json.loads((folder / "config.json").read_text()).get("model_type") for folder in folders}
    counts = {
        folder.name: load_decoder(folder).num_parameters() for folder, kind in kinds.items() if kind in {"opt", *MODELS}
    }
    write_json(BACKBONE_FIXTURES.parent / "decoder-parameters.json", counts)


def make_decoders() -> None:
    for name, variant in DECODERS.items():
        folder = BACKBONE_FIXTURES / name
        save_decoder(folder, variant)
        make_language_fixtures(folder, variant["config"].vocab_size, variant["fixtures"])
    example = BACKBONE_FIXTURES.parent / "example/biogpt"
    save_decoder(example, EXAMPLE)
    make_language_fixtures(example, EXAMPLE["config"].vocab_size, EXAMPLE["fixtures"])
    for name in PREFIXED:
        make_prefix(name)
    for name, (eos, wanted) in GENERATION.items():
        make_generation(name, eos, wanted, 8 * wanted)
    make_rotary_scaling()
    make_counts()
