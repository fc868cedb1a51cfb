"""What Pillow answers when it resizes a picture that is a formula. packages/backbones/src/processors/resize-image.test.ts has the
same formula."""

import base64
import json
import sys
from pathlib import Path

import PIL
from PIL import Image

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
SIZES = [((20, 30), (32, 32)), ((33, 47), (12, 20)), ((64, 48), (16, 12)), ((16, 16), (17, 17)), ((9, 7), (9, 14)),
         ((120, 5), (7, 5)), ((1, 1), (3, 2)), ((50, 40), (1, 1))]


def picture(width: int, height: int) -> Image.Image:
    """Noise over blocks: edges of every size."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for channel in range(3):
                block = 255 if (x // 5 + y // 3 + channel) % 3 == 0 else 40
                noise = (x * 7919 + y * 104729 + channel * 1299709) % 8191 % 64
                data.append((block + noise) % 256)
    return Image.frombytes("RGB", (width, height), bytes(data))


def main() -> None:
    cases = [
        {
            "from": source, "to": target, "filter": name,
            "data": base64.b64encode(picture(*source).resize(target, number).tobytes()).decode(),
        }
        for source, target in SIZES
        for name, number in FILTERS.items()
    ]
    lines = ",\n".join(json.dumps(case) for case in cases)
    Path(sys.argv[1]).write_text(f'{{"pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
