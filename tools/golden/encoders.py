"""ViT checkpoints (Hugging Face's and timm's naming) and, beside each, what transformers computes with them."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import ViTConfig, ViTModel

from checkpoints import load_vit, save_vit
from common import BACKBONE_FIXTURES, generator, relative_difference, rounded, write_json, write_tensors

VIT = {
    # google/vit-base-patch16-224-in21k's names: no prefix, no pooler here.
    "vit-huggingface": dict(
        config=dict(hidden_size=36, num_attention_heads=3, num_hidden_layers=2, intermediate_size=88, image_size=32),
    ),
    # A classification checkpoint: names start `vit.`, a head to ignore; no q/k/v biases. float16 storage.
    "vit-no-qkv-bias": dict(
        config=dict(
            hidden_size=24, num_attention_heads=4, num_hidden_layers=2, intermediate_size=52, image_size=24,
            qkv_bias=False, layer_norm_eps=1e-6, num_labels=5,
        ),
        dtype=torch.float16,
        classifier=True,
    ),
    # Height 24, width 40: patches are numbered row by row.
    "vit-non-square": dict(
        config=dict(
            hidden_size=24, num_attention_heads=2, num_hidden_layers=2, intermediate_size=52, image_size=[24, 40],
        ),
    ),
}

AUGREG = dict(
    hidden_size=30, num_attention_heads=3, num_hidden_layers=2, intermediate_size=75, image_size=32,
    layer_norm_eps=1e-6,
)


def vision_reference(model: ViTModel, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
    """hidden_states are before the final norm, last_hidden_state is after it."""
    pixel_values = pixels.to(model.dtype).clone().requires_grad_()
    output = model(pixel_values=pixel_values, output_hidden_states=True)
    output.last_hidden_state.mean().backward()
    return {
        **{f"hidden_states.{index}": state for index, state in enumerate(output.hidden_states)},
        "last_hidden_state": output.last_hidden_state,
        "grad.pixel_values": pixel_values.grad,
    }


def write_vision_fixture(folder: Path, load) -> None:
    model = load(torch.float32, "eager")
    height, width = model.embeddings.image_size
    pixels = torch.randn(2, 3, height, width, generator=generator(f"{folder.name}/pixels"))
    expected = vision_reference(model, pixels)
    exact = vision_reference(load(torch.float64, "sdpa"), pixels)
    deviation = {name: rounded(relative_difference(value, exact[name])) for name, value in expected.items()}
    write_tensors(
        folder / "fixture.safetensors", {"pixel_values": pixels, **expected}, {"relativeDeviationFromFloat64": deviation}
    )


def timm_names(model: ViTModel) -> dict[str, torch.Tensor]:
    """The same weights under timm's names, with q, k and v stacked into one matrix."""
    state = model.state_dict()
    tensors = {
        "cls_token": state["embeddings.cls_token"],
        "pos_embed": state["embeddings.position_embeddings"],
        "patch_embed.proj.weight": state["embeddings.patch_embeddings.projection.weight"],
        "patch_embed.proj.bias": state["embeddings.patch_embeddings.projection.bias"],
        "norm.weight": state["layernorm.weight"],
        "norm.bias": state["layernorm.bias"],
    }
    renamed = {
        "norm1": "layernorm_before", "norm2": "layernorm_after",
        "attn.proj": "attention.o_proj", "mlp.fc1": "mlp.fc1", "mlp.fc2": "mlp.fc2",
    }
    for layer in range(model.config.num_hidden_layers):
        for kind in ("weight", "bias"):
            for ours, theirs in renamed.items():
                tensors[f"blocks.{layer}.{ours}.{kind}"] = state[f"layers.{layer}.{theirs}.{kind}"]
            projections = [state[f"layers.{layer}.attention.{part}_proj.{kind}"] for part in "qkv"]
            tensors[f"blocks.{layer}.attn.qkv.{kind}"] = torch.cat(projections)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def make_augreg(name: str = "vit-augreg") -> None:
    """A timm-style folder. transformers computes the fixture from the same weights under its own names; that folder is
    only a step on the way and is removed."""
    folder = BACKBONE_FIXTURES / name
    twin = BACKBONE_FIXTURES / f"{name}-twin"
    config = ViTConfig(**AUGREG, patch_size=8)
    model = save_vit(twin, config)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(timm_names(model), folder / "model.safetensors", metadata={"format": "pt"})
    write_json(
        folder / "config.json",
        {
            "architecture": "vit_base_patch16_224",
            "num_classes": 0,
            "num_features": config.hidden_size,
            "global_pool": "token",
            "model_args": {
                "img_size": config.image_size,
                "patch_size": config.patch_size,
                "embed_dim": config.hidden_size,
                "depth": config.num_hidden_layers,
                "num_heads": config.num_attention_heads,
                "mlp_ratio": config.intermediate_size / config.hidden_size,
            },
            "pretrained_cfg": {
                "tag": "augreg_in21k_ft_in1k",
                "custom_load": False,
                "input_size": [3, config.image_size, config.image_size],
                "fixed_input_size": True,
                "interpolation": "bicubic",
                "crop_pct": 0.9,
                "crop_mode": "center",
                "mean": [0.5, 0.5, 0.5],
                "std": [0.5, 0.5, 0.5],
                "num_classes": 1000,
                "pool_size": None,
                "first_conv": "patch_embed.proj",
                "classifier": "head",
            },
        },
    )
    write_vision_fixture(folder, lambda dtype, attention: load_vit(twin, dtype, attention))
    shutil.rmtree(twin)


def make_encoders() -> None:
    for name, variant in VIT.items():
        folder = BACKBONE_FIXTURES / name
        options = {key: value for key, value in variant.items() if key != "config"}
        save_vit(folder, ViTConfig(**variant["config"], patch_size=8), **options)
        write_vision_fixture(folder, lambda dtype, attention: load_vit(folder, dtype, attention))
    make_augreg()
