"""Reference values for AdamW, gradient clipping and learning-rate schedules."""

import torch
from transformers import (
    get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup,
)

from common import ADAPTER_FIXTURES, generator, write_json, write_tensors

SHAPES = {"weight": (5, 7), "bias": (7,), "embedding": (3, 17)}
DECAYED = ["weight", "embedding"]
STEPS, MAX_NORM = 5, 1.5
ADAMW = dict(lr=3e-2, betas=(0.9, 0.999), eps=1e-8)
WEIGHT_DECAY = 0.1


def random(label: str, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(shape, generator=generator(f"adamw/{label}"))


def make_adamw() -> None:
    """Two groups (decayed matrices, undecayed bias), five given gradients; at step 3 `embedding` has no gradient."""
    parameters = {name: torch.nn.Parameter(random(name, shape)) for name, shape in SHAPES.items()}
    groups = [
        {"params": [parameters[name] for name in DECAYED], "weight_decay": WEIGHT_DECAY},
        {"params": [parameters["bias"]], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, **ADAMW)
    tensors = {f"param.0.{name}": parameter.detach().clone() for name, parameter in parameters.items()}
    for step in range(1, STEPS + 1):
        for name, parameter in parameters.items():
            # Magnitudes from 1e-4 to 1, so that the second moment and epsilon matter.
            magnitude = 10 ** -(4 * random(f"{step}/{name}/scale", SHAPES[name]).sigmoid())
            gradient = random(f"{step}/{name}", SHAPES[name]) * magnitude
            parameter.grad = None if (step, name) == (3, "embedding") else gradient
            if parameter.grad is not None:
                tensors[f"grad.{step}.{name}"] = gradient.clone()
        optimizer.step()
        tensors |= {f"param.{step}.{name}": parameter.detach().clone() for name, parameter in parameters.items()}
    for name, parameter in parameters.items():
        tensors[f"exp_avg.{name}"] = optimizer.state[parameter]["exp_avg"].clone()
        tensors[f"exp_avg_sq.{name}"] = optimizer.state[parameter]["exp_avg_sq"].clone()

    norms = {}
    for case, limit in (("clipped", MAX_NORM), ("untouched", 1e3)):
        for name, parameter in parameters.items():
            parameter.grad = random(f"clip/{name}", SHAPES[name])
            tensors[f"clip.before.{name}"] = parameter.grad.clone()
        norms[case] = torch.nn.utils.clip_grad_norm_(parameters.values(), limit).item()
        tensors |= {f"clip.{case}.{name}": parameter.grad.clone() for name, parameter in parameters.items()}
    write_tensors(ADAPTER_FIXTURES / "adamw.safetensors", tensors)
    write_json(
        ADAPTER_FIXTURES / "adamw.json",
        {
            "lr": ADAMW["lr"],
            "betas": ADAMW["betas"],
            "epsilon": ADAMW["eps"],
            "steps": STEPS,
            "weightDecay": {name: WEIGHT_DECAY if name in DECAYED else 0 for name in SHAPES},
            "withoutGradient": [{"step": 3, "name": "embedding"}],
            "clipGradNorm": {
                "totalNorm": norms["clipped"],
                "maxNorm": {"clipped": MAX_NORM, "untouched": 1e3},
                "formula": "gradients are multiplied by min(1, maxNorm / (totalNorm + 1e-6))",
            },
        },
    )


def schedule_values(make, lr: float, total: int) -> list[float]:
    """The rate in force at step 0, 1, ... total (that is, before each optimizer step, and after the last)."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedule = make(optimizer)
    values = []
    for _ in range(total + 1):
        values.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return values


def make_schedules() -> None:
    cases = []
    for lr, warmup, total in ((1e-3, 4, 20), (2e-5, 0, 8), (8e-4, 20, 100)):
        makers = {
            "cosine": lambda optimizer: get_cosine_schedule_with_warmup(optimizer, warmup, total),
            "linear": lambda optimizer: get_linear_schedule_with_warmup(optimizer, warmup, total),
            "constant": lambda optimizer: get_constant_schedule_with_warmup(optimizer, warmup),
        }
        for kind, make in makers.items():
            case = {"kind": kind, "lr": lr, "warmupSteps": warmup, "totalSteps": total}
            cases.append({**case, "values": schedule_values(make, lr, total)})
    write_json(ADAPTER_FIXTURES / "lr-schedules.json", {"cases": cases})


def make_optimization() -> None:
    make_adamw()
    make_schedules()
