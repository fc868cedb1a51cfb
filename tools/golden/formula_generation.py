"""What transformers.generate answers with a model that is only a formula: every option of beam search in milliseconds,
without a checkpoint. packages/backbones/test/formula-model.ts has the same formula."""

import json
import sys
from pathlib import Path

import torch
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY, PAD, PRIME = 17, 1, 2147483647


def logits_of(tokens: list[int], seed: int, end_bias: float) -> list[float]:
    previous, last = ([0] + tokens)[-2:]
    base = last * 7919 + previous * 104729 + len(tokens) * 1299709 + seed * 32452843
    row = []
    for token in range(VOCABULARY):
        mixed = (base + token * 15485863) % PRIME
        for _ in range(3):
            mixed = (mixed * 48271 + 12345) % PRIME
        row.append(mixed / PRIME * 4 + (end_bias if token in (2, 3) else 0))
    return row


class FormulaConfig(PretrainedConfig):
    model_type = "formula"
    num_hidden_layers = 1


class FormulaModel(PreTrainedModel, GenerationMixin):
    config_class = FormulaConfig

    def __init__(self, config, seed, end_bias):
        super().__init__(config)
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.seed, self.end_bias = seed, end_bias

    def forward(self, input_ids, attention_mask=None, **_):
        if attention_mask is None:  # transformers leaves out a mask of ones
            attention_mask = torch.ones_like(input_ids)
        rows = [
            logits_of([token for token, keep in zip(ids, mask) if keep], self.seed, self.end_bias)
            for ids, mask in zip(input_ids.tolist(), attention_mask.tolist())
        ]
        return CausalLMOutput(logits=torch.tensor(rows, dtype=torch.float32)[:, None, :])


def answer(case: dict) -> list[dict]:
    model = FormulaModel(FormulaConfig(vocab_size=VOCABULARY), case["seed"], case["endBias"])
    width = max(map(len, case["prompts"]))
    ids = torch.tensor([[PAD] * (width - len(prompt)) + prompt for prompt in case["prompts"]])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in case["prompts"]])
    config = GenerationConfig(
        max_new_tokens=case["maxNewTokens"], num_beams=case["beams"], do_sample=False, early_stopping=False,
        length_penalty=case["lengthPenalty"], eos_token_id=case["endIds"], pad_token_id=PAD, bos_token_id=2,
        use_cache=False, return_dict_in_generate=True, output_scores=True,
    )
    output = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    scores = output.sequences_scores.tolist() if case["beams"] > 1 else [None] * len(ids)
    results = []
    for row, score in zip(output.sequences[:, width:].tolist(), scores):
        end = next((index for index, token in enumerate(row) if token in case["endIds"]), len(row) - 1)
        results.append({"ids": row[: end + 1], "score": score})
    return results


def main() -> None:
    cases = []
    for number in range(36):
        stream = torch.Generator().manual_seed(number)
        draw = lambda low, high: int(torch.randint(low, high + 1, (1,), generator=stream))
        case = {
            "seed": number + 1,
            "endBias": [0, 0.5, 1, 2][number % 4],
            "beams": [1, 2, 3, 4, 5][draw(0, 4)] if number % 6 else 3,
            "maxNewTokens": draw(1, 12),
            "lengthPenalty": [1, 0, 0.5, 2, -1][number % 5],
            "endIds": [2] if number % 3 else [2, 3],
            "prompts": [[2] + [draw(4, VOCABULARY - 1) for _ in range(draw(0, 4))] for _ in range(3)],
        }
        together = answer(case)
        for prompt, expected in zip(case["prompts"], together):
            (alone,) = answer({**case, "prompts": [prompt]})
            assert alone == expected, (case, alone, expected)
        cases.append({**case, "expected": together})
    lines = ",\n".join(json.dumps(case) for case in cases)
    Path(sys.argv[1]).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
