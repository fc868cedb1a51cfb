"""What the Pillow-backed image processors of transformers answer, from preprocessor_config.json to float32 pixels."""

import base64
import json
import sys
from pathlib import Path

import numpy
import transformers
from transformers import BitImageProcessorPil, CLIPImageProcessorPil, DeiTImageProcessorPil, ViTImageProcessorPil

sys.path.insert(0, str(Path(__file__).parent))
from pillow_resize import picture

KINDS = {"ViT": ViTImageProcessorPil, "CLIP": CLIPImageProcessorPil, "DeiT": DeiTImageProcessorPil, "Bit": BitImageProcessorPil}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}

CASES = [
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 12}, "resample": 2, "do_resize": True,
     "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, **HALF},
    {"feature_extractor_type": "ViTFeatureExtractor", "size": 14, "resample": 2, "do_resize": True, "do_normalize": True, **HALF},
    {"feature_extractor_type": "CLIPFeatureExtractor", "size": 13, "crop_size": 10, "do_center_crop": True, "resample": 3,
     "do_resize": True, "do_normalize": True, **CLIP},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 12}, "crop_size": {"height": 9, "width": 12},
     "resample": 3, **CLIP},
    {"image_processor_type": "DeiTImageProcessor", "size": {"height": 18, "width": 17}, "crop_size": {"height": 13, "width": 12},
     "resample": 3, "do_center_crop": True, **HALF},
    {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 15}, "do_center_crop": False, "resample": 3,
     "do_rescale": True, "do_normalize": False},
    {"image_processor_type": "ViTImageProcessor", "do_resize": False, "do_rescale": False, "do_normalize": True,
     "image_mean": [100, 110, 120], "image_std": [50, 60, 70]},
]
PICTURES = [(20, 30), (17, 13)]

cases = []
for config in CASES:
    kind = (config.get("image_processor_type") or config["feature_extractor_type"]).replace("ImageProcessor", "").replace("FeatureExtractor", "")
    options = {key: value for key, value in config.items() if not key.endswith("_type")}
    processor = KINDS[kind].from_dict(options)
    results = []
    for size in PICTURES:
        pixels = numpy.asarray(processor(picture(*size), return_tensors="np")["pixel_values"][0], dtype=numpy.float32)
        results.append({"from": size, "shape": pixels.shape, "data": base64.b64encode(pixels.tobytes()).decode()})
    cases.append({"config": config, "results": results})
lines = ",\n".join(json.dumps(case) for case in cases)
Path(sys.argv[1]).write_text(f'{{"transformers": "{transformers.__version__}", "cases": [\n{lines}\n]}}\n')
