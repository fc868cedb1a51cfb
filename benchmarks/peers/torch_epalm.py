"""eP-ALM's training step in plain PyTorch, with the weights and the batch that ours has.

`torch` is what one writes first: nn.Linear, scaled_dot_product_attention, logits of every position, ignored labels.
`torch best` does what can be done with PyTorch's own parts: frozen weights in oneDNN's layout (those of the gradient,
too), only supervised rows through the head, fused AdamW.
`torch bfloat16` is `torch best` under autocast with frozen weights that are bfloat16 already.
"""

import contextlib
import functools
import json
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


class Frozen(nn.Module):
    """x W^T + bias with a weight that is not trained."""

    def __init__(self, weight, bias=None):
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = None if bias is None else nn.Parameter(bias, requires_grad=False)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class PackedProduct(torch.autograd.Function):
    @staticmethod
    def forward(context, x, packed, packed_transposed, bias):
        context.packed_transposed = packed_transposed
        return torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")

    @staticmethod
    def backward(context, gradient):
        linear = torch.ops.mkldnn._linear_pointwise
        return linear(gradient.contiguous(), context.packed_transposed, None, "none", [], ""), None, None, None


class Packed(nn.Module):
    """Frozen, with the weight in oneDNN's layout, once for each direction."""

    def __init__(self, weight, bias=None, rows=672):
        super().__init__()
        reorder = torch.ops.mkldnn._reorder_linear_weight
        self.packed = reorder(weight, rows)
        self.packed_transposed = reorder(weight.t().contiguous(), rows)
        self.bias = bias

    def forward(self, x):
        x = x.to(self.packed.dtype)
        return PackedProduct.apply(x, self.packed, self.packed_transposed, self.bias)


