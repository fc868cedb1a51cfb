"""What every maker shares: where fixtures go, seeds, and writers whose bytes are the same on every run."""

import json
import re
import zlib
from pathlib import Path

import numpy
import safetensors
import torch
import transformers
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
BACKBONE_FIXTURES = ROOT / "packages/backbones/test/fixtures"
ADAPTER_FIXTURES = ROOT / "packages/adapters/test/fixtures"

SEED = 20230320
"""The one seed of the project; every random tensor adds the CRC-32 of its own label to it."""

PAD, EOS = 1, 2
"""OPT's ids: <pad> is 1, </s> is 2 and serves as beginning and end of a sequence."""

IGNORED = -100
"""The label of a position that is not supervised."""

VERSIONS = {
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "safetensors": safetensors.__version__,
    "numpy": numpy.__version__,
}


def generator(label: str) -> torch.Generator:
    """A random stream that depends on SEED and the label only, so adding a fixture moves no other."""
    return torch.Generator().manual_seed(SEED + zlib.crc32(label.encode()))


def write_json(path: Path, value: object) -> None:
    """Indented, but a list of plain values stays on one line."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    on_one_line = lambda match: "[" + re.sub(r"\s+", " ", match[1]).strip() + "]"
    flat = re.sub(r"\[([^\[\]{}\"]*)\]", on_one_line, text)
    assert json.loads(flat) == json.loads(text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(flat + "\n")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor], about: dict | None = None) -> None:
    """Writes a safetensors file. `about` goes into `__metadata__.golden` as one JSON string: the library keeps
    metadata in a hash map, so two keys would be written in a random order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    contiguous = {name: tensor.detach().contiguous().clone() for name, tensor in sorted(tensors.items())}
    metadata = {"golden": json.dumps({"seed": SEED, **VERSIONS, **(about or {})}, sort_keys=True)}
    save_file(contiguous, path, metadata=metadata)


def max_difference(left: torch.Tensor, right: torch.Tensor) -> float:
    return (left.double() - right.double()).abs().max().item() if left.numel() else 0.0


def relative_difference(left: torch.Tensor, right: torch.Tensor) -> float:
    """max|left - right| / max|right|."""
    scale = right.double().abs().max().item()
    return max_difference(left, right) / scale if scale else max_difference(left, right)


def rounded(value: float) -> float:
    """Two significant digits: enough for a measured deviation, and steadier than all of them."""
    return float(f"{value:.2g}")
