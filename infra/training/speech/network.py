"""Whisper's network, run for training: on the sound's true length, as if it were padded to thirty seconds.

Whisper always attends to 1,500 positions, most of them padding. Computing them all costs ten times the utterance
itself. The padding's positions differ only by their place, so a few drawn at random stand for all: each counts in the
attention as many times as the positions it stands for (a logarithm added to its score). The result agrees with the
whole to within the variation between neighbouring padding positions.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from whisper.model import ModelDimensions, MultiHeadAttention, Whisper

from infra.training.speech.data import IGNORED, LETTERS, VOCABULARY_SIZE, Batch, Vocabulary

_STAND_INS = 16
_AUDIO_POSITIONS, _TEXT_POSITIONS = 1_500, 448
_GUIDED_HEADS = 2
_COVERED = 0.5  # of the bands and moments drawn
_GUIDE_WIDTH = 22.0  # encoder positions of 20 ms


def make_whisper(state: int, heads: int, audio_layers: int, text_layers: int, *, vocabulary: int) -> Whisper:
    """Make a network of whisper's own class; the training one has only the tokens that occur."""
    network = Whisper(
        ModelDimensions(
            80, _AUDIO_POSITIONS, state, heads, audio_layers, vocabulary, _TEXT_POSITIONS, state, heads, text_layers
        )
    )
    # A sparse buffer cannot be shared between processes; it is neither trained nor stored.
    network.register_buffer("alignment_heads", network.alignment_heads.to_dense(), persistent=False)
    return network


