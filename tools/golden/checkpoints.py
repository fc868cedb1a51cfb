"""Tiny random checkpoints, written by transformers itself in the layout that hub checkpoints have."""

from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM, OPTConfig, OPTForCausalLM, OPTModel, PreTrainedModel, ViTConfig, ViTForImageClassification,
    ViTModel,
)

from common import generator, write_json


EMBEDDINGS = ("embed_tokens", "embed_positions", "position_embeddings", "cls_token", "wte", "wpe")


def randomize(model: torch.nn.Module, label: str, gain: float = 1.6, embedding_std: float = 0.4) -> None:
    """Fills every parameter. Matrices get gain/sqrt(fan-in), large enough that outputs depend on the whole input
    (transformers' own 0.02 would make a tiny model nearly the identity)."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator(f"{label}/{name}"))
            if any(part in name for part in EMBEDDINGS):
                parameter.copy_(noise * embedding_std)
            elif ("norm" in name or "ln_" in name) and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif parameter.dim() == 1:
                parameter.copy_(0.1 * noise)
            else:
                fan_in = parameter.numel() // parameter.shape[0]
                parameter.copy_(noise * gain / fan_in**0.5)


def save_opt(
    folder: Path,
    config: OPTConfig,
    dtype: torch.dtype = torch.float32,
    headless: bool = False,
    max_shard_size: str = "1GB",
) -> OPTForCausalLM:
    """Makes and saves a random OPT, then reads it back in float32: what the fixtures compute with is what is on disk.

    headless: saved as OPTModel, whose names start `decoder.` instead of `model.decoder.`.
    """
    model = (OPTModel if headless else OPTForCausalLM)(config)
    randomize(model, folder.name)
    model.to(dtype).save_pretrained(folder, max_shard_size=max_shard_size)
    return load_decoder(folder)


def load_decoder(folder: Path, dtype: torch.dtype = torch.float32, attention: str = "eager") -> PreTrainedModel:
    """A decoder-only language model with its head."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation=attention).eval()


def save_vit(folder: Path, config: ViTConfig, dtype: torch.dtype = torch.float32, classifier: bool = False) -> ViTModel:
    """classifier: saved as ViTForImageClassification: names start `vit.`, and `classifier.*` must be ignored."""
    model = ViTForImageClassification(config) if classifier else ViTModel(config, add_pooling_layer=False)
    randomize(model, folder.name)
    model.to(dtype).save_pretrained(folder)
    write_preprocessor(folder, config)
    return load_vit(folder)


def load_vit(folder: Path, dtype: torch.dtype = torch.float32, attention: str = "eager") -> ViTModel:
    return ViTModel.from_pretrained(
        folder, add_pooling_layer=False, dtype=dtype, attn_implementation=attention
    ).eval()


def write_preprocessor(folder: Path, config: ViTConfig) -> None:
    """The fields of google/vit-base-patch16-224's preprocessor_config.json, at this model's size."""
    size = config.image_size
    height, width = (size, size) if isinstance(size, int) else size
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
            "image_processor_type": "ViTImageProcessor",
            "resample": 2,
            "rescale_factor": 1 / 255,
            "size": {"height": height, "width": width},
        },
    )
