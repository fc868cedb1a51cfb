"""Files of torch.save (both forms) and of numpy.savez, each beside what it holds: for the readers of @ocelli/ops."""

import argparse
import json
from collections import OrderedDict

import numpy
import torch
from safetensors.torch import load_file

from common import BACKBONE_FIXTURES, ROOT, generator, write_json, write_tensors

FOLDER = ROOT / "packages/ops/test/fixtures/checkpoints"


def make_checkpoint_files() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_views()
    make_training_checkpoint()
    make_arrays()
    make_opt()
    for path in FOLDER.glob("*.safetensors"):
        path.chmod(0o644)  # safetensors writes private files


def noise(label: str, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=generator(f"checkpoint-files/{label}"))


def make_views() -> None:
    """Every element type, and views: offsets, strides, shared storages, an expanded one, empty ones, scalars."""
    base = noise("base", 6, 8)
    integers = torch.arange(-6, 6).reshape(3, 4)
    cube = noise("cube", 3, 4, 5)
    tensors = {
        "base": base,
        "tied": base,
        "rows": base[2:4],
        "columns": base[:, 3:5],
        "every_second": base[::2, 1::3],
        "transposed": base.t(),
        "permuted": cube.permute(2, 0, 1),
        "expanded": noise("row", 1, 4).expand(3, 4),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(noise("parameter", 2, 3)),
        "float64": noise("float64", 3).double(),
        "float16": noise("float16", 3).half(),
        "bfloat16": noise("bfloat16", 3).bfloat16(),
        "bfloat16_transposed": noise("bfloat16", 4, 3).bfloat16().t(),
        "int64": integers,
        "int64_columns": integers[:, ::3],
        "int32": integers.int(),
        "int16": integers.short(),
        "int8": integers.to(torch.int8),
        "uint8": integers.to(torch.uint8),
        "bool": integers > 0,
    }
    torch.save(tensors, FOLDER / "views.pth")
    torch.save(tensors, FOLDER / "views-sequence.pth", _use_new_zipfile_serialization=False)
    # Written as untyped storages, which the old form has no types for.
    newer = {"uint16": torch.tensor([1, 65535]).to(torch.uint16), "float8": torch.ones(2).to(torch.float8_e4m3fn)}
    torch.save({**tensors, **newer}, FOLDER / "views-newer.pth")
    write_tensors(FOLDER / "views.safetensors", tensors)


def make_training_checkpoint() -> None:
    """The layout of the eP-ALM authors (specs: checkpoint_best.pth) after two steps, with all that such files carry."""
    model = torch.nn.ModuleDict(
        {
            "connector": torch.nn.ModuleList([torch.nn.Linear(4, 6), torch.nn.Linear(4, 6)]),
            "prompt_module": torch.nn.ModuleDict({"prefix_embedding": torch.nn.ModuleList([torch.nn.Embedding(3, 6)])}),
        }
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(noise(name, *parameter.shape))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    for step in range(2):
        for name, parameter in model.named_parameters():
            parameter.grad = noise(f"{name}/{step}", *parameter.shape)
        optimizer.step()
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "lr_scheduler": {"base_values": [2e-5, 1e-5], "t_in_epochs": True, "noise_range_t": None},
        "config": {"exp_name": "epalm", "image_res": 224, "optimizer": {"opt": "adamW", "lr": 2e-5}, "layers": (19, 31)},
        "args": argparse.Namespace(output_dir="logs", distributed=False, seed=42, gpus={0, 1}),
        "epoch": 7,
        "best_valid": numpy.float64(52.77),
        "best_epoch": numpy.int64(2**40),
        "metrics": OrderedDict(overall=50.5),
        "raw": b"\x00\xffbytes",
        "large": 2**70,
        "dtype": torch.float32,
        "device": torch.device("cuda", 1),
        "shape": torch.Size([2, 3]),
    }
    torch.save(checkpoint, FOLDER / "checkpoint_best.pth")
    torch.save(checkpoint, FOLDER / "checkpoint-sequence.pth", _use_new_zipfile_serialization=False)
    states = optimizer.state_dict()["state"]
    expected = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for index, state in states.items():
        expected |= {f"optimizer.state.{index}.{name}": tensor for name, tensor in state.items()}
    write_tensors(FOLDER / "checkpoint.safetensors", expected)


def make_arrays() -> None:
    """Names and orders as in AugReg's checkpoints, which numpy.savez wrote, and every element type."""
    kernel = noise("kernel", 6, 4).numpy()
    arrays = {
        "Transformer/encoderblock_0/MlpBlock_3/Dense_0/kernel": kernel,
        "fortran": numpy.asfortranarray(noise("fortran", 3, 4, 2).numpy()),
        "scalar": numpy.float32(1.5),
        "empty": numpy.zeros((0, 3), "f4"),
        **{
            f"{kind}": (numpy.arange(-4, 4).astype(kind) if kind != "b1" else numpy.array([True, False]))
            for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "b1")
        },
    }
    numpy.savez(FOLDER / "arrays.npz", **arrays)
    numpy.savez_compressed(FOLDER / "arrays-compressed.npz", zeros=numpy.zeros((64, 64), "f4"), **arrays)
    tensors = {name: torch.from_numpy(numpy.array(array)) for name, array in arrays.items()}
    write_tensors(FOLDER / "arrays.safetensors", tensors)


def make_opt() -> None:
    """Two fixtures of language_models.py as PyTorch files: one file in the old form, and shards in the new."""
    whole = load_file(BACKBONE_FIXTURES / "opt-pre-norm/model.safetensors")
    torch.save(OrderedDict(whole), BACKBONE_FIXTURES / "opt-pre-norm/pytorch_model.bin", _use_new_zipfile_serialization=False)
    folder = BACKBONE_FIXTURES / "opt-post-norm"
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    rename = lambda name: name.replace("model-", "pytorch_model-").replace(".safetensors", ".bin")
    for shard in sorted(set(index["weight_map"].values())):
        torch.save(OrderedDict(load_file(folder / shard)), folder / rename(shard))
    weight_map = {name: rename(shard) for name, shard in index["weight_map"].items()}
    write_json(folder / "pytorch_model.bin.index.json", {"metadata": index["metadata"], "weight_map": weight_map})
