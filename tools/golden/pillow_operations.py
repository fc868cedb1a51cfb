"""What Pillow answers to each operation of RandAugment on pictures that are a formula: `pillow_operations.py FILE`. Names and amounts
are those of packages/backbones/src/processors/image-operation.ts."""

import base64
import json
import sys
from pathlib import Path

import PIL
from PIL import Image, ImageEnhance, ImageOps

sys.path.insert(0, str(Path(__file__).parent))
from pillow_resize import picture

RESAMPLE = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR}


def affine(image: Image.Image, matrix: tuple, filter: str, fill: int) -> Image.Image:
    return image.transform(image.size, Image.Transform.AFFINE, matrix, RESAMPLE[filter], fillcolor=(fill,) * 3)


OPERATIONS = {
    "identity": lambda image, amount, **_: image,
    "autoContrast": lambda image, amount, **_: ImageOps.autocontrast(image),
    "equalize": lambda image, amount, **_: ImageOps.equalize(image),
    "posterize": lambda image, amount, **_: ImageOps.posterize(image, amount),
    "solarize": lambda image, amount, **_: ImageOps.solarize(image, amount),
    "brightness": lambda image, amount, **_: ImageEnhance.Brightness(image).enhance(amount),
    "color": lambda image, amount, **_: ImageEnhance.Color(image).enhance(amount),
    "contrast": lambda image, amount, **_: ImageEnhance.Contrast(image).enhance(amount),
    "sharpness": lambda image, amount, **_: ImageEnhance.Sharpness(image).enhance(amount),
    "shearX": lambda image, amount, **options: affine(image, (1, -amount, 0, 0, 1, 0), **options),
    "shearY": lambda image, amount, **options: affine(image, (1, 0, 0, -amount, 1, 0), **options),
    "translateX": lambda image, amount, **options: affine(image, (1, 0, -amount, 0, 1, 0), **options),
    "translateY": lambda image, amount, **options: affine(image, (1, 0, 0, 0, 1, -amount), **options),
    "rotate": lambda image, amount, filter, fill: image.rotate(amount, RESAMPLE[filter], fillcolor=(fill,) * 3),
}
# The picture's levels are scaled by `contrast` and raised by `offset`, so that there is something to stretch.
PICTURES = [{"size": (17, 13), "contrast": 1, "offset": 0}, {"size": (12, 21), "contrast": 0.375, "offset": 60},
            {"size": (2, 5), "contrast": 0, "offset": 77}, {"size": (45, 31), "contrast": 0.5, "offset": 30}]
COLOURS = [("autoContrast", 0), ("equalize", 0), ("posterize", 7), ("posterize", 4), ("solarize", 178.5), ("solarize", 0),
           ("brightness", 1.36), ("brightness", 0.73), ("color", 1.36), ("color", 0), ("contrast", 1.36), ("contrast", 0.73),
           ("sharpness", 1.36), ("sharpness", 0.1), ("sharpness", 1)]
GEOMETRY = [("shearX", 0.21), ("shearX", -0.21), ("shearY", 0.21), ("shearY", -0.09), ("translateX", 7), ("translateX", -3.5),
            ("translateY", -7), ("translateY", 30), ("rotate", 21), ("rotate", -21), ("rotate", 90), ("rotate", 180)]


def main() -> None:
    cases = []
    for which, about in enumerate(PICTURES):
        image = picture(*about["size"]).point(lambda level: int(level * about["contrast"]) + about["offset"])
        if which == 3:  # large enough for its histogram to be spread
            cases.append((which, "equalize", 0, {"filter": "bilinear", "fill": 128}, image))
            continue
        for name, amount in COLOURS:
            cases.append((which, name, amount, {"filter": "bilinear", "fill": 128}, image))
        for name, amount in GEOMETRY:
            cases.append((which, name, amount, {"filter": "bilinear", "fill": 128}, image))
            if which == 1:
                cases.append((which, name, amount, {"filter": "nearest", "fill": 0}, image))
    lines = ",\n".join(
        json.dumps({"picture": which, "name": name, "amount": amount, "options": options,
                    "data": base64.b64encode(OPERATIONS[name](image, amount, **options).tobytes()).decode()})
        for which, name, amount, options, image in cases
    )
    Path(sys.argv[1]).write_text(
        f'{{"pillow": "{PIL.__version__}", "pictures": {json.dumps(PICTURES)}, "cases": [\n{lines}\n]}}\n'
    )


if __name__ == "__main__":
    main()
