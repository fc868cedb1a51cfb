"""Regenerates every reference fixture: `python tools/golden/make.py` (see README.md)."""

import os
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import torch
from transformers.utils import logging

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
logging.disable_progress_bar()

from checkpoint_files import make_checkpoint_files
from common import ADAPTER_FIXTURES, BACKBONE_FIXTURES
from configurations import make_configurations
from decoders import make_decoders
from encoder_families import make_encoder_families
from encoder_decoders import make_encoder_decoders
from encoders import make_encoders
from epalm_fixtures import make_epalm
from epalm_generation import make_epalm_generation
from epalm_laws import make_epalm_laws
from epalm_released import make_epalm_released
from generation import make_all_generation
from language_models import make_language_models
from optimization import make_optimization
from parameter_counts import make_parameter_counts
from tokenizer_families import make_tokenizer_families

MAKERS = {
    "configurations": make_configurations,
    "language-models": make_language_models,
    "decoders": make_decoders,
    "encoder-decoders": make_encoder_decoders,
    "encoders": make_encoders,
    "encoder-families": make_encoder_families,
    "epalm": make_epalm,
    "epalm-generation": make_epalm_generation,
    "epalm-laws": make_epalm_laws,
    "epalm-released": make_epalm_released,
    "generation": make_all_generation,
    "tokenizers": make_tokenizer_families,
    "parameter-counts": make_parameter_counts,
    "optimization": make_optimization,
    "checkpoint-files": make_checkpoint_files,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        print(f"{name} ...", flush=True)
        MAKERS[name]()
    for folder in (BACKBONE_FIXTURES, ADAPTER_FIXTURES):
        for path in folder.rglob("*.safetensors"):
            path.chmod(0o644)  # safetensors writes private files
