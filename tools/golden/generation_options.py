"""What transformers does with the options of generation: its score processors on random scores, and its `generate` with a
formula model (see formula_generation.py) and with the OPT checkpoints, prompt by prompt.

`python tools/golden/generation_options.py packages/backbones/test` writes score-processors.json and
generation-options.json there.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
from transformers import (
    GenerationConfig,
    MinNewTokensLengthLogitsProcessor,
    MinPLogitsWarper,
    NoBadWordsLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    PrefixConstrainedLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SuppressTokensLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from checkpoints import load_opt
from common import BACKBONE_FIXTURES, generator
from generation import witnesses_of
from formula_generation import PAD, VOCABULARY, FormulaConfig, FormulaModel

SCORES, SMALLEST_GAP = 40, 1e-3
ANSWERS = [[5], [5, 6], [7, 8, 9], [7, 8, 10], [11, 5]]


def allowed_after(prompt_length: int, end_ids: list[int], answers: list[list[int]]):
    def allowed(_, ids):
        new = ids.tolist()[prompt_length:]
        begun = [answer for answer in answers if answer[: len(new)] == new]
        following = {answer[len(new)] for answer in begun if len(answer) > len(new)}
        return sorted(following | (set(end_ids) if new in begun else set())) or end_ids

    return allowed


def processor_cases() -> list[dict]:
    """Each processor alone, and all of a sampler in the order in which `generate` applies them."""
    stream = generator("score-processors")
    draw = lambda low, high: int(torch.randint(low, high + 1, (1,), generator=stream))
    cases = []
    makers = {
        "repetitionPenalty": lambda v, _: [RepetitionPenaltyLogitsProcessor(v)],
        "noRepeatNgrams": lambda v, _: [NoRepeatNGramLogitsProcessor(v)],
        "badWords": lambda v, _: [NoBadWordsLogitsProcessor(v, [2])],
        "minNewTokens": lambda v, length: [MinNewTokensLengthLogitsProcessor(length, v, [2, 3])],
        "suppressedTokens": lambda v, _: [SuppressTokensLogitsProcessor(v)],
        "onlyAnswers": lambda v, length: [PrefixConstrainedLogitsProcessor(allowed_after(length, [2], v), 1)],
        "temperature": lambda v, _: [TemperatureLogitsWarper(v)],
        "topK": lambda v, _: [TopKLogitsWarper(v)],
        "topP": lambda v, _: [TopPLogitsWarper(v)],
        "minP": lambda v, _: [MinPLogitsWarper(v)],
    }
    values = {
        "repetitionPenalty": [1.3, 0.7],
        "noRepeatNgrams": [1, 2, 3],
        "badWords": [[[6], [4, 7], [2], [5, 5, 9], [8, 4, 5]]],
        "minNewTokens": [1, 3, 9],
        "suppressedTokens": [[0, 2, 39]],
        "onlyAnswers": [ANSWERS],
        "temperature": [0.5, 1.7],
        "topK": [1, 5, 100],
        "topP": [0.0, 0.3, 0.9, 0.999],
        "minP": [0.05, 0.5, 1.0],
    }
    combined = {"repetitionPenalty": 1.2, "noRepeatNgrams": 2, "minNewTokens": 4, "suppressedTokens": [7],
                "temperature": 0.8, "topK": 12, "topP": 0.9, "minP": 0.02}
    option_sets = [{name: value} for name in makers for value in values[name]] + [combined] * 3
    for options in option_sets:
        for _ in range(3 if len(options) == 1 else 2):
            prompt = [draw(4, 9) for _ in range(draw(1, 8))]
            new = [draw(4, 9) for _ in range(draw(0, 5))]
            if "onlyAnswers" in options:
                answer = ANSWERS[draw(0, 4)]
                new = answer[: draw(0, len(answer))]
            scores = (torch.randn(SCORES, generator=stream) * 3).mul(1e4).round().div(1e4)
            if draw(0, 1):
                scores[20] = scores[21]  # equal ones, never at a border of what is kept
            row, text = scores[None].clone(), torch.tensor([prompt + new])
            for name, value in options.items():
                for processor in makers[name](value, len(prompt)):
                    row = processor(text, row)
            cases.append({"options": options, "text": prompt + new, "newTokens": len(new),
                          "scores": plain(scores), "expected": plain(row[0])})
    return cases


def plain(row: torch.Tensor) -> list[float | None]:
    return [float(f"{value:.9g}") if value > -torch.inf else None for value in row.tolist()]


NAMES = {"repetitionPenalty": "repetition_penalty", "noRepeatNgrams": "no_repeat_ngram_size", "badWords": "bad_words_ids",
         "minNewTokens": "min_new_tokens", "suppressedTokens": "suppress_tokens", "lengthPenalty": "length_penalty",
         "beams": "num_beams", "earlyStopping": "early_stopping", "returnedSequences": "num_return_sequences",
         "maxNewTokens": "max_new_tokens"}


def answer(model, case: dict) -> tuple[list[dict], float]:
    """All returned sequences of one prompt, and in greedy decoding the smallest gap between the two best scores."""
    options = {NAMES[name]: value for name, value in case["options"].items() if name != "onlyAnswers"}
    ends, prompt = case["endIds"], case["prompt"]
    allowed = case["options"].get("onlyAnswers")
    config = GenerationConfig(
        do_sample=False, eos_token_id=ends, pad_token_id=PAD, bos_token_id=2, use_cache=False,
        return_dict_in_generate=True, output_scores=True, **options,
    )
    output = model.generate(
        input_ids=torch.tensor([prompt]), generation_config=config,
        prefix_allowed_tokens_fn=allowed_after(len(prompt), ends, allowed) if allowed else None,
    )
    scores = output.sequences_scores.tolist() if options.get("num_beams", 1) > 1 else [None]
    results = []
    for row, score in zip(output.sequences[:, len(prompt) :].tolist(), scores):
        end = next((index for index, token in enumerate(row) if token in ends), len(row) - 1)
        results.append({"ids": row[: end + 1], "score": score})
    best = torch.stack([step[0].topk(2).values for step in output.scores])
    return results, (best[:, 0] - best[:, 1]).min().item()


def options_of(number: int, draw, vocabulary: int) -> dict:
    options = {"maxNewTokens": draw(4, 12)}
    if number % 2:
        options |= {"beams": draw(2, 5), "earlyStopping": [True, False, "never"][number // 2 % 3],
                    "lengthPenalty": [1.0, 0.0, 2.0, -1.0, 0.5][draw(0, 4)]}
        options["returnedSequences"] = draw(1, options["beams"])
    if number % 3:
        options["repetitionPenalty"] = [1.2, 1.5, 0.8][draw(0, 2)]
    if number % 5 < 3:
        options["noRepeatNgrams"] = draw(1, 3) if number % 2 else draw(2, 3)
    if number % 7 == 0:
        options["minNewTokens"] = draw(2, 5)
    if number % 4 == 2:
        options["badWords"] = [[draw(4, vocabulary - 1) for _ in range(draw(1, 2))] for _ in range(3)]
    if number % 11 == 3:
        options["suppressedTokens"] = [draw(4, vocabulary - 1) for _ in range(3)]
    return options


def formula_cases() -> list[dict]:
    cases = []
    for number in range(150):
        stream = generator(f"generation-options/{number}")
        draw = lambda low, high: int(torch.randint(low, high + 1, (1,), generator=stream))
        case = {
            "model": [number + 1, [0, 0.5, 1, 2][number % 4]],
            "endIds": [2] if number % 3 else [2, 3],
            "prompt": [2] + [draw(4, VOCABULARY - 1) for _ in range(draw(0, 6))],
            "options": options_of(number, draw, VOCABULARY),
        }
        if number % 13 == 0:
            case["options"] = {"maxNewTokens": 6, "onlyAnswers": ANSWERS,
                               **({"beams": 2, "earlyStopping": False} if number % 2 else {})}
        seed, end_bias = case["model"]
        results, _ = answer(FormulaModel(FormulaConfig(vocab_size=VOCABULARY), seed, end_bias), case)
        if any(score is not None and score < -1e6 for score in (result["score"] for result in results)):
            continue  # fewer sequences are possible than beams, and transformers fills up with impossible ones
        cases.append({**case, "expected": results})
    return cases


def checkpoint_cases() -> list[dict]:
    """Greedy and with beams; only prompts whose answers rounding cannot change (see generation.py)."""
    cases = []
    for name, ends in {"opt-pre-norm": [2], "opt-post-norm": [111]}.items():
        folder = BACKBONE_FIXTURES / name
        model, witnesses = load_opt(folder), witnesses_of(folder)
        vocabulary = model.config.vocab_size
        for beams in (0, 1):
            found = []
            for attempt in range(200):
                stream = generator(f"generation-options/{name}/{attempt}" + "/beams" * beams)
                draw = lambda low, high: int(torch.randint(low, high + 1, (1,), generator=stream))
                case = {
                    "model": name,
                    "endIds": ends,
                    "prompt": [2] + [draw(4, vocabulary - 1) for _ in range(draw(1, 8))],
                    "options": {**options_of(2 * (3 * attempt + 1) + beams, draw, vocabulary), "maxNewTokens": 12},
                }
                results, gap = answer(model, case)
                ids = [result["ids"] for result in results]
                others = ([result["ids"] for result in answer(other, case)[0]] for other in witnesses)
                if (beams or gap >= SMALLEST_GAP) and all(other == ids for other in others):
                    found.append({**case, "expected": results})
                if len(found) == 25:
                    break
            assert len(found) == 25, (name, beams, len(found))
            cases += found
    return cases


def write(path: Path, cases: list[dict]) -> None:
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(path.name, len(cases), path.stat().st_size)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    write(folder / "score-processors.json", processor_cases())
    write(folder / "generation-options.json", formula_cases() + checkpoint_cases())
