"""A checkpoint as the authors of eP-ALM save it, and what their decoding (transformers 4.24's beam search without a cache
over a batch that is padded on the right) answers with it. Written from the specification and from the definition of that
beam search; transformers 5.18 counts lengths in another way."""

import torch

from common import ADAPTER_FIXTURES, EOS, PAD, generator, write_json, write_tensors
from epalm import Epalm, Settings
from epalm_fixtures import VOCABULARY, build, released

NAME = "epalm-reference-generation"
SETTINGS = Settings(**released, prompt_length=10, prompt_mlp=True, mode="reference")
LENGTHS = [6, 3, 5, 1]
MAX_LENGTH = 16
SMALLEST_GAP = 2e-4

CONFIG = {
    "injected_hidden_states": SETTINGS.k,
    "start_layer_idx": SETTINGS.start_layer,
    "end_layer_idx": SETTINGS.end_layer,
    "prompt_tuning": True,
    "prompt_len": SETTINGS.prompt_length,
    "text_step": 1,
    "select_higher_step": False,
    "image_res": 24,
    "special_answer_token": "</a>",
    "num_beams": 3,
    "do_sample": False,
    "max_length": MAX_LENGTH,
    "use_cache": False,
    "append_eos_token": True,
    "lm_loss_weight": 0.1,
    "batch_size_train": 64,
    "optimizer": {"opt": "adamW", "lr": 2e-5, "prompt_lr": 1e-5, "weight_decay": 0.02},
    "schedular": {"sched": "cosine", "lr": 2e-5, "epochs": 8, "min_lr": 1e-6, "warmup_lr": 1e-5},
}


class Hypotheses:
    """The finished sequences of one prompt, at most as many as beams; a score is a sum over a whole row's length."""

    def __init__(self, beams: int):
        self.beams, self.kept = beams, []

    def add(self, row: list[int], total: float) -> None:
        score = total / len(row)
        if len(self.kept) < self.beams or score > min(s for s, _ in self.kept):
            self.kept.append((score, row))
            if len(self.kept) > self.beams:
                self.kept.remove(min(self.kept, key=lambda one: one[0]))

    def is_done(self, best: float, length: int) -> bool:
        return len(self.kept) == self.beams and min(s for s, _ in self.kept) >= best / length


@torch.no_grad()
def beam_search(model: Epalm, ids: torch.Tensor, mask: torch.Tensor, pixels: torch.Tensor, beams: int):
    """The best row of each prompt after its columns, its score, and the smallest gap between candidates around the cut."""
    batch, width = ids.shape
    features = [feature.repeat_interleave(beams, 0) for feature in model.cls_features(pixels)]
    ids, mask = ids.repeat_interleave(beams, 0), mask.repeat_interleave(beams, 0)
    sums = torch.zeros(batch, beams, dtype=features[0].dtype)
    sums[:, 1:] = -1e9
    finished, done, gap = [Hypotheses(beams) for _ in range(batch)], [False] * batch, float("inf")
    while ids.shape[1] < MAX_LENGTH and not all(done):
        length = ids.shape[1]
        scores = model(features, ids, mask)[:, -1].log_softmax(-1) + sums.view(-1, 1)
        best = scores.view(batch, -1).topk(2 * beams + 1)
        parents, tokens, totals = [], [], []
        for sample in range(batch):
            if done[sample]:
                parents += [sample * beams] * beams
                tokens += [PAD] * beams
                totals += [0.0] * beams
                continue
            chosen = 0
            values = best.values[sample]
            gap = min(gap, (values[:-1] - values[1:]).min().item())
            for rank in range(2 * beams):
                index = best.indices[sample, rank].item()
                row, token = sample * beams + index // VOCABULARY, index % VOCABULARY
                if token == EOS:
                    if rank < beams:
                        finished[sample].add(ids[row].tolist(), values[rank].item())
                    continue
                parents.append(row), tokens.append(token), totals.append(values[rank].item())
                chosen += 1
                if chosen == beams:
                    break
            done[sample] = finished[sample].is_done(values[0].item(), length)
        ids = torch.cat([ids[parents], torch.tensor(tokens)[:, None]], dim=1)
        mask = torch.cat([mask[parents], torch.ones(len(tokens), 1, dtype=mask.dtype)], dim=1)
        sums = torch.tensor(totals, dtype=sums.dtype).view(batch, beams)
    answers = []
    for sample in range(batch):
        if not done[sample]:
            for beam in range(beams):
                finished[sample].add(ids[sample * beams + beam].tolist(), sums[sample, beam].item())
        score, row = sorted(finished[sample].kept, key=lambda one: one[0])[-1]
        answers.append((row[width:], score))
    return answers, gap


def right_pad(prompts: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, prompts))
    ids = torch.tensor([prompt + [PAD] * (width - len(prompt)) for prompt in prompts])
    return ids, torch.tensor([[1] * len(prompt) + [0] * (width - len(prompt)) for prompt in prompts])


def make_epalm_released() -> None:
    folder = ADAPTER_FIXTURES / NAME
    folder.mkdir(parents=True, exist_ok=True)
    model = build(NAME, SETTINGS)
    cases = []
    for attempt in range(200):
        stream = generator(f"{NAME}/{attempt}")
        prompts = [[EOS] + torch.randint(4, VOCABULARY, (n - 1,), generator=stream).tolist() for n in LENGTHS]
        images = torch.randn(len(LENGTHS), 3, 24, 24, generator=stream)
        ids, mask = right_pad(prompts)
        runs = {beams: beam_search(model, ids, mask, images, beams) for beams in (1, 3)}
        # Some answers must end by themselves, and none may hang on how float32 rounds.
        ended = sum(len(row) < MAX_LENGTH - ids.shape[1] for row, _ in runs[3][0])
        if ended < 1 or min(gap for _, gap in runs.values()) < SMALLEST_GAP:
            continue
        exact = build(NAME, SETTINGS, exact=True)
        again = {beams: beam_search(exact, ids, mask, images, beams)[0] for beams in runs}
        assert all([row for row, _ in again[beams]] == [row for row, _ in runs[beams][0]] for beams in runs)
        cases = [
            {"beams": beams, "answers": [{"ids": row, "score": score} for row, score in answers]}
            for beams, (answers, _) in runs.items()
        ]
        break
    assert cases, "no draw has clear answers"
    state = {"model": dict(model.trainable()), "optimizer": {"state": {}, "param_groups": []}}
    state |= {"lr_scheduler": {"base_values": [2e-5]}, "config": CONFIG, "epoch": 7, "best_valid": 0.5, "best_epoch": 6}
    torch.save(state, folder / "checkpoint_best.pth")
    write_tensors(folder / "fixture.safetensors", {"pixel_values": images})
    write_json(folder / "generation.json", {"config": CONFIG, "prompts": prompts, "cases": cases})
