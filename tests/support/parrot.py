"""A checkpoint in whisper's own format that says one sentence to whatever it hears. Needs torch and whisper.

The embedding of each token is random, and the only layer of the decoder maps the token at hand to the one that is to
follow: attention is switched off, so the recording has no say. `whisper.load_model` and `transcribe` take it for any
other, and every token, time stamp and probability comes from their own code. It makes a decoder's tests exact, and
costs nothing to train.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

WIDTH = 64
LAYERS = 1
SURE, UNSURE = 6.0, 2.0
"""How far logits lie apart; at 6 the next token's stands alone, at 2 one among fifty thousand just does."""


def parrot(
    path: Path, sentence: str, *, seconds: float = 2.0, ends: bool = True, goes_on: bool = False, silent: bool = False
) -> Path:
    """Write the checkpoint.

    Args:
        path: where to.
        sentence: no token of it may come twice.
        seconds: when the sentence ends.
        ends: whether it ever ends; otherwise its last word is said for ever.
        goes_on: whether more is to follow right after it; then whisper listens again from there.
        silent: whether it is sure that nobody speaks, and unsure of all the rest.
    """
    import torch
    from whisper.model import ModelDimensions, Whisper
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(multilingual=True, language="ru", task="transcribe")
    dims = ModelDimensions(80, 1500, WIDTH, 4, LAYERS, 51865, 448, WIDTH, 4, LAYERS)
    torch.manual_seed(7)
    model = Whisper(dims)
    state: dict[str, Any] = {name: value.clone() for name, value in model.state_dict().items()}
    for name, value in state.items():
        if ".attn." in name or ".cross_attn." in name or ".mlp." in name:
            value.zero_()
    state["decoder.positional_embedding"].zero_()
    words = torch.nn.functional.normalize(torch.randn(dims.n_vocab, WIDTH), dim=1)
    state["decoder.token_embedding.weight"] = words
    said = tokenizer.encode(" " + sentence)
    if len(set(said)) != len(said):
        raise ValueError("A token comes twice: the parrot would not know where it is.")
    first = tokenizer.timestamp_begin
    last = first + round(seconds * 50)
    ending = [last, *([last + 1] if goes_on else []), tokenizer.eot] if ends else [said[-1]]
    line = [tokenizer.transcribe, first, *said, *ending]
    follows = list(pairwise(line))
    follows.append((tokenizer.sot, tokenizer.no_speech if silent else tokenizer.to_language_token("ru")))
    # Unsure of everything: what is to be said is no token at all, and the network tells tokens apart less well.
    targets = {tokenizer.no_speech: words[tokenizer.no_speech]} if silent else {}
    murmur = torch.nn.functional.normalize(torch.randn(WIDTH), dim=0)
    _teach(
        state,
        [
            (words[current], targets.get(following, murmur) if silent else words[following])
            for current, following in follows
        ],
        sure=UNSURE if silent else SURE,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": vars(dims), "model_state_dict": {name: value.half() for name, value in state.items()}}, path)
    return path


def _teach(state: dict[str, Any], steps: list[tuple[Any, Any]], *, sure: float) -> None:
    """One hidden unit for each step: it answers to one token and pushes towards the next."""
    import torch

    block = "decoder.blocks.0."
    state[block + "mlp_ln.weight"].fill_(1.0)
    state[block + "mlp_ln.bias"].zero_()
    for unit, (current, following) in enumerate(steps):
        heard = torch.nn.functional.layer_norm(current, (WIDTH,))
        state[block + "mlp.0.weight"][unit] = heard / WIDTH * 8.0  # 8 for its own token, near 0 for others
        state[block + "mlp.0.bias"][unit] = -5.0
        state[block + "mlp.2.weight"][:, unit] = following * 30.0
    state["decoder.ln.weight"].fill_(sure)
    state["decoder.ln.bias"].zero_()
