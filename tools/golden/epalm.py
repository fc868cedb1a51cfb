"""eP-ALM in PyTorch around transformers' frozen OPT and ViT, written from the specification (specs/epalm.md section 1)
and from no repository's code. It is the other opinion that the TypeScript adapter is held against.

B batch, T text tokens, P prompt tokens, K features, L layers of the language model, d its width, e the width of its
token embeddings (e != d in OPT-350M), v the encoder's width.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from transformers import OPTForCausalLM, ViTModel

from common import IGNORED, generator


@dataclass(frozen=True)
class Settings:
    k: int
    start_layer: int
    end_layer: int
    shared: bool = False
    prompt_length: int = 0
    prompt_mlp: bool = False
    mode: str = "clean"
    """'clean': the visual slot attends to itself only and leaves at the input of layer E.
    'reference': its row is unmasked over everything, pads and future tokens included, and it stays to the end."""
    select_higher_step: bool = False

    @property
    def step(self) -> int:
        """Consecutive layers that share one feature (specification 1.5)."""
        span = self.end_layer - self.start_layer
        return span // self.k if self.k > 1 and span > self.k else 1

    @property
    def text_step(self) -> int:
        return max(self.step, 1) if self.select_higher_step else 1

    def feature_at(self, layer: int) -> int | None:
        """The feature injected at the input of a layer, or None."""
        if not self.start_layer <= layer < self.end_layer or layer % self.text_step:
            return None
        return min((layer - self.start_layer) // self.step, self.k - 1)


class PromptModule(nn.Module):
    """P soft tokens [P, e]; with the MLP: Embedding, Linear, Tanh, Linear, kept at inference."""

    def __init__(self, length: int, width: int, mlp: bool):
        super().__init__()
        layers = [nn.Embedding(length, width)]
        if mlp:
            layers += [nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width)]
        self.prefix_embedding = nn.Sequential(*layers)

    def forward(self) -> torch.Tensor:
        return self.prefix_embedding(torch.arange(self.prefix_embedding[0].num_embeddings))


class Epalm(nn.Module):
    def __init__(self, language_model: OPTForCausalLM, encoder: ViTModel, settings: Settings, label: str):
        super().__init__()
        # In lists, so that they are no submodules: named_parameters() is then exactly what is trained.
        self.frozen = [language_model.requires_grad_(False), encoder.requires_grad_(False)]
        self.settings = settings
        v, d = encoder.config.hidden_size, language_model.config.hidden_size
        self.connector = nn.ModuleList(nn.Linear(v, d) for _ in range(1 if settings.shared else settings.k))
        self.prompt_module = None
        if settings.prompt_length:
            e = language_model.config.word_embed_proj_dim
            self.prompt_module = PromptModule(settings.prompt_length, e, settings.prompt_mlp)
        self.initialize(label)
        self.to(language_model.dtype)

    def initialize(self, label: str) -> None:
        """PyTorch's default distributions (U(+-1/sqrt(fan-in)) and N(0, 1)), from named random streams."""
        with torch.no_grad():
            for name, module in self.named_modules():
                stream = generator(f"{label}/{name}")
                if isinstance(module, nn.Linear):
                    bound = module.in_features**-0.5
                    module.weight.uniform_(-bound, bound, generator=stream)
                    module.bias.uniform_(-bound, bound, generator=stream)
                elif isinstance(module, nn.Embedding):
                    module.weight.normal_(generator=stream)

    def trainable(self) -> dict[str, torch.Tensor]:
        return dict(self.named_parameters())

    def cls_features(self, pixel_values: torch.Tensor) -> list[torch.Tensor]:
        """K features [B, v], shallowest first: token 0 of each of the last K blocks after the encoder's final norm."""
        encoder = self.frozen[1]
        output = encoder(pixel_values=pixel_values.to(encoder.dtype), output_hidden_states=True)
        blocks = output.hidden_states[1:]
        return [encoder.layernorm(block)[:, 0] for block in blocks[-self.settings.k :]]

    def project(self, features: list[torch.Tensor]) -> list[torch.Tensor]:
        """K slots [B, 1, d]."""
        return [self.connector[0 if self.settings.shared else j](x)[:, None] for j, x in enumerate(features)]

    def forward(
        self, features: list[torch.Tensor], input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Logits at the text positions, [B, T, vocabulary]."""
        settings, model = self.settings, self.frozen[0]
        decoder = model.model.decoder
        batch, text_length = input_ids.shape
        slots = self.project(features)
        hidden = self.embed(input_ids, attention_mask)
        visible = self.visible_keys(attention_mask)
        inside = False
        for index, layer in enumerate(decoder.layers):
            feature = settings.feature_at(index)
            if feature is not None:
                if inside:
                    hidden = torch.cat([slots[feature], hidden[:, 1:]], dim=1)
                else:
                    hidden = torch.cat([slots[feature], hidden], dim=1)
                    visible = self.with_slot(visible)
                    inside = True
            elif inside and index == settings.end_layer and settings.mode == "clean":
                hidden, visible, inside = hidden[:, 1:], visible[:, 1:, 1:], False
            hidden = layer(hidden, attention_mask=self.additive(visible, hidden.dtype))
        hidden = hidden[:, -text_length:]
        if decoder.final_layer_norm is not None:
            hidden = decoder.final_layer_norm(hidden)
        if decoder.project_out is not None:
            hidden = decoder.project_out(hidden)
        return model.lm_head(hidden)

    def embed(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """[prompt, text], [B, P + T, d]. Only the text has positions: they count its attended tokens, from 0; a pad
        has -1 (the table's row 1). The prompt is joined before project_in."""
        decoder = self.frozen[0].model.decoder
        embedded = decoder.embed_tokens(input_ids)
        if self.prompt_module is not None:
            prompt = self.prompt_module()[None].expand(len(input_ids), -1, -1)
            embedded = torch.cat([prompt, embedded], dim=1)
        if decoder.project_in is not None:
            embedded = decoder.project_in(embedded)
        position = attention_mask.cumsum(1) * attention_mask - 1
        positional = functional.embedding(position + decoder.embed_positions.offset, decoder.embed_positions.weight)
        return embedded + functional.pad(positional, (0, 0, self.settings.prompt_length, 0))

    def visible_keys(self, attention_mask: torch.Tensor) -> torch.Tensor:
        """[B, P + T, P + T], true where a row (query) sees a column (key): causal, and no pads."""
        keys = functional.pad(attention_mask.bool(), (self.settings.prompt_length, 0), value=True)
        causal = torch.ones(keys.shape[1], keys.shape[1], dtype=torch.bool).tril()
        return causal & keys[:, None, :]

    def with_slot(self, visible: torch.Tensor) -> torch.Tensor:
        """One more row on top and column on the left. Every row sees the slot; what the slot sees is the mode."""
        visible = functional.pad(visible, (1, 0, 1, 0), value=True)
        if self.settings.mode == "clean":
            visible[:, 0, 1:] = False
        return visible

    @staticmethod
    def additive(visible: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        return torch.zeros(visible.shape, dtype=dtype).masked_fill(~visible, torch.finfo(dtype).min)[:, None]


def losses(logits: torch.Tensor, labels: torch.Tensor, weight: float = 0.1) -> dict[str, torch.Tensor]:
    """The prediction at position t is for labels[t + 1]; -100 is not supervised.

    sequenceSum: the reference's: summed over each sample's tokens, averaged over samples, times 0.1.
    tokenMean: averaged over all supervised tokens of the batch, no weight.
    """
    targets = labels[:, 1:]
    each = functional.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none", ignore_index=IGNORED)
    return {
        "sequenceSum": each.sum(1).mean() * weight,
        "tokenMean": each.sum() / (targets != IGNORED).sum(),
    }
