"""What transformers.generate answers on the checkpoints of decoders, greedy and with beams.

A prompt is kept only if rounding cannot change its answer: the answers of the float64 model and of two copies whose
weights are jittered by 1e-4 are the same, and no greedy step chose between logits closer than 1e-3.
"""

from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast

from checkpoints import load_decoder
from common import BACKBONE_FIXTURES, EOS, PAD, generator, write_json
from epalm_generation import left_pad, until_eos

NEW_TOKENS, BEAMS, WANTED, SMALLEST_GAP = 12, 3, 10, 1e-3
CANDIDATES = 80

END_TOKENS = {"opt-pre-norm": EOS, "opt-post-norm": 111, "opt-no-bias": 24}
"""The id that ends an answer. The last two random models never say </s>, so an id that they do say takes its place."""

TEXTS = [
    "A photo of", "What color is the bird?", "Two cats", "How many dogs", "The", "In 2023", "caf\u00e9", "A bowl of fruit",
    "Is the man", "the old chair",
]
GREEDY = dict(num_beams=1)
BEAM = dict(num_beams=BEAMS, length_penalty=1.0, early_stopping=False)


def generate(model: PreTrainedModel, prompts: list[list[int]], options: dict, eos: int | list[int]):
    ids, mask = left_pad(prompts)
    config = GenerationConfig(
        max_new_tokens=NEW_TOKENS, do_sample=False, bos_token_id=EOS, eos_token_id=eos, pad_token_id=PAD,
        return_dict_in_generate=True, output_logits=options is GREEDY, output_scores=True, **options,
    )
    output = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    return [until_eos(row, eos) for row in output.sequences[:, ids.shape[1] :].tolist()], output


def jittered(folder: Path, copy: int) -> PreTrainedModel:
    model = load_decoder(folder)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.mul_(1 + 1e-4 * torch.randn(parameter.shape, generator=generator(f"jitter/{copy}/{name}")))
    return model


def greedy_gaps(output, answers: list[list[int]]) -> list[float]:
    """The smallest gap between the two best logits on the way of each answer."""
    best = torch.stack(output.logits).topk(2).values
    gaps = best[..., 0] - best[..., 1]
    return [gaps[: len(answer), row].min().item() for row, answer in enumerate(answers)]


def witnesses_of(folder: Path) -> list[PreTrainedModel]:
    return [load_decoder(folder, torch.float64, "sdpa"), *(jittered(folder, copy) for copy in range(2))]


def robust_cases(folder: Path, prompts: list[list[int]], eos: int | list[int]) -> list[dict]:
    """The cases of the prompts that pass. All are searched in one left-padded batch; each that passes is then
    answered alone, and it is that answer which is recorded (and must be the same)."""
    model, witnesses = load_decoder(folder), witnesses_of(folder)
    greedy, output = generate(model, prompts, GREEDY, eos)
    beam, _ = generate(model, prompts, BEAM, eos)
    others = [(generate(other, prompts, GREEDY, eos)[0], generate(other, prompts, BEAM, eos)[0]) for other in witnesses]
    cases = []
    for row, gap in enumerate(greedy_gaps(output, greedy)):
        dull = len(set(greedy[row])) <= min(len(greedy[row]), NEW_TOKENS // 2) // 2
        fragile = gap <= SMALLEST_GAP or any(
            (other_greedy[row], other_beam[row]) != (greedy[row], beam[row]) for other_greedy, other_beam in others
        )
        if not (dull or fragile or PAD in greedy[row] + beam[row]):
            cases.append(single_case(model, prompts[row], greedy[row], beam[row], eos))
    return cases


def single_case(model: PreTrainedModel, prompt: list[int], greedy: list[int], beam: list[int], eos: int | list[int]) -> dict:
    (greedy_alone,), greedy_output = generate(model, [prompt], GREEDY, eos)
    (beam_alone,), beam_output = generate(model, [prompt], BEAM, eos)
    assert greedy_alone == greedy and beam_alone == beam, "batch mates and left padding must not change an answer"
    return {
        "promptIds": prompt,
        "greedy": greedy_alone,
        "greedySmallestGap": greedy_gaps(greedy_output, [greedy_alone])[0],
        "beam": beam_alone,
        "beamScore": beam_output.sequences_scores[0].item(),
    }


def random_prompt(label: str, vocabulary: int) -> list[int]:
    stream = generator(label)
    length = int(torch.randint(1, 9, (1,), generator=stream))
    return [EOS] + torch.randint(4, vocabulary, (length - 1,), generator=stream).tolist()


def make_generation(name: str, eos: int | list[int], wanted: int = WANTED, candidates: int = CANDIDATES) -> None:
    folder = BACKBONE_FIXTURES / name
    vocabulary = load_decoder(folder).config.vocab_size
    prompts = [random_prompt(f"{name}/prompt/{attempt}", vocabulary) for attempt in range(candidates)]
    unique = [prompt for index, prompt in enumerate(prompts) if prompt not in prompts[:index]]
    cases = robust_cases(folder, unique, eos)
    ends = lambda case: {case["greedy"][-1], case["beam"][-1]} & set([eos] if isinstance(eos, int) else eos)
    ending = [case for case in cases if ends(case)][: wanted // 2]
    others = [case for case in cases if not ends(case)]
    chosen = (ending + others)[:wanted]
    assert len(chosen) == wanted and len(ending) >= 2, f"{name}: {len(cases)} prompts, {len(ending)} run into EOS"
    assert any(case["greedy"] != case["beam"] for case in chosen)
    write_generation(folder, chosen, eos)


def make_text_generation() -> None:
    """From text to text, with the checkpoint's own tokenizer."""
    folder = BACKBONE_FIXTURES / "opt-text"
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    texts = {tuple(tokenizer(text).input_ids): text for text in TEXTS}
    plain = lambda ids: tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    cases = [
        {
            "text": texts[tuple(case["promptIds"])],
            **case,
            "greedyText": plain(case["greedy"]),
            "beamText": plain(case["beam"]),
        }
        for case in robust_cases(folder, [list(ids) for ids in texts], EOS)
    ]
    assert len(cases) >= 3, len(cases)
    write_generation(folder, cases, EOS)


def check_together(model: PreTrainedModel, cases: list[dict], eos: int | list[int]) -> None:
    """The recorded law, and the definition of beamScore that the README gives."""
    prompts = [case["promptIds"] for case in cases]
    assert generate(model, prompts, GREEDY, eos)[0] == [case["greedy"] for case in cases]
    assert generate(model, prompts, BEAM, eos)[0] == [case["beam"] for case in cases]
    for case in cases:
        answer = torch.tensor(case["beam"])
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([case["promptIds"] + case["beam"]])).logits[0]
        log_probabilities = logits.log_softmax(-1)[len(case["promptIds"]) - 1 : -1]
        score = log_probabilities.gather(1, answer[:, None]).sum().item() / len(answer)
        assert abs(score - case["beamScore"]) < 1e-4, (score, case)


def write_generation(folder: Path, cases: list[dict], eos: int | list[int]) -> None:
    check_together(load_decoder(folder), cases, eos)
    write_json(
        folder / "generation.json",
        {
            "maxNewTokens": NEW_TOKENS,
            "beam": {"numBeams": BEAMS, "lengthPenalty": 1, "earlyStopping": False},
            "eosTokenId": eos,
            "padTokenId": PAD,
            "law": "All cases together as one left-padded batch give the same answers as each alone.",
            "cases": cases,
        },
    )


def make_all_generation() -> None:
    for name, eos in END_TOKENS.items():
        make_generation(name, eos)
    make_text_generation()
