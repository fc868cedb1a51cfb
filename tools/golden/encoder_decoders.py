"""T5 and BART checkpoints and, beside each, what transformers computes with them and generates."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import (
    BartConfig, BartForConditionalGeneration, BartModel, PreTrainedModel, T5Config, T5ForConditionalGeneration,
)
from transformers.models.t5.modeling_t5 import T5Attention

from checkpoints import randomize
from common import (
    BACKBONE_FIXTURES, IGNORED, generator, relative_difference, rounded, write_json, write_tensors,
)

T5_COMMON = dict(vocab_size=131, decoder_start_token_id=0, dropout_rate=0.1)
BART_COMMON = dict(vocab_size=131, max_position_embeddings=40, dropout=0.1)

VARIANTS = {
    # T5 1.0: ReLU, tied head with its scale, heads wider in all than the model. Few buckets, so that far ones are used.
    "t5": dict(
        config=T5Config(
            **T5_COMMON, d_model=32, d_kv=12, d_ff=48, num_layers=2, num_heads=4, feed_forward_proj="relu",
            relative_attention_num_buckets=8, relative_attention_max_distance=14, eos_token_id=50,
        ),
        generates=True,
    ),
    # T5 1.1 and Flan-T5 as they were released: gated GELU, a head of its own in the file, no scale; a deeper
    # encoder (transformers 5.18 cannot generate with a deeper decoder), another epsilon, end and start. bfloat16 storage.
    "t5-gated-gelu": dict(
        config=T5Config(
            **{**T5_COMMON, "decoder_start_token_id": 3}, d_model=24, d_kv=8, d_ff=40, num_layers=3,
            num_decoder_layers=2, num_heads=2, feed_forward_proj="gated-gelu", tie_word_embeddings=False,
            layer_norm_epsilon=1e-3, eos_token_id=125,
        ),
        generates=True,
        dtype=torch.bfloat16,
        untied=True,
    ),
    # Gated SiLU as transformers 5 saves it: tied, without the scale.
    "t5-gated-silu": dict(
        config=T5Config(
            **T5_COMMON, d_model=20, d_kv=4, d_ff=28, num_layers=1, num_heads=3, feed_forward_proj="gated-silu",
            tie_word_embeddings=False,
        ),
    ),
    # BART: post-LN, tied head with a bias. (The label is one that makes it say different things.)
    "bart": dict(
        config=BartConfig(
            **BART_COMMON, d_model=32, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=48, decoder_ffn_dim=48,
            encoder_attention_heads=4, decoder_attention_heads=4,
        ),
        generation=dict(forced_bos_token_id=0),
        label="bart0",
        generates=True,
    ),
    # Everything that may differ does: stacks, heads, scaled embeddings, activation, ids, rules of decoding. bfloat16.
    "bart-scaled": dict(
        config=BartConfig(
            **BART_COMMON, d_model=24, encoder_layers=3, decoder_layers=2, encoder_ffn_dim=40, decoder_ffn_dim=28,
            encoder_attention_heads=2, decoder_attention_heads=3, scale_embedding=True, activation_function="gelu_new",
            decoder_start_token_id=0, eos_token_id=44, forced_eos_token_id=None,
        ),
        generates=True,
        generation=dict(no_repeat_ngram_size=2, min_length=6),
        dtype=torch.bfloat16,
    ),
    # ReLU, names without `model.`, and so without a bias of the logits.
    "bart-headless": dict(
        config=BartConfig(
            **BART_COMMON, d_model=16, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=20, decoder_ffn_dim=20,
            encoder_attention_heads=2, decoder_attention_heads=2, activation_function="relu",
        ),
        headless=True,
    ),
}

LENGTHS, DECODER_LENGTHS = [17, 9, 3], [6, 11, 2]

NEW_TOKENS, BEAMS, WANTED, SMALLEST_GAP = 12, 3, 50, 1e-3
CANDIDATES = 220


def load(folder: Path, dtype: torch.dtype = torch.float32, attention: str = "eager") -> PreTrainedModel:
    is_t5 = json.loads((folder / "config.json").read_text())["model_type"] == "t5"
    model_class = T5ForConditionalGeneration if is_t5 else BartForConditionalGeneration
    return model_class.from_pretrained(folder, dtype=dtype, attn_implementation=attention).eval()


def save(folder: Path, variant: dict) -> None:
    config, dtype = variant["config"], variant.get("dtype", torch.float32)
    if isinstance(config, T5Config):
        model = T5ForConditionalGeneration(config)
        if variant.get("untied"):
            model.config.tie_word_embeddings = False
            model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
    else:
        model = (BartModel if variant.get("headless") else BartForConditionalGeneration)(config)
    label = variant.get("label", folder.name)
    randomize(model, label)
    sharpen(model, label)
    for name, value in variant.get("generation", {}).items():
        setattr(model.generation_config, name, value)
    model.to(dtype).save_pretrained(folder)
    if variant.get("untied"):  # as the released files are, from before transformers 5
        path = folder / "config.json"
        saved = json.loads(path.read_text())
        saved["tie_word_embeddings"] = False
        del saved["scale_decoder_outputs"]
        write_json(path, saved)


def sharpen(model: PreTrainedModel, label: str) -> None:
    """Where tiny random models would be dull: position biases that matter, logits far apart, an end that BART says."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "relative_attention_bias" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=generator(f"{label}/{name}")) * 1.5)
            elif name.endswith("ttention.q.weight"):
                parameter.mul_(model.config.d_kv**-0.5)  # as T5 itself begins, since it does not divide its scores
        bias = getattr(model, "final_logits_bias", None)
        if bias is not None:
            bias.copy_(0.5 * torch.randn(bias.shape, generator=generator(f"{label}/final_logits_bias")))
            bias[:, model.config.eos_token_id] += 4


