"""What transformers.generate answers on the OPT checkpoints, greedy and with beams.

A prompt is kept only if rounding cannot change its answer: the answers of the float64 model and of two copies whose
weights are jittered by 1e-4 are the same, and no greedy step chose between logits closer than 1e-3.
"""

from pathlib import Path

import torch
from transformers import GenerationConfig, OPTForCausalLM, PreTrainedTokenizerFast

from checkpoints import load_opt
from common import BACKBONE_FIXTURES, EOS, PAD, generator, write_json
from epalm_generation import left_pad, until_eos

NEW_TOKENS, BEAMS, WANTED, SMALLEST_GAP = 12, 3, 10, 1e-3
BATCHES = [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9]]
GREEDY = dict(num_beams=1)
BEAM = dict(num_beams=BEAMS, length_penalty=1.0, early_stopping=False)


def generate(model: OPTForCausalLM, prompts: list[list[int]], options: dict):
    ids, mask = left_pad(prompts)
    config = GenerationConfig(
        max_new_tokens=NEW_TOKENS, do_sample=False, bos_token_id=EOS, eos_token_id=EOS, pad_token_id=PAD,
        return_dict_in_generate=True, output_logits=options is GREEDY, output_scores=True, **options,
    )
    output = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    return [until_eos(row) for row in output.sequences[:, ids.shape[1] :].tolist()], output


def jittered(folder: Path, copy: int) -> OPTForCausalLM:
    model = load_opt(folder)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.mul_(1 + 1e-4 * torch.randn(parameter.shape, generator=generator(f"jitter/{copy}/{name}")))
    return model


def greedy_gap(output, length: int) -> float:
    best = torch.stack(output.logits[:length]).squeeze(1).topk(2).values
    return (best[:, 0] - best[:, 1]).min().item()


def witnesses_of(folder: Path) -> list[OPTForCausalLM]:
    return [load_opt(folder, torch.float64, "sdpa"), *(jittered(folder, copy) for copy in range(2))]


def make_case(model: OPTForCausalLM, prompt: list[int]) -> dict | None:
    """Both answers, or None where a greedy step was a near tie or the answer only repeats itself."""
    (greedy,), greedy_output = generate(model, [prompt], GREEDY)
    (beam,), beam_output = generate(model, [prompt], BEAM)
    gap = greedy_gap(greedy_output, len(greedy))
    if gap <= SMALLEST_GAP or len(set(greedy)) <= min(len(greedy), NEW_TOKENS // 2) // 2:
        return None
    return {
        "promptIds": prompt,
        "greedy": greedy,
        "greedySmallestGap": gap,
        "beam": beam,
        "beamScore": beam_output.sequences_scores[0].item(),
    }


def is_robust(case: dict, witnesses: list[OPTForCausalLM]) -> bool:
    return all(
        generate(witness, [case["promptIds"]], options)[0] == [case[kind]]
        for witness in witnesses
        for kind, options in (("beam", BEAM), ("greedy", GREEDY))
    )


def random_prompt(label: str, vocabulary: int) -> list[int]:
    stream = generator(label)
    length = int(torch.randint(1, 9, (1,), generator=stream))
    return [EOS] + torch.randint(4, vocabulary, (length - 1,), generator=stream).tolist()


def make_generation(name: str) -> None:
    folder = BACKBONE_FIXTURES / name
    model = load_opt(folder)
    witnesses = witnesses_of(folder)
    cases, ended = [], 0
    for attempt in range(2000):
        prompt = random_prompt(f"{name}/prompt/{attempt}", model.config.vocab_size)
        case = make_case(model, prompt)
        if case is None or any(prompt == known["promptIds"] for known in cases):
            continue
        # At least half of the prompts must run into EOS, in one of the two ways or both.
        ends = EOS in case["greedy"] or EOS in case["beam"]
        if (ends or len(cases) - ended < WANTED // 2) and is_robust(case, witnesses):
            cases.append(case)
            ended += ends
        if len(cases) == WANTED:
            break
    assert len(cases) == WANTED, f"{name}: only {len(cases)} prompts, {ended} of them ending"
    for batch in BATCHES:
        chosen = [cases[index] for index in batch]
        prompts = [case["promptIds"] for case in chosen]
        assert generate(model, prompts, GREEDY)[0] == [case["greedy"] for case in chosen]
        assert generate(model, prompts, BEAM)[0] == [case["beam"] for case in chosen]
    assert any(case["greedy"] != case["beam"] for case in cases)
    write_json(
        folder / "generation.json",
        {
            "maxNewTokens": NEW_TOKENS,
            "beam": {"numBeams": BEAMS, "lengthPenalty": 1, "earlyStopping": False},
            "eosTokenId": EOS,
            "padTokenId": PAD,
            "leftPaddedBatches": BATCHES,
            "cases": cases,
        },
    )


def make_all_generation() -> None:
    for name in ("opt-pre-norm", "opt-post-norm", "opt-no-bias"):
        make_generation(name)
    make_text_generation()


def make_text_generation() -> None:
    """From text to text, greedy, with the checkpoint's own tokenizer."""
    folder = BACKBONE_FIXTURES / "opt-text"
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = load_opt(folder)
    witnesses = witnesses_of(folder)
    cases = []
    for text in ("A photo of", "What color is the bird?", "Two cats", "How many dogs", "The", "In 2023", "caf\u00e9"):
        case = make_case(model, tokenizer(text).input_ids)
        if case is not None and is_robust(case, witnesses):
            plain = lambda ids: tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
            texts = {"greedyText": plain(case["greedy"]), "beamText": plain(case["beam"])}
            cases.append({"text": text, **case, **texts})
    assert len(cases) >= 3, len(cases)
    write_json(
        folder / "generation.json",
        {
            "maxNewTokens": NEW_TOKENS,
            "beam": {"numBeams": BEAMS, "lengthPenalty": 1, "earlyStopping": False},
            "eosTokenId": EOS,
            "padTokenId": PAD,
            "cases": cases,
        },
    )