class Learner(nn.Module):  # type: ignore[misc]  # PyTorch lives in another environment
    """A whisper network with the compact vocabulary, and a letter head on its encoder that is dropped at the end."""

    def __init__(self, whisper: Whisper, vocabulary: Vocabulary, dropout: float = 0.0) -> None:
        super().__init__()
        self.whisper, self.vocabulary = whisper, vocabulary
        state = whisper.dims.n_audio_state
        self.letters = nn.Linear(state, len(LETTERS) + 1)
        self.dropout = dropout
        self.others = math.log(vocabulary.others)
        for name, weight in whisper.named_parameters():
            if name.endswith("positional_embedding"):
                nn.init.normal_(weight, std=0.01)
            elif name.endswith("token_embedding.weight"):
                nn.init.normal_(weight, std=state**-0.5)

    def losses(self, batch: Batch, *, augment: bool = True) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss of the text, of the letters, and of attention that looks elsewhere."""
        audio, weights = self.encode(masked(batch.mel) if augment else batch.mel)
        text, guide = self._decode(batch, audio, weights)
        own = audio[:, : int(batch.lengths.max())]
        scores = functional.log_softmax(self.letters(own).float(), dim=-1).transpose(0, 1)
        letters = functional.ctc_loss(
            scores, batch.letters, batch.lengths, batch.letter_counts, reduction="sum", zero_infinity=True
        )
        return text, letters / batch.letter_counts.sum().clamp(min=1), guide

    def encode(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return the encoder's answer for the positions computed, and the logarithm of how many each stands for."""
        encoder = self.whisper.encoder
        padded = functional.pad(mel, (0, 12), mode="replicate")
        hidden = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(padded)))).permute(0, 2, 1)
        own = mel.shape[2] // 2 + 2
        hidden, padding = hidden[:, :own], hidden[:, own : own + 1]
        weights = torch.zeros(own, device=mel.device)
        places = torch.arange(own, device=mel.device)
        rest = _AUDIO_POSITIONS - own
        if rest > 0:
            count = min(_STAND_INS, rest)
            step = rest / count
            drawn = (
                own + ((torch.arange(count, device=mel.device) + torch.rand(count, device=mel.device)) * step).long()
            )
            hidden = torch.cat([hidden, padding.expand(-1, count, -1)], dim=1)
            places = torch.cat([places, drawn.clamp(max=_AUDIO_POSITIONS - 1)])
            weights = torch.cat([weights, torch.full((count,), math.log(step), device=mel.device)])
        hidden = self._drop(hidden + encoder.positional_embedding[places])
        mask = weights[None, None, None, :]
        for block in encoder.blocks:
            hidden = hidden + self._drop(_attend(block.attn, block.attn_ln(hidden), mask=mask)[0])
            hidden = hidden + self._drop(block.mlp(block.mlp_ln(hidden)))
        return encoder.ln_post(hidden), weights

    def _decode(self, batch: Batch, audio: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        decoder = self.whisper.decoder
        hidden = decoder.token_embedding(batch.inputs) + decoder.positional_embedding[batch.positions]
        hidden = self._drop(hidden)
        count = batch.inputs.shape[1]
        causal = torch.full((count, count), -math.inf, device=hidden.device).triu_(1)
        guide = hidden.new_zeros(())
        for block in decoder.blocks:
            hidden = hidden + self._drop(_attend(block.attn, block.attn_ln(hidden), mask=causal)[0])
            heard, seen = _attend(
                block.cross_attn, block.cross_attn_ln(hidden), audio, mask=weights[None, None, None, :]
            )
            guide = guide + _strayed(seen, batch.centres)
            hidden = hidden + self._drop(heard)
            hidden = hidden + self._drop(block.mlp(block.mlp_ln(hidden)))
        asked = batch.targets != IGNORED
        logits = (decoder.ln(hidden)[asked] @ decoder.token_embedding.weight.T).float()
        logits = torch.cat([logits[:, :1] + self.others, logits[:, 1:]], dim=1)
        loss = functional.cross_entropy(logits, batch.targets[asked], label_smoothing=0.0)
        return loss, guide / len(decoder.blocks)

    def _drop(self, hidden: Tensor) -> Tensor:
        return functional.dropout(hidden, self.dropout, self.training)


def _attend(
    layer: MultiHeadAttention, hidden: Tensor, other: Tensor | None = None, *, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """Attend as whisper does; return the answer and the weights."""
    source = hidden if other is None else other
    query, key, value = (
        part.view(*part.shape[:2], layer.n_head, -1).transpose(1, 2)
        for part in (layer.query(hidden), layer.key(source), layer.value(source))
    )
    # Written out: PyTorch's fused attention takes most of the time of a step on a CPU in its backward pass.
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5 + mask.to(query.dtype)
    seen = scores.softmax(-1)
    result = seen.to(value.dtype) @ value
    return layer.out(result.transpose(1, 2).flatten(2)), seen


def _strayed(seen: Tensor, centres: Tensor) -> Tensor:
    """Return how much of the first heads' attention lies far from where the word is said."""
    known = centres >= 0
    places = torch.arange(seen.shape[-1], device=seen.device)
    far = 1 - torch.exp(-((places - centres[..., None]) ** 2) / (2 * _GUIDE_WIDTH**2))
    stray = (seen[:, :_GUIDED_HEADS] * far[:, None]).sum(-1).mean(1)
    return (stray * known).sum() / known.sum().clamp(min=1)


def masked(mel: Tensor) -> Tensor:
    """Cover bands of frequency and moments of time with the mean, differently for each utterance."""
    batch, bands, frames = mel.shape
    covered = torch.zeros(batch, bands, frames, dtype=torch.bool, device=mel.device)
    for axis, size, widest, times in ((1, bands, 10, 1), (2, frames, 8, 2)):
        at = torch.arange(size, device=mel.device)
        for _ in range(times):
            width = torch.randint(0, widest + 1, (batch, 1), device=mel.device)
            start = (torch.rand(batch, 1, device=mel.device) * (size - width)).long()
            hit = (at >= start) & (at < start + width) & (torch.rand(batch, 1, device=mel.device) < _COVERED)
            covered |= hit[:, :, None] if axis == 1 else hit[:, None, :]
    return mel.masked_fill(covered, 0.0)


def expanded(learner: Learner, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return ``{'dims', 'model_state_dict'}`` with whisper's whole vocabulary, in half precision."""
    dims = dict(vars(learner.whisper.dims)) | {"n_vocab": VOCABULARY_SIZE}
    state = {name: value.detach().cpu() for name, value in learner.whisper.state_dict().items()}
    small = state["decoder.token_embedding.weight"]
    whole = small[:1].repeat(VOCABULARY_SIZE, 1)
    whole[torch.tensor(vocabulary.tokens)] = small[1:]
    state["decoder.token_embedding.weight"] = whole
    return {"dims": dims, "model_state_dict": {name: value.to(torch.float16) for name, value in state.items()}}
