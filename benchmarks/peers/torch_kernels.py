"""The kernel benchmarks' cases in PyTorch: its plain path, and its best one where that is another."""

import torch
import torch.nn.functional as F


def of_type(dtype):
    return getattr(torch, dtype)


def packed_linear(x, weight):
    """What torch.compile emits for frozen weights: oneDNN's own layout, made once."""
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, x.shape[0])
    pointwise = torch.ops.mkldnn._linear_pointwise
    return lambda: pointwise(x, packed, None, "none", [], "")


def inference(work):
    def run():
        with torch.inference_mode():
            return work()

    return run


def linear(rows, inputs, outputs, dtype):
    x = torch.randn(rows, inputs).to(of_type(dtype))
    weight = torch.randn(outputs, inputs).to(of_type(dtype))
    name = "torch" if dtype == "float32" else f"torch {dtype}"
    contenders = {name: inference(lambda: F.linear(x, weight))}
    if torch.backends.mkldnn.is_available() and (
        dtype == "float32" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    ):
        with torch.inference_mode():
            contenders[f"{name} packed"] = inference(packed_linear(x, weight))
    return contenders


def linear_dx(rows, inputs, outputs):
    gradient = torch.randn(rows, outputs)
    weight = torch.randn(outputs, inputs)
    return {"torch": inference(lambda: gradient @ weight)}


def attention(batch, tokens, heads, size, causal, backward):
    q, k, v = (torch.randn(batch, heads, tokens, size, requires_grad=backward) for _ in range(3))

    def forward():
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)

    if not backward:
        return {"torch": inference(forward)}
    gradient = torch.randn(batch, heads, tokens, size)

    def both():
        q.grad = k.grad = v.grad = None
        forward().backward(gradient)

    return {"torch": both}


def head_loss(rows, width, words):
    """LM head and cross-entropy, forward and d(hidden states): the head is frozen."""
    hidden = torch.randn(rows, width, requires_grad=True)
    weight = torch.randn(words, width) * width**-0.5
    targets = torch.randint(words, (rows,))

    def both():
        hidden.grad = None
        loss = F.cross_entropy(F.linear(hidden, weight), targets)
        loss.backward()
        return loss.detach()

    return {"torch": both}


def cross_entropy(rows, words, backward):
    logits = torch.randn(rows, words, requires_grad=backward)
    targets = torch.randint(words, (rows,))
    if not backward:
        return {"torch": inference(lambda: F.cross_entropy(logits, targets))}

    def both():
        logits.grad = None
        F.cross_entropy(logits, targets).backward()

    return {"torch": both}


def layer_norm(rows, width, backward):
    weight, bias = torch.ones(width), torch.zeros(width)
    return one_input(lambda x: F.layer_norm(x, (width,), weight, bias), rows, width, backward)


def rms_norm(rows, width, backward):
    weight = torch.ones(width)
    return one_input(lambda x: F.rms_norm(x, (width,), weight, 1e-5), rows, width, backward)


ACTIVATIONS = {
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "silu": F.silu,
}


def activation(kind, rows, width, backward):
    return one_input(ACTIVATIONS[kind], rows, width, backward)


def softmax(rows, width, backward):
    return one_input(lambda x: F.softmax(x, -1), rows, width, backward)


def one_input(function, rows, width, backward):
    x = torch.randn(rows, width, requires_grad=backward)
    if not backward:
        return {"torch": inference(lambda: function(x))}
    gradient = torch.randn(rows, width)

    def both():
        x.grad = None
        function(x).backward(gradient)

    return {"torch": both}
