"""The trainable parameters of the published eP-ALM variants (specs/epalm.md 1.8), as facts, with their shapes."""

from common import ADAPTER_FIXTURES, write_json

SIZES = {"opt-350m": (1024, 512), "opt-1.3b": (2048, 2048), "opt-2.7b": (2560, 2560), "opt-6.7b": (4096, 4096)}
"""Width d and token embedding width e."""

WIDTHS = {"vit-b/16": 768, "timesformer-b": 768, "ast-b": 768, "vit-l/16": 1024}

ROWS = [
    # variant, language model, encoder, linears, prompt length, prompt MLP, connector, prompt, trainable, total, exact total
    ("eP-ALM image", "opt-2.7b", "vit-b/16", 6, 10, True, 11_811_840, 13_137_920, 24_949_760, 2_762_345_216, True),
    ("eP-ALM video", "opt-2.7b", "timesformer-b", 6, 10, True, 11_811_840, 13_137_920, 24_949_760, 2_798_112_912, False),
    ("eP-ALM audio", "opt-2.7b", "ast-b", 6, 10, True, 11_811_840, 13_137_920, 24_949_760, 2_764_678_623, False),
    ("eP-ALM_lin", "opt-2.7b", "vit-b/16", 1, 0, False, 1_968_640, 0, 1_968_640, 2_739_364_096, True),
    ("eP-ALM_pt", "opt-2.7b", "vit-b/16", 1, 10, False, 1_968_640, 25_600, 1_994_240, 2_739_389_696, True),
    ("eP-ALM_pt-L", "opt-6.7b", "vit-l/16", 1, 10, False, 4_198_400, 40_960, 4_239_360, 6_966_014_976, True),
    ("eP-ALM 350M", "opt-350m", "vit-b/16", 6, 10, True, 4_724_736, 530_432, 5_255_168, 422_250_240, True),
    ("eP-ALM_lin 350M", "opt-350m", "vit-b/16", 1, 0, False, 787_456, 0, 787_456, 417_782_528, True),
    ("eP-ALM_pt 350M", "opt-350m", "vit-b/16", 1, 10, False, 787_456, 5_120, 792_576, 417_787_648, True),
    ("eP-ALM 1.3B", "opt-1.3b", "vit-b/16", 6, 10, True, 9_449_472, 8_413_184, 17_862_656, 1_419_419_392, True),
    ("eP-ALM_pt 1.3B", "opt-1.3b", "vit-b/16", 1, 10, False, 1_574_912, 20_480, 1_595_392, 1_403_152_128, True),
]


def make_parameter_counts() -> None:
    rows = []
    for variant, lm, encoder, linears, length, mlp, connector, prompt, trainable, total, exact in ROWS:
        (d, e), v = SIZES[lm], WIDTHS[encoder]
        assert connector == linears * (v * d + d), variant
        assert prompt == length * e + (2 * (e * e + e) if mlp else 0), variant
        assert trainable == connector + prompt, variant
        rows.append(
            {
                "variant": variant,
                "languageModel": lm,
                "encoder": encoder,
                "languageModelWidth": d,
                "embeddingWidth": e,
                "encoderWidth": v,
                "linears": linears,
                "promptLength": length,
                "promptMlp": mlp,
                "connector": connector,
                "prompt": prompt,
                "trainable": trainable,
                "total": total,
                "totalIsExact": exact,
            }
        )
    write_json(ADAPTER_FIXTURES / "parameter-counts.json", {"source": "specs/epalm.md section 1.8", "rows": rows})