class Block(nn.Module):
    """A pre-LN block, OPT's or ViT's: `names` says how the checkpoint calls its parts."""

    def __init__(self, tensors, prefix, names, heads, epsilon, activation, causal, linear):
        super().__init__()

        def part(name):
            return tensors[f"{prefix}.{names[name]}.weight"], tensors[f"{prefix}.{names[name]}.bias"]

        for name in ("query", "key", "value", "output", "up", "down"):
            setattr(self, name, linear(*part(name)))
        self.attention_norm = frozen_norm(*part("attention_norm"), epsilon)
        self.feed_forward_norm = frozen_norm(*part("feed_forward_norm"), epsilon)
        self.heads, self.activation, self.causal = heads, activation, causal

    def forward(self, x):
        batch, rows, width = x.shape
        h = self.attention_norm(x)
        q, k, v = (
            part(h).view(batch, rows, self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        h = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.output(h.transpose(1, 2).reshape(batch, rows, width))
        return x + self.down(self.activation(self.up(self.feed_forward_norm(x))))


def frozen_norm(weight, bias, epsilon):
    norm = nn.LayerNorm(weight.numel(), eps=epsilon)
    norm.weight = nn.Parameter(weight, requires_grad=False)
    norm.bias = nn.Parameter(bias, requires_grad=False)
    return norm


OPT_NAMES = {
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "output": "self_attn.out_proj",
    "up": "fc1",
    "down": "fc2",
    "attention_norm": "self_attn_layer_norm",
    "feed_forward_norm": "final_layer_norm",
}
VIT_NAMES = {
    "query": "attention.attention.query",
    "key": "attention.attention.key",
    "value": "attention.attention.value",
    "output": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
    "attention_norm": "layernorm_before",
    "feed_forward_norm": "layernorm_after",
}


class VisionTransformer(nn.Module):
    """Gives the class token after each of the last blocks, through the final norm: [batch, features, width]."""

    def __init__(self, directory, linear):
        super().__init__()
        config, tensors = read(directory)
        self.kernel = nn.Parameter(tensors["embeddings.patch_embeddings.projection.weight"], requires_grad=False)
        self.kernel_bias = nn.Parameter(tensors["embeddings.patch_embeddings.projection.bias"], requires_grad=False)
        self.class_token = nn.Parameter(tensors["embeddings.cls_token"], requires_grad=False)
        self.positions = nn.Parameter(tensors["embeddings.position_embeddings"], requires_grad=False)
        heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
        self.blocks = nn.ModuleList(
            Block(tensors, f"encoder.layer.{i}", VIT_NAMES, heads, epsilon, F.gelu, False, linear)
            for i in range(config["num_hidden_layers"])
        )
        self.norm = frozen_norm(tensors["layernorm.weight"], tensors["layernorm.bias"], epsilon)

    @torch.no_grad()
    def forward(self, pixels, features):
        x = F.conv2d(pixels, self.kernel, self.kernel_bias, stride=self.kernel.shape[-1])
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1) + self.positions
        found = []
        for block in self.blocks:
            x = block(x)
            found.append(self.norm(x[:, 0]))
        return torch.stack(found[-features:], 1)


class LanguageModel(nn.Module):
    def __init__(self, directory, linear):
        super().__init__()
        config, tensors = read(directory)
        tokens = tensors["model.decoder.embed_tokens.weight"]
        positions = tensors["model.decoder.embed_positions.weight"]
        self.tokens = nn.Embedding.from_pretrained(tokens, freeze=True)
        self.positions = nn.Embedding.from_pretrained(positions, freeze=True)
        self.blocks = nn.ModuleList(
            Block(tensors, f"model.decoder.layers.{i}", OPT_NAMES, config["num_attention_heads"], 1e-5, F.relu, True, linear)
            for i in range(config["num_hidden_layers"])
        )
        norm = "model.decoder.final_layer_norm"
        self.norm = frozen_norm(tensors[f"{norm}.weight"], tensors[f"{norm}.bias"], 1e-5)
        self.head = linear(tokens)


class Epalm(nn.Module):
    """The adapter: one projection for each feature, and soft tokens before the text."""

    def __init__(self, path, start_layer, end_layer):
        super().__init__()
        tensors = load_file(path)
        count = sum(name.startswith("connector") and name.endswith("weight") for name in tensors)
        self.projections = nn.ModuleList()
        for i in range(count):
            weight, bias = tensors[f"connector.{i}.weight"], tensors[f"connector.{i}.bias"]
            projection = nn.Linear(weight.shape[1], weight.shape[0])
            projection.load_state_dict({"weight": weight, "bias": bias})
            self.projections.append(projection)
        self.prompt = nn.Parameter(tensors["prompt_module.prefix_embedding.0.weight"].clone())
        self.start_layer, self.end_layer = start_layer, end_layer

    def hidden_states(self, model, ids, features):
        """The language model with features injected, in its clean form: the injected row leaves after the last one."""
        batch, tokens = ids.shape
        text = model.tokens(ids) + model.positions(torch.arange(tokens) + 2)
        x = torch.cat([self.prompt.expand(batch, -1, -1), text], 1)
        for layer, block in enumerate(model.blocks):
            if self.start_layer <= layer < self.end_layer:
                index = layer - self.start_layer
                row = self.projections[index](features[:, index]).unsqueeze(1).to(x.dtype)
                x = torch.cat([row, x if index == 0 else x[:, 1:]], 1)
            elif layer == self.end_layer:
                x = x[:, 1:]
            x = block(x)
        return model.norm(x)


def read(directory):
    with open(os.path.join(directory, "config.json")) as file:
        config = json.load(file)
    return config, load_file(os.path.join(directory, "model.safetensors"))


LINEARS = {
    "torch": Frozen,
    "torch best": Packed,
    "torch bfloat16": lambda weight, bias=None: Packed(weight.bfloat16(), None if bias is None else bias.bfloat16()),
}


@functools.cache
def models(variant, languageModel, encoder):
    linear = LINEARS[variant]
    return LanguageModel(languageModel, linear), VisionTransformer(encoder, linear)


def variants():
    names = ["torch"]
    if torch.backends.mkldnn.is_available():
        names.append("torch best")
        if torch.ops.mkldnn._is_mkldnn_bf16_supported():
            names.append("torch bfloat16")
    return names


def make_step(variant, directories, adapter, pixels, ids, kept, learning_rate):
    """One step: loss before the update. Encodes `pixels`, unless features are `kept`."""
    model, encoder = models(variant, *directories)
    epalm = Epalm(adapter["path"], adapter["start_layer"], adapter["end_layer"])
    count = len(epalm.projections)
    best = variant != "torch"
    optimizer = torch.optim.AdamW(epalm.parameters(), lr=learning_rate, weight_decay=0, fused=best)
    batch, tokens = ids.shape
    cast = (
        (lambda: torch.autocast("cpu", torch.bfloat16)) if variant == "torch bfloat16" else contextlib.nullcontext
    )

    def encode():
        with cast():
            return encoder(pixels, count).float()

    def loss_of_all_positions(x):
        logits = model.head(x)  # [batch, prompt + tokens, words]
        ignored = torch.full((batch, x.shape[1] - tokens + 1), -100)
        labels = torch.cat([ignored, ids[:, 1:]], 1)
        return F.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1))

    def loss_of_targets(x):
        rows = x[:, -tokens:-1].reshape(-1, x.shape[-1])
        return F.cross_entropy(model.head(rows).float(), ids[:, 1:].reshape(-1))

    def step():
        seen = encode() if kept is None else kept
        with cast():
            x = epalm.hidden_states(model, ids, seen)
            loss = loss_of_targets(x) if best else loss_of_all_positions(x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def epalm_step(
    variant, features, batch, tokens, languageModel, encoder, adapter, inputs, startLayer, endLayer, learningRate
):
    """`variant` names one way, or is "all"; with `features` "encode" the encoder is in the step, with "cache" it is not."""
    tensors = load_file(inputs)
    ids = tensors["ids"].long()
    pixels, kept = (tensors["pixels"], None) if features == "encode" else (None, tensors["features"].squeeze(2))
    assert ids.shape == (batch, tokens), f"the inputs are {list(ids.shape)}, not {[batch, tokens]}"
    adapter = {"path": adapter, "start_layer": startLayer, "end_layer": endLayer}
    names = [name for name in variants() if variant in ("all", name)]
    return {
        name: make_step(name, (languageModel, encoder), adapter, pixels, ids, kept, learningRate)
        for name in names
    }
