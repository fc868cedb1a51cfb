"""PyTorch on a GPU as a peer, by the protocol of ../peers/peer-process.ts: `torch_cuda_worker.py [DEVICE]`, `cuda` by default.

Its linear layers are cuBLAS' (cuBLASLt's where PyTorch chooses it), its attention the best of its own kernels.
"""

import json
import os
import sys
import time

import torch
import torch.nn.functional as F

DEVICE = sys.argv[1] if len(sys.argv) > 1 else "cuda"
replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a library prints must not end up among the replies


def drawn(*shape, dtype="float32", grad=False):
    return torch.randn(*shape, device=DEVICE, dtype=getattr(torch, dtype)).requires_grad_(grad)


def passes(forward, gradient, inputs):
    """The forward pass, and the backward pass where there is a gradient for it."""
    if gradient is None:

        def run():
            with torch.inference_mode():
                return forward()

        return run

    def both():
        for each in inputs:
            each.grad = None
        y = forward()
        y.backward(gradient if y.dim() else None)
        return y.detach()

    return both


def linear(rows, inputs, outputs, dtype, backward):
    if dtype not in ("float32", "bfloat16"):
        return {}  # PyTorch has none with float32 activations
    contenders = {}
    for name, kind, tf32 in [("torch", "float32", False), ("torch tf32", "float32", True), ("torch bfloat16", "bfloat16", False)]:
        if dtype == "float32" and kind != "float32":
            continue
        x = drawn(rows, inputs, dtype=kind, grad=backward)
        weight, bias = drawn(outputs, inputs, dtype=kind), drawn(outputs, dtype=kind)
        gradient = drawn(rows, outputs, dtype=kind) if backward else None
        work = passes(lambda x=x, weight=weight, bias=bias: F.linear(x, weight, bias), gradient, [x])

        def run(work=work, tf32=tf32):
            torch.backends.cuda.matmul.allow_tf32 = tf32
            return work()

        contenders[name] = run
    return contenders


def attention(batch, queries, keys, heads, size, backward):
    q = drawn(batch, heads, queries, size, grad=backward)
    k, v = (drawn(batch, heads, keys, size, grad=backward) for _ in range(2))
    gradient = drawn(batch, heads, queries, size) if backward else None
    causal = queries == keys and queries > 1
    return {"torch": passes(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal), gradient, [q, k, v])}


def layer_norm(rows, width, backward):
    x, weight, bias = drawn(rows, width, grad=backward), drawn(width), drawn(width)
    gradient = drawn(rows, width) if backward else None
    return {"torch": passes(lambda: F.layer_norm(x, (width,), weight, bias), gradient, [x])}


def softmax(rows, width):
    x = drawn(rows, width)
    return {"torch": passes(lambda: F.softmax(x, -1), None, [])}


def head_loss(rows, width, words, dtype):
    hidden, weight = drawn(rows, width, dtype=dtype, grad=True), drawn(words, width, dtype=dtype)
    targets = torch.randint(words, (rows,), device=DEVICE)
    loss = passes(lambda: F.cross_entropy(F.linear(hidden, weight).float(), targets), True, [hidden])
    return {f"torch {dtype}": loss}


CASES = {case.__name__: case for case in [linear, attention, layer_norm, softmax, head_loss]}


def synchronize():
    if DEVICE.startswith("cuda"):
        torch.cuda.synchronize()


def timed(work, repeats):
    synchronize()
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    synchronize()
    return time.perf_counter() - start


def answer(request, prepared):
    if "prepare" in request:
        prepared.clear()
        sizes = dict(request["prepare"])
        sizes.pop("threads", None)
        prepared.update(CASES[sizes.pop("case")](**sizes))
        return {"contenders": list(prepared)}
    if "run" in request:
        return {"seconds": timed(prepared[request["run"]], request["repeats"])}
    if "release" in request:
        prepared.clear()
        if DEVICE.startswith("cuda"):
            torch.cuda.empty_cache()
        return {}
    raise KeyError(f"no request {list(request)}")


def main():
    if DEVICE.startswith("cuda") and not torch.cuda.is_available():
        sys.exit("this PyTorch sees no GPU")
    prepared = {}
    version = torch.__version__ + (f", {torch.cuda.get_device_name()}" if DEVICE.startswith("cuda") else "")
    reply = {"name": "PyTorch", "version": version}
    while True:
        print(json.dumps(reply), file=replies, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        try:
            reply = answer(json.loads(line), prepared)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}


main()
