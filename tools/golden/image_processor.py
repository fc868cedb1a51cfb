"""What the Pillow-backed image processors of transformers answer, from preprocessor_config.json to float32 pixels."""

import base64
import json
import math
import sys
from pathlib import Path

import numpy
import transformers
from PIL import Image, ImageOps
from transformers import (
    BitImageProcessorPil,
    CLIPImageProcessorPil,
    DeiTImageProcessorPil,
    VideoMAEImageProcessorPil,
    ViTImageProcessorPil,
)

sys.path.insert(0, str(Path(__file__).parent))
from pillow_resize import FILTERS, picture

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
    {"image_processor_type": "DeiTImageProcessorFast", "size": 16, "crop_size": 11},
    {"image_processor_type": "CLIPImageProcessor", "size": 9, "crop_size": 12},
    {"image_processor_type": "BitImageProcessorFast", "size": {"shortest_edge": 14}, "crop_size": {"height": 8, "width": 13},
     "do_convert_rgb": True, "rescale_factor": 0.01},
    {"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 11, "longest_edge": 13}, "crop_size": 5, "resample": 1},
    {"image_processor_type": "ViTImageProcessorFast", "size": {"shortest_edge": 13, "longest_edge": 40}, "resample": 4},
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 7, "width": 9}, "resample": 5, "do_normalize": False},
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 25, "width": 9}, "resample": 0},
]
# timm's evaluation transform is torchvision's Resize and CenterCrop; neither library is needed to do what they do.
TIMM = [
    {"input_size": [3, 11, 11], "crop_pct": 0.9, "interpolation": "bicubic", "crop_mode": "center", "mean": [0.5, 0.5, 0.5],
     "std": [0.5, 0.5, 0.5], "num_classes": 10, "pool_size": None, "first_conv": "patch_embed.proj", "classifier": "head"},
    {"input_size": [3, 10, 10], "interpolation": "lanczos"},
    {"input_size": [3, 9, 12], "crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bilinear"},
    {"input_size": [3, 10, 13], "crop_pct": 0.8, "crop_mode": "squash"},
]
PICTURES = [(20, 30), (17, 13)]

VIDEO = {"feature_extractor_type": "VideoMAEFeatureExtractor", "size": {"shortest_edge": 12}, "do_resize": True, "resample": 2,
         "crop_size": {"height": 11, "width": 10}, "do_center_crop": True, "do_rescale": True, "rescale_factor": 1 / 255,
         "do_normalize": True, "image_mean": [0.45, 0.45, 0.45], "image_std": [0.225, 0.225, 0.225]}


def kind_of(config: dict) -> str:
    kind = config.get("image_processor_type") or config["feature_extractor_type"]
    return kind.replace("ImageProcessor", "").replace("FeatureExtractor", "").replace("Fast", "")


def result_of(size: tuple[int, int], pixels: numpy.ndarray) -> dict:
    pixels = numpy.asarray(pixels, dtype=numpy.float32)
    return {"from": size, "shape": pixels.shape, "data": base64.b64encode(pixels.tobytes()).decode()}


def timm_transform(config: dict, image: Image.Image) -> numpy.ndarray:
    """timm.data.transforms_factory.transforms_imagenet_eval."""
    _, height, width = config["input_size"]
    part = config.get("crop_pct", 0.875)
    scaled = math.floor(height / part), math.floor(width / part)
    if config.get("crop_mode") != "squash":  # torchvision's Resize of a number
        short, long = sorted(image.size)
        new_long = int(scaled[0] * long / short)
        scaled = (new_long, scaled[0]) if image.height >= image.width else (scaled[0], new_long)
    image = image.resize(scaled[::-1], FILTERS[config.get("interpolation", "bicubic")])
    top, left = int(round((image.height - height) / 2.0)), int(round((image.width - width) / 2.0))
    levels = numpy.asarray(image.crop((left, top, left + width, top + height)), dtype=numpy.float32) / 255
    mean, std = config.get("mean", [0.485, 0.456, 0.406]), config.get("std", [0.229, 0.224, 0.225])
    return ((levels - numpy.float32(mean)) / numpy.float32(std)).transpose(2, 0, 1)


cases = []
for config in CASES:
    options = {key: value for key, value in config.items() if not key.endswith("_type")}
    processor = KINDS[kind_of(config)].from_dict(options)
    results = [result_of(size, processor(picture(*size), return_tensors="np")["pixel_values"][0]) for size in PICTURES]
    cases.append({"config": config, "results": results})
timm = [{"config": config, "results": [result_of(size, timm_transform(config, picture(*size))) for size in PICTURES]} for config in TIMM]
frames = [picture(20, 30), ImageOps.invert(picture(20, 30))]
processor = VideoMAEImageProcessorPil.from_dict({key: value for key, value in VIDEO.items() if not key.endswith("_type")})
video = {"config": VIDEO, **result_of((20, 30), processor(frames, return_tensors="np")["pixel_values"][0])}
defaults = {f"{name}ImageProcessor": {key: value for key, value in kind.from_dict({}).to_dict().items() if not key.endswith("_type")}
            for name, kind in {**KINDS, "VideoMAE": VideoMAEImageProcessorPil}.items()}
in_lines = lambda cases: ",\n".join(json.dumps(case) for case in cases)
Path(sys.argv[1]).write_text(
    f'{{"transformers": "{transformers.__version__}", "cases": [\n{in_lines(cases)}\n], "timm": [\n{in_lines(timm)}\n],\n'
    f'"video": {json.dumps(video)},\n"defaults": {json.dumps(defaults)}}}\n'
)
