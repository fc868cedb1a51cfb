"""Encoders beside Hugging Face's plain ViT (encoders.py): tiny random checkpoints, and what transformers computes with them."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    ASTConfig,
    ASTForAudioClassification,
    ASTModel,
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    DeiTConfig,
    DeiTForImageClassificationWithTeacher,
    DeiTModel,
    Dinov2Config,
    Dinov2Model,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersForImageClassification,
    Dinov2WithRegistersModel,
    TimesformerConfig,
    TimesformerForVideoClassification,
    TimesformerModel,
    ViTConfig,
    ViTModel,
    WhisperConfig,
    WhisperForConditionalGeneration,
    WhisperModel,
)

from checkpoints import randomize
from common import BACKBONE_FIXTURES, generator, relative_difference, rounded, write_json, write_tensors
from encoders import timm_names

SIZES = dict(hidden_size=24, num_attention_heads=3, num_hidden_layers=2)
WIDE = dict(**SIZES, intermediate_size=52)


@dataclass
class Family:
    saved: type
    """The class whose checkpoint is written: with heads and prefixes, as the hub's are."""
    config: object
    encoder: type
    """The class that computes the fixture, read back from that checkpoint."""
    inputs: dict[str, tuple[int, ...]]
    """Shapes of the inputs, by fixture."""
    input_name: str = "pixel_values"
    load: dict = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    part: str | None = None
    """The encoder within that class, if it is not all of it."""


