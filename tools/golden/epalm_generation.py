"""Greedy answers of the clean eP-ALM with an image, by full recomputation at every step."""

import torch

from common import ADAPTER_FIXTURES, EOS, PAD, generator, write_json, write_tensors
from epalm import Epalm, Settings
from epalm_fixtures import VOCABULARY, build, describe, released

NAME = "epalm-clean-generation"
SETTINGS = Settings(**released, prompt_length=4, prompt_mlp=True)
NEW_TOKENS = 8
SMALLEST_GAP = 1e-3
LENGTHS = [6, 3, 5, 1]


def left_pad(prompts: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, prompts))
    ids = torch.tensor([[PAD] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return ids, mask


def until_eos(ids: list[int], eos: int | list[int] = EOS) -> list[int]:
    """The ids up to EOS (the first of them, if there are several) and including it; what follows is padding."""
    ends = [eos] if isinstance(eos, int) else eos
    end = next((index for index, token in enumerate(ids) if token in ends), len(ids))
    return ids[: end + 1]


@torch.no_grad()
def greedy(model: Epalm, prompts: list[list[int]], pixels: torch.Tensor) -> tuple[list[list[int]], list[float]]:
    """The new ids of each prompt (to EOS and including it) and the smallest gap between the two best logits."""
    ids, mask = left_pad(prompts)
    features = model.cls_features(pixels)
    open_rows = torch.ones(len(ids), dtype=torch.bool)
    gaps = torch.full((len(ids),), float("inf"), dtype=features[0].dtype)
    for _ in range(NEW_TOKENS):
        best = model(features, ids, mask)[:, -1].topk(2)
        gap = best.values[:, 0] - best.values[:, 1]
        gaps = torch.where(open_rows, torch.minimum(gaps, gap), gaps)
        chosen = torch.where(open_rows, best.indices[:, 0], PAD)
        ids = torch.cat([ids, chosen[:, None]], dim=1)
        mask = torch.cat([mask, open_rows[:, None].long()], dim=1)
        open_rows = open_rows & (chosen != EOS)
    width = max(map(len, prompts))
    return [until_eos(row[width:]) for row in ids.tolist()], gaps.tolist()


def make_epalm_generation() -> None:
    folder = ADAPTER_FIXTURES / NAME
    model = build(NAME, SETTINGS)
    prompts, images, answers, gaps = [], [], [], []
    for attempt in range(100):
        if len(prompts) == len(LENGTHS):
            break
        stream = generator(f"{NAME}/{attempt}")
        prompt = [EOS] + torch.randint(4, VOCABULARY, (LENGTHS[len(prompts)] - 1,), generator=stream).tolist()
        image = torch.randn(1, 3, 24, 24, generator=stream)
        (answer,), (gap,) = greedy(model, [prompt], image)
        if gap > SMALLEST_GAP and len(set(answer)) > NEW_TOKENS // 2:
            prompts.append(prompt), images.append(image), answers.append(answer), gaps.append(gap)
    pixels = torch.cat(images)
    together, _ = greedy(model, prompts, pixels)
    assert together == answers, "left padding and batch mates must not change an answer"
    assert greedy(build(NAME, SETTINGS, exact=True), prompts, pixels)[0] == answers
    other_images, _ = greedy(model, prompts, pixels.flip(0))
    assert all(one != other for one, other in zip(answers, other_images)), "an answer must depend on its image"

    ids, mask = left_pad(prompts)
    write_tensors(folder / "initial.safetensors", model.trainable())
    write_tensors(folder / "fixture.safetensors", {"pixel_values": pixels, "input_ids": ids, "attention_mask": mask})
    write_json(
        folder / "generation.json",
        {
            "languageModel": "../backbones/opt",
            "encoder": "../backbones/vit",
            **describe(SETTINGS, model.frozen[0].config.num_hidden_layers),
            "maxNewTokens": NEW_TOKENS,
            "eosTokenId": EOS,
            "padTokenId": PAD,
            "cases": [
                {"promptIds": prompt, "newTokenIds": answer, "smallestGap": gap}
                for prompt, answer, gap in zip(prompts, answers, gaps)
            ],
        },
    )
