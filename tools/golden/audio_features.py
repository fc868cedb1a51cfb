"""Kaldi's filter bank features written from their definition in double precision, and what the feature extractors of transformers
answer (their own numpy code; torchaudio is not needed): `audio_features.py kaldi-fbank.json audio-processor.json`. The waveform is
a formula, which packages/backbones/test/waveform.ts has too; of each result only some frames are kept."""

import base64
import json
import sys
from pathlib import Path

import numpy
import transformers
from transformers import ASTFeatureExtractor, WhisperFeatureExtractor


def waveform(samples: int) -> numpy.ndarray:
    """A rising tone with noise, in steps of loudness with silence between; whole numbers of 16 bits, so exact in float32."""
    i = numpy.arange(samples, dtype=numpy.int64)
    tone = numpy.abs((i * i * 3 // 4000 + i * 17) % 1024 - 512) - 256
    noise = i * 7919 % 8191 % 64 - 32
    loudness = i // 3000 % 5 * 5
    return ((tone * 3 + noise) * loudness / 32768).astype(numpy.float32)


def kaldi_fbank(samples: numpy.ndarray, rate: int, bands: int, window: str, low: float = 20.0, high: float = 0.0) -> numpy.ndarray:
    """kaldi: feat/feature-window.cc, feat/mel-computations.cc, feat/feature-fbank.cc, without dither, with snip_edges; the floor is
    torchaudio's. Frames of 25 ms every 10 ms; `high` at or below 0 counts from the Nyquist frequency. -> [frames, bands]."""
    x = samples.astype(numpy.float64)
    length, shift = rate * 25 // 1000, rate * 10 // 1000
    points = 1
    while points < length:
        points *= 2
    n = numpy.arange(length)
    shape = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * n / (length - 1))
    shape = shape**0.85 if window == "povey" else shape

    mel = lambda hertz: 1127.0 * numpy.log(1.0 + hertz / 700.0)
    nyquist = rate / 2
    top = high if high > 0 else nyquist + high
    delta = (mel(top) - mel(low)) / (bands + 1)
    filters = numpy.zeros((bands, points // 2))
    for band in range(bands):
        left, center, right = (mel(low) + (band + k) * delta for k in range(3))
        for bin in range(points // 2):
            at = mel(bin * rate / points)
            if left < at < right:
                filters[band, bin] = (at - left) / (center - left) if at <= center else (right - at) / (right - center)

    frames = []
    for begin in range(0, len(x) - length + 1, shift):
        frame = x[begin : begin + length] - x[begin : begin + length].mean()
        emphasized = frame.copy()
        for k in range(length - 1, 0, -1):
            emphasized[k] -= 0.97 * emphasized[k - 1]
        emphasized[0] -= 0.97 * emphasized[0]
        power = numpy.abs(numpy.fft.rfft(emphasized * shape, points)) ** 2
        frames.append(numpy.log(numpy.maximum(filters @ power[: points // 2], 2.0**-23)))
    return numpy.array(frames).reshape(-1, bands)


def kept(result: numpy.ndarray, frames: list[int]) -> dict:
    """Some frames of [frames, bands]."""
    rows = result[frames].astype("<f4")
    return {"shape": result.shape, "frames": frames, "data": base64.b64encode(rows.tobytes()).decode()}


KALDI = [
    {"samples": 16000, "rate": 16000, "bands": 128, "window": "hann", "frames": [0, 18, 19, 20, 60, 97]},
    {"samples": 9000, "rate": 16000, "bands": 23, "window": "povey", "frames": [0, 17, 30, 53]},
    {"samples": 5000, "rate": 8000, "bands": 40, "window": "povey", "low": 60.0, "high": -200.0, "frames": [3, 40, 59]},
    {"samples": 30000, "rate": 44100, "bands": 64, "window": "hann", "high": 15000.0, "frames": [0, 7, 40]},
]

AST = {"feature_extractor_type": "ASTFeatureExtractor", "feature_size": 1, "sampling_rate": 16000, "num_mel_bins": 128,
       "max_length": 1024, "padding_value": 0.0, "padding_side": "right", "do_normalize": True, "mean": -4.2677393,
       "std": 4.5689974, "return_attention_mask": False}
WHISPER = {"feature_extractor_type": "WhisperFeatureExtractor", "chunk_length": 30, "feature_size": 80, "hop_length": 160,
           "n_fft": 400, "n_samples": 480000, "nb_max_frames": 3000, "padding_side": "right", "padding_value": 0.0,
           "processor_class": "WhisperProcessor", "return_attention_mask": False, "sampling_rate": 16000}
EXTRACTORS = [
    (AST, 16000, [0, 18, 50, 97, 98, 1023]),
    (AST, 170000, [0, 1, 511, 1023]),
    (AST, 300, [0, 1023]),
    ({**AST, "num_mel_bins": 32, "max_length": 20, "do_normalize": False}, 4000, [0, 7, 18, 19]),
    ({**AST, "num_mel_bins": 64, "max_length": 12, "mean": -2.5, "std": 3.25}, 4000, [0, 11]),
    (WHISPER, 50000, [0, 1, 2, 200, 312, 313, 2999]),
    (WHISPER, 490000, [0, 1500, 2998, 2999]),
    ({**WHISPER, "feature_size": 128, "chunk_length": 2, "n_samples": 32000, "nb_max_frames": 200}, 32000, [0, 1, 100, 199]),
]


def extract(config: dict, samples: numpy.ndarray) -> numpy.ndarray:
    """-> [frames, bands]."""
    options = {key: value for key, value in config.items() if not key.endswith("_type")}
    if config is AST and len(samples) < 400:  # transformers' numpy code counts -1 frames here, torchaudio none
        padding = numpy.zeros((config["max_length"], config["num_mel_bins"]), numpy.float32)
        return ASTFeatureExtractor(**options).normalize(padding)
    if config["feature_extractor_type"] == "ASTFeatureExtractor":
        return ASTFeatureExtractor(**options)(samples, sampling_rate=16000, return_tensors="np")["input_values"][0]
    # Through numpy, which transforms in double; its other way through PyTorch is within 1e-4 of it.
    extractor = WhisperFeatureExtractor(**options)
    extractor._torch_extract_fbank_features = extractor._np_extract_fbank_features
    result = extractor(samples, sampling_rate=16000, return_tensors="np")["input_features"][0]
    other = WhisperFeatureExtractor(**options)(samples, sampling_rate=16000, return_tensors="np")["input_features"][0]
    print("whisper: numpy against torch", numpy.abs(result - other).max())
    return result.T


def main() -> None:
    kaldi = []
    for case in KALDI:
        options = {key: value for key, value in case.items() if key not in ("samples", "frames")}
        kaldi.append({**case, **kept(kaldi_fbank(waveform(case["samples"]), **options), case["frames"])})
    # The two implementations agree.
    ours = kaldi_fbank(waveform(16000), 16000, 128, "hann")
    theirs = extract({**AST, "do_normalize": False, "max_length": len(ours)}, waveform(16000))
    print("kaldi: definition against transformers", numpy.abs(ours - theirs).max())
    assert numpy.abs(ours - theirs).max() < 1e-4
    extractors = [
        {"config": config, "samples": samples, **kept(extract(config, waveform(samples)), frames)}
        for config, samples, frames in EXTRACTORS
    ]
    for path, about, cases in ((sys.argv[1], {"numpy": numpy.__version__}, kaldi),
                               (sys.argv[2], {"transformers": transformers.__version__}, extractors)):
        lines = ",\n".join(json.dumps(case) for case in cases)
        Path(path).write_text(f'{json.dumps(about)[:-1]}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
