"""The configurations that transformers writes when nobody says otherwise: every key, with its default."""

import json

from common import BACKBONE_FIXTURES, write_json
from transformers import AutoConfig, TimmWrapperConfig

MODEL_TYPES = [
    *["opt", "gpt2", "llama", "mistral", "t5", "bart", "vit", "deit", "clip", "clip_vision_model", "dinov2"],
    *["dinov2_with_registers", "timesformer", "audio-spectrogram-transformer", "whisper"],
]


def make_configurations() -> None:
    configs = {model_type: AutoConfig.for_model(model_type).to_dict() for model_type in MODEL_TYPES}
    # Its default is a ResNet.
    configs["timm_wrapper"] = TimmWrapperConfig(architecture="vit_base_patch16_224").to_dict()
    for model_type, config in configs.items():
        assert config["model_type"] == model_type
    write_json(BACKBONE_FIXTURES.parent / "default-configs.json", json.loads(json.dumps(configs)))
