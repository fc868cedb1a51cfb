"""Greedy decoding with transformers, as one calls it: OPTForCausalLM.generate with a key-value cache, eager."""

import functools

import torch
from transformers import OPTForCausalLM


@functools.cache
def load(directory):
    return OPTForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()


def decode(languageModel, prompt, newTokens):
    """`prompt` is ids with spaces between. Gives the ids of all new tokens."""
    model = load(languageModel)
    ids = torch.tensor([[int(word) for word in prompt.split()]])

    def work():
        with torch.inference_mode():
            found = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                use_cache=True,
                min_new_tokens=newTokens,
                max_new_tokens=newTokens,
                pad_token_id=1,
            )
        return found[0, ids.shape[1] :]

    return {"transformers": work}


def prefill(languageModel, prompt):
    """Logits of the last position only."""
    model = load(languageModel)
    ids = torch.tensor([[int(word) for word in prompt.split()]])

    def work():
        with torch.inference_mode():
            return model(ids, use_cache=True, logits_to_keep=1).logits[0, -1]

    return {"transformers": work}