def text_batch(label: str, lengths: list[int], vocabulary: int, pad: int, first: int | None = None):
    stream = generator(label)
    ids = torch.full((len(lengths), max(lengths)), pad)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(4, vocabulary, (length,), generator=stream)
        mask[row, :length] = 1
    if first is not None:
        ids[:, 0] = first
    return ids, mask


def batch_of(folder: Path, config) -> dict[str, torch.Tensor]:
    vocabulary, pad = config.vocab_size, config.pad_token_id
    ids, mask = text_batch(f"{folder.name}/text", LENGTHS, vocabulary, pad)
    start = config.decoder_start_token_id
    decoder_ids, decoder_mask = text_batch(f"{folder.name}/target", DECODER_LENGTHS, vocabulary, pad, start)
    labels = torch.full_like(decoder_ids, IGNORED)
    for row, length in enumerate(DECODER_LENGTHS):
        labels[row, : length - 1] = decoder_ids[row, 1:length]
        labels[row, length - 1] = config.eos_token_id
    labels[1, 4] = IGNORED
    return {
        "input_ids": ids, "attention_mask": mask,
        "decoder_input_ids": decoder_ids, "decoder_attention_mask": decoder_mask, "labels": labels,
    }


def reference(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    embed = lambda stack, ids: stack.embed_tokens(batch[ids]).detach().requires_grad_()
    base = model if isinstance(model, T5ForConditionalGeneration) else model.model
    embeddings, decoder_embeddings = embed(base.encoder, "input_ids"), embed(base.decoder, "decoder_input_ids")
    output = model(
        inputs_embeds=embeddings, decoder_inputs_embeds=decoder_embeddings, output_hidden_states=True,
        use_cache=False, **{name: batch[name] for name in ("attention_mask", "decoder_attention_mask", "labels")},
    )
    output.loss.backward()
    return {
        **{f"encoder_hidden_states.{index}": state for index, state in enumerate(output.encoder_hidden_states)},
        "encoder_last_hidden_state": output.encoder_last_hidden_state,
        **{f"decoder_hidden_states.{index}": state for index, state in enumerate(output.decoder_hidden_states)},
        "last_hidden_state": output.decoder_hidden_states[-1],
        "logits": output.logits,
        "loss": output.loss,
        "grad.inputs_embeds": embeddings.grad,
        "grad.decoder_inputs_embeds": decoder_embeddings.grad,
    }


def write_fixture(folder: Path) -> None:
    model = load(folder)
    batch = batch_of(folder, model.config)
    expected, exact = reference(model, batch), reference(load(folder, torch.float64, "sdpa"), batch)
    mask_of = lambda name: batch[
        "attention_mask" if name.startswith(("encoder_", "grad.inputs")) else "decoder_attention_mask"
    ].bool()
    at = lambda name, value: value if name == "loss" else value[mask_of(name)]
    assert all(torch.isfinite(at(name, value)).all() for name, value in expected.items())
    deviation = {
        name: rounded(relative_difference(at(name, value), at(name, exact[name]))) for name, value in expected.items()
    }
    about = {"relativeDeviationFromFloat64": deviation, "parameterCount": model.num_parameters()}
    write_tensors(folder / "fixture.safetensors", {**batch, **expected}, about)


def encode_spliced(model: PreTrainedModel, embeddings: torch.Tensor, rows: torch.Tensor, mask: torch.Tensor):
    """The encoder of VL-T5 and VL-BART (Cho et al. 2021), which VL-Adapter builds on: text, then visual rows, which get
    neither positions (T5: no relative bias to, from or between them) nor BART's norm of the embeddings."""
    encoder = model.get_encoder()
    tokens, total = embeddings.shape[1], embeddings.shape[1] + rows.shape[1]
    mask = torch.cat([mask, torch.ones(rows.shape[:2], dtype=mask.dtype)], 1)
    hidden = torch.full((), torch.finfo(torch.float32).min)
    bias = torch.where(mask.bool(), 0.0, hidden)[:, None, None, :].expand(-1, 1, total, -1)
    if isinstance(model, T5ForConditionalGeneration):
        x = torch.cat([embeddings, rows], 1)
        attention = encoder.block[0].layer[0].SelfAttention
        positions = torch.zeros(1, attention.n_heads, total, total)
        positions[:, :, :tokens, :tokens] = attention.compute_bias(tokens, tokens)
        for block in encoder.block:
            x = block(x, attention_mask=bias, position_bias=positions)[0]
        return encoder.final_layer_norm(x), mask
    x = encoder.layernorm_embedding(embeddings + encoder.embed_positions(embeddings[..., 0]))
    x = torch.cat([x, rows], 1)
    for layer in encoder.layers:
        x = layer(x, bias)
    return x, mask


def write_spliced(folder: Path) -> None:
    model = load(folder)
    batch = batch_of(folder, model.config)
    width = model.config.d_model
    rows = torch.randn(len(LENGTHS), 4, width, generator=generator(f"{folder.name}/rows")).requires_grad_()
    embeddings = model.get_encoder().embed_tokens(batch["input_ids"]).detach()
    memory, mask = encode_spliced(model, embeddings, rows, batch["attention_mask"])
    plain, _ = encode_spliced(model, embeddings, rows[:, :0], batch["attention_mask"])
    expected = model(**{name: batch[name] for name in ("input_ids", "attention_mask", "decoder_input_ids")})
    attended = batch["attention_mask"].bool()
    assert relative_difference(plain[attended], expected.encoder_last_hidden_state[attended]) < 1e-5
    output = model(
        encoder_outputs=(memory,), attention_mask=mask,
        **{name: batch[name] for name in ("decoder_input_ids", "decoder_attention_mask", "labels")},
    )
    output.loss.backward()
    tokens = embeddings.shape[1]
    write_tensors(folder / "spliced.safetensors", {
        **batch, "rows": rows, "encoder_last_hidden_state": memory[:, :tokens], "memory.rows": memory[:, tokens:],
        "logits": output.logits, "loss": output.loss, "grad.rows": rows.grad,
    })


def generate(model: PreTrainedModel, prompts: list[list[int]], beams: int):
    pad = model.config.pad_token_id
    width = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([prompt + [pad] * (width - len(prompt)) for prompt in prompts])
    mask = torch.tensor([[1] * len(prompt) + [0] * (width - len(prompt)) for prompt in prompts])
    output = model.generate(
        input_ids=ids, attention_mask=mask, max_new_tokens=NEW_TOKENS, do_sample=False, num_beams=beams,
        length_penalty=1.0, early_stopping=False, return_dict_in_generate=True, output_scores=True,
    )
    end = model.generation_config.eos_token_id
    answers = []
    for row in output.sequences[:, 1:].tolist():
        answers.append(row[: row.index(end) + 1] if end in row else row)
    return answers, output


def jittered(folder: Path, copy: int) -> PreTrainedModel:
    model = load(folder)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.mul_(1 + 1e-4 * torch.randn(parameter.shape, generator=generator(f"jitter/{copy}/{name}")))
    return model


def smallest_gaps(output, answers: list[list[int]]) -> list[float]:
    """Between the two best scores on the way of each greedy answer, rules applied."""
    best = torch.stack(output.scores).topk(2).values
    gaps = (best[..., 0] - best[..., 1]).nan_to_num(posinf=1e9)
    return [gaps[: len(answer), row].min().item() for row, answer in enumerate(answers)]


def random_prompt(label: str, vocabulary: int) -> list[int]:
    stream = generator(label)
    length = int(torch.randint(1, 10, (1,), generator=stream))
    return torch.randint(4, vocabulary, (length,), generator=stream).tolist()


def make_generation(folder: Path) -> None:
    """As in generation.py, a prompt is kept only if rounding cannot change its answers."""
    model = load(folder)
    witnesses = [load(folder, torch.float64, "sdpa"), jittered(folder, 0), jittered(folder, 1)]
    prompts = [random_prompt(f"{folder.name}/prompt/{i}", model.config.vocab_size) for i in range(CANDIDATES)]
    prompts = [prompt for index, prompt in enumerate(prompts) if prompt not in prompts[:index]]
    greedy, output = generate(model, prompts, 1)
    beam, beam_output = generate(model, prompts, BEAMS)
    others = [(generate(other, prompts, 1)[0], generate(other, prompts, BEAMS)[0]) for other in witnesses]
    gaps, scores = smallest_gaps(output, greedy), beam_output.sequences_scores.tolist()
    cases = []
    for row, prompt in enumerate(prompts):
        if gaps[row] <= SMALLEST_GAP or any((g[row], b[row]) != (greedy[row], beam[row]) for g, b in others):
            continue
        cases.append({"promptIds": prompt, "greedy": greedy[row], "beam": beam[row], "beamScore": scores[row]})
    cases = list({str((case["greedy"], case["beam"])): case for case in cases}.values())  # one prompt for each answer
    early = lambda case: len(case["beam"]) < NEW_TOKENS or len(case["greedy"]) < NEW_TOKENS
    ending, running = [case for case in cases if early(case)], [case for case in cases if not early(case)]
    chosen = (ending[: WANTED // 2] + running + ending[WANTED // 2 :])[:WANTED]
    different = sum(case["greedy"] != case["beam"] for case in chosen)
    found = f"{folder.name}: {len(cases)} cases, {len(ending)} end early, {different} chosen differ with beams"
    assert len(chosen) == WANTED and len(ending) >= 5 and different >= 5, found
    for case in chosen:
        alone, alone_output = generate(model, [case["promptIds"]], BEAMS)
        assert alone == [case["beam"]], "batch mates must change nothing"
        assert abs(alone_output.sequences_scores[0].item() - case["beamScore"]) < 1e-4
    write_json(
        folder / "generation.json",
        {
            "maxNewTokens": NEW_TOKENS,
            "beam": {"numBeams": BEAMS, "lengthPenalty": 1, "earlyStopping": False},
            "eosTokenId": model.generation_config.eos_token_id,
            "padTokenId": model.config.pad_token_id,
            "law": "All cases together as one padded batch give the same answers as each alone.",
            "cases": chosen,
        },
    )


def make_relative_buckets() -> None:
    """T5's buckets of the distances -300..300, and of some far ones, for several shapes of the table."""
    distances = torch.tensor([*range(-300, 301), -5000, -1025, -1024, 1023, 1024, 9999])
    cases = []
    for buckets, furthest in [(32, 128), (8, 14), (16, 64), (12, 50), (6, 200), (64, 1024)]:
        for bidirectional in (True, False):
            expected = T5Attention._relative_position_bucket(distances, bidirectional, buckets, furthest)
            cases.append({
                "buckets": buckets, "maxDistance": furthest, "bidirectional": bidirectional,
                "expected": expected.tolist(),
            })
    write_json(BACKBONE_FIXTURES.parent / "relative-buckets.json", {"distances": distances.tolist(), "cases": cases})


def make_encoder_decoders() -> None:
    for name, variant in VARIANTS.items():
        folder = BACKBONE_FIXTURES / name
        save(folder, variant)
        if variant.get("untied"):
            assert "lm_head.weight" in load_file(folder / "model.safetensors")
        write_fixture(folder)
        if variant.get("generates"):
            make_generation(folder)
            write_spliced(folder)
    make_relative_buckets()