FAMILIES = {
    "deit-distilled": Family(
        DeiTForImageClassificationWithTeacher,
        DeiTConfig(**WIDE, image_size=24, patch_size=8, hidden_act="gelu_new"),
        DeiTModel,
        {"fixture": (2, 3, 24, 24), "fixture-interpolated": (2, 3, 40, 16)},
        load=dict(add_pooling_layer=False),
    ),
    "deit-non-square": Family(
        DeiTModel,
        DeiTConfig(**WIDE, image_size=[16, 24], patch_size=8, num_channels=2, qkv_bias=False, hidden_act="relu"),
        DeiTModel,
        {"fixture": (2, 2, 16, 24)},
        load=dict(add_pooling_layer=False),
    ),
    "clip-vision": Family(
        CLIPVisionModel,
        CLIPVisionConfig(**WIDE, image_size=24, patch_size=8),
        CLIPVisionModel,
        {"fixture": (2, 3, 24, 24), "fixture-interpolated": (1, 3, 16, 48)},
    ),
    "clip": Family(
        CLIPModel,
        CLIPConfig(
            vision_config=dict(**WIDE, image_size=16, patch_size=8, hidden_act="gelu", layer_norm_eps=1e-3),
            text_config=dict(
                hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8, vocab_size=16,
                max_position_embeddings=4, bos_token_id=1, eos_token_id=2,
            ),
            projection_dim=8,
        ),
        CLIPVisionModel,
        {"fixture": (2, 3, 16, 16)},
        dtype=torch.float16,
    ),
    "dinov2": Family(
        Dinov2Model,
        Dinov2Config(**SIZES, mlp_ratio=3, image_size=40, patch_size=8),
        Dinov2Model,
        {"fixture": (2, 3, 40, 40), "fixture-smaller": (2, 3, 16, 24), "fixture-larger": (1, 3, 56, 48)},
    ),
    "dinov2-giant": Family(
        Dinov2Model,
        Dinov2Config(**SIZES, image_size=16, patch_size=8, use_swiglu_ffn=True, qkv_bias=False, use_mask_token=False),
        Dinov2Model,
        {"fixture": (2, 3, 16, 16)},
    ),
    "dinov2-with-registers": Family(
        Dinov2WithRegistersForImageClassification,
        Dinov2WithRegistersConfig(
            **SIZES, image_size=40, patch_size=8, num_register_tokens=2, hidden_act="silu", layer_norm_eps=1e-4,
        ),
        Dinov2WithRegistersModel,
        {"fixture": (2, 3, 40, 40), "fixture-smaller": (2, 3, 16, 24), "fixture-larger": (1, 3, 56, 48)},
    ),
    "timesformer-divided": Family(
        TimesformerForVideoClassification,
        TimesformerConfig(**WIDE, image_size=16, patch_size=8, num_frames=3),
        TimesformerModel,
        {"fixture": (2, 3, 3, 16, 16), "fixture-more-frames": (1, 5, 3, 16, 16)},
    ),
    "timesformer-joint": Family(
        TimesformerModel,
        TimesformerConfig(
            **WIDE, image_size=16, patch_size=8, num_frames=3, attention_type="joint_space_time", qkv_bias=False,
        ),
        TimesformerModel,
        {"fixture": (2, 3, 3, 16, 16)},
    ),
    "timesformer-space-only": Family(
        TimesformerModel,
        TimesformerConfig(
            **WIDE, image_size=16, patch_size=8, num_frames=3, attention_type="space_only", layer_norm_eps=1e-3,
        ),
        TimesformerModel,
        {"fixture": (2, 3, 3, 16, 16)},
    ),
    "ast": Family(
        ASTForAudioClassification,
        ASTConfig(**WIDE, patch_size=8, frequency_stride=5, time_stride=6, max_length=37, num_mel_bins=23),
        ASTModel,
        {"fixture": (2, 37, 23)},
        input_name="input_values",
    ),
    "whisper": Family(
        WhisperForConditionalGeneration,
        WhisperConfig(
            d_model=24, encoder_attention_heads=3, encoder_layers=2, encoder_ffn_dim=52, num_mel_bins=10,
            max_source_positions=13, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=8, vocab_size=16,
            max_target_positions=4, pad_token_id=1, bos_token_id=1, eos_token_id=1, decoder_start_token_id=1,
            begin_suppress_tokens=None,
        ),
        WhisperModel,
        {"fixture": (2, 10, 26)},
        input_name="input_features",
        part="encoder",
    ),
    "whisper-relu": Family(
        WhisperModel,
        WhisperConfig(
            d_model=16, encoder_attention_heads=2, encoder_layers=1, encoder_ffn_dim=24, num_mel_bins=6,
            max_source_positions=8, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=8, vocab_size=16,
            max_target_positions=4, pad_token_id=1, bos_token_id=1, eos_token_id=1, decoder_start_token_id=1,
            begin_suppress_tokens=None, activation_function="relu", scale_embedding=True,
        ),
        WhisperModel,
        {"fixture": (1, 6, 16)},
        input_name="input_features",
        part="encoder",
    ),
}


