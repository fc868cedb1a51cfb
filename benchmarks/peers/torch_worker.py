"""PyTorch as a peer: answers lines of JSON (peer-process.ts tells the protocol).

A case is a function in one of the modules below: it takes the sizes and gives {name: function that does the work once}.
"""

import importlib
import json
import os
import sys
import time

import torch

MODULES = ["torch_kernels", "torch_epalm", "torch_decode"]

replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a library prints must not end up among the replies


def find(case):
    for name in MODULES:
        found = getattr(importlib.import_module(name), case, None)
        if found:
            return found
    raise KeyError(f"no case {case}")


def timed(work, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    seconds = time.perf_counter() - start
    # OpenMP's threads spin for some milliseconds after their last work, which must not fall into others' samples.
    time.sleep(0.012)
    return seconds


def answer(request, prepared):
    if "prepare" in request:
        prepared.clear()
        sizes = dict(request["prepare"])
        torch.set_num_threads(sizes.pop("threads"))
        torch.manual_seed(0)
        prepared.update(find(sizes.pop("case"))(**sizes))
        return {"contenders": list(prepared)}
    if "run" in request:
        return {"seconds": timed(prepared[request["run"]], request["repeats"])}
    if "evaluate" in request:
        return {"values": torch.as_tensor(prepared[request["evaluate"]]()).float().flatten().tolist()}
    if "release" in request:
        prepared.clear()
        return {}
    raise KeyError(f"no request {list(request)}")


def main():
    torch.set_flush_denormal(False)
    prepared = {}
    reply = {"name": "PyTorch", "version": torch.__version__}
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