def fill(model: torch.nn.Module, label: str) -> None:
    """Every parameter at random. Layer scales are of the order of 1: as small as biases, they would hide the blocks."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 0:
            parameter.data = parameter.data.reshape(1)
    randomize(model, label)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("lambda1"):
                parameter.copy_(0.8 + 0.3 * torch.randn(parameter.shape, generator=generator(f"{label}/{name}")))
            if name == "logit_scale":
                parameter.data = parameter.data.reshape(())


def load(family: Family, folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    model = family.encoder.from_pretrained(folder, dtype=dtype, attn_implementation="eager", **family.load).eval()
    return getattr(model, family.part) if family.part else model


def final_norm(model: torch.nn.Module) -> torch.nn.Module | None:
    """The norm between the last hidden state of the blocks and `last_hidden_state`; CLIP has none there."""
    return getattr(model, "layernorm", None) or getattr(model, "layer_norm", None)


def reference(family: Family, model: torch.nn.Module, values: torch.Tensor, is_resized: bool) -> dict[str, torch.Tensor]:
    """hidden_states are before the final norm, the last one too (transformers gives Whisper's after it)."""
    values = values.to(next(model.parameters()).dtype).clone().requires_grad_()
    before_norm: list[torch.Tensor] = []
    norm = final_norm(model)
    handle = norm.register_forward_pre_hook(lambda _, inputs: before_norm.append(inputs[0])) if norm else None
    options = dict(interpolate_pos_encoding=True) if is_resized and family.encoder in (DeiTModel, CLIPVisionModel) else {}
    if isinstance(model, TimesformerModel):
        model.config.num_frames = values.shape[1]  # which its blocks read; the time embeddings stay as many
    output = model(**{family.input_name: values}, output_hidden_states=True, **options)
    if handle:
        handle.remove()
    states = [*output.hidden_states[:-1], before_norm[0] if norm else output.hidden_states[-1]]
    if norm:
        assert relative_difference(norm(states[-1]), output.last_hidden_state) == 0
    else:
        assert relative_difference(states[-1], output.last_hidden_state) == 0
    if not family.part:
        assert relative_difference(states[-1], output.hidden_states[-1]) == 0
    output.last_hidden_state.mean().backward()
    pooled = getattr(output, "pooler_output", None)
    return {
        **{f"hidden_states.{index}": state for index, state in enumerate(states)},
        "last_hidden_state": output.last_hidden_state,
        **({} if pooled is None else {"pooler_output": pooled}),
        f"grad.{family.input_name}": values.grad,
    }


def write_fixtures(family: Family, name: str, target: Path, source: Path) -> int:
    """Fixtures in `target` of the checkpoint in `source`; returns the encoder's number of parameters."""
    model, exact_model = load(family, source, torch.float32), load(family, source, torch.float64)
    first = next(iter(family.inputs.values()))
    for fixture, shape in family.inputs.items():
        values = torch.randn(shape, generator=generator(f"{name}/{fixture}"))
        expected = reference(family, model, values, shape != first)
        exact = reference(family, exact_model, values, shape != first)
        deviation = {key: rounded(relative_difference(value, exact[key])) for key, value in expected.items()}
        write_tensors(
            target / f"{fixture}.safetensors",
            {family.input_name: values, **expected},
            {"relativeDeviationFromFloat64": deviation},
        )
    return sum(parameter.numel() for parameter in model.parameters())


def augreg_names(model: ViTModel) -> dict[str, torch.Tensor]:
    """The same weights under the names and in the layouts of AugReg's original .npz files (JAX)."""
    state, config = model.state_dict(), model.config
    heads, width = config.num_attention_heads, config.hidden_size
    tensors = {
        "cls": state["embeddings.cls_token"],
        "Transformer/posembed_input/pos_embedding": state["embeddings.position_embeddings"],
        "embedding/kernel": state["embeddings.patch_embeddings.projection.weight"].permute(2, 3, 1, 0),  # HWIO
        "embedding/bias": state["embeddings.patch_embeddings.projection.bias"],
        "Transformer/encoder_norm/scale": state["layernorm.weight"],
        "Transformer/encoder_norm/bias": state["layernorm.bias"],
        "head/kernel": torch.zeros(width, 5),
        "head/bias": torch.zeros(5),
    }
    for layer in range(config.num_hidden_layers):
        ours, theirs = f"layers.{layer}", f"Transformer/encoderblock_{layer}"
        for norm, number in (("layernorm_before", 0), ("layernorm_after", 2)):
            tensors[f"{theirs}/LayerNorm_{number}/scale"] = state[f"{ours}.{norm}.weight"]
            tensors[f"{theirs}/LayerNorm_{number}/bias"] = state[f"{ours}.{norm}.bias"]
        attention = f"{theirs}/MultiHeadDotProductAttention_1"
        for part, short in (("query", "q"), ("key", "k"), ("value", "v")):
            projection = f"{ours}.attention.{short}_proj"
            tensors[f"{attention}/{part}/kernel"] = state[f"{projection}.weight"].T.reshape(width, heads, -1)
            tensors[f"{attention}/{part}/bias"] = state[f"{projection}.bias"].reshape(heads, -1)
        tensors[f"{attention}/out/kernel"] = state[f"{ours}.attention.o_proj.weight"].T.reshape(heads, -1, width)
        tensors[f"{attention}/out/bias"] = state[f"{ours}.attention.o_proj.bias"]
        for dense in (0, 1):
            tensors[f"{theirs}/MlpBlock_3/Dense_{dense}/kernel"] = state[f"{ours}.mlp.fc{dense + 1}.weight"].T
            tensors[f"{theirs}/MlpBlock_3/Dense_{dense}/bias"] = state[f"{ours}.mlp.fc{dense + 1}.bias"]
    return tensors


def timm_deit_names(model: DeiTModel) -> dict[str, torch.Tensor]:
    return {**timm_names(model), "dist_token": model.state_dict()["embeddings.distillation_token"]}


def make_renamed(name: str, config: ViTConfig | DeiTConfig, names, written_config: dict) -> int:
    """A ViT under other names; transformers computes its fixture from the same weights under its own."""
    folder, twin = BACKBONE_FIXTURES / name, BACKBONE_FIXTURES / f"{name}-twin"
    model_class = DeiTModel if isinstance(config, DeiTConfig) else ViTModel
    model = model_class(config, add_pooling_layer=False)
    fill(model, name)
    model.save_pretrained(twin)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {key: tensor.contiguous().clone() for key, tensor in names(model).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "config.json", written_config)
    height, width = (config.image_size,) * 2 if isinstance(config.image_size, int) else config.image_size
    shape = (2, config.num_channels, height, width)
    family = Family(model_class, config, model_class, {"fixture": shape}, load=dict(add_pooling_layer=False))
    count = write_fixtures(family, name, folder, twin)
    shutil.rmtree(twin)
    return count


def timm_config(config: ViTConfig | DeiTConfig, architecture: str = "vit_base_patch16_224", **args) -> dict:
    return {
        "architecture": architecture,
        "num_classes": 0,
        "num_features": config.hidden_size,
        "model_args": {
            "img_size": config.image_size,
            "patch_size": config.patch_size,
            "embed_dim": config.hidden_size,
            "depth": config.num_hidden_layers,
            "num_heads": config.num_attention_heads,
            "mlp_ratio": config.intermediate_size / config.hidden_size,
            **args,
        },
    }


def make_encoder_families() -> None:
    counts = {}
    for name, family in FAMILIES.items():
        folder = BACKBONE_FIXTURES / name
        model = family.saved(family.config)
        fill(model, name)
        model.to(family.dtype).save_pretrained(folder)
        counts[name] = write_fixtures(family, name, folder, folder)
    vit = dict(hidden_size=24, num_attention_heads=3, num_hidden_layers=2, intermediate_size=48, layer_norm_eps=1e-6)
    # AudioMAE's ViT: a spectrogram of 40 frames of 16 bins is a picture of one channel.
    audio = ViTConfig(**vit, image_size=[40, 16], patch_size=8, num_channels=1)
    args = dict(in_chans=1, num_classes=0, global_pool="avg", fc_norm=False)
    counts["vit-audiomae"] = make_renamed("vit-audiomae", audio, timm_names, timm_config(audio, **args))
    augreg = ViTConfig(**vit, image_size=24, patch_size=8)
    counts["vit-augreg-npz"] = make_renamed("vit-augreg-npz", augreg, augreg_names, timm_config(augreg))
    deit = DeiTConfig(**vit, image_size=24, patch_size=8)
    deit_config = timm_config(deit, "deit_tiny_distilled_patch16_224")
    counts["deit-timm"] = make_renamed("deit-timm", deit, timm_deit_names, deit_config)
    write_json(BACKBONE_FIXTURES.parent / "encoder-parameter-counts.json", counts)
