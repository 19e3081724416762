"""What training minimises."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from scripts.demo_model.batches import Batch
from scripts.demo_model.network import DemoNetwork
from scripts.demo_model.windows import IGNORED

SMOOTHING = 0.03
SPACE_WEIGHT = 4.0
"""Of the lone space, beside 1 of any other token: forgotten, it makes one word of two, and so two errors."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Cross-entropy per token, negative log of the attention where the token is heard, cross-entropy per frame."""

    tokens: Tensor
    attention: Tensor
    frames: Tensor

    def total(self, guide: float) -> Tensor:
        """Their sum; the guides weigh less as training goes on."""
        return self.tokens + guide * (self.attention + self.frames)


def losses(network: DemoNetwork, batch: Batch) -> Losses:
    """Losses of a batch. The decoder's are over the full 51,866 tokens: the last column stands for the unused ones."""
    is_owed = batch.owed != IGNORED
    with torch.autocast("cpu", torch.bfloat16):
        audio = network.encode(batch.mel)
        states, attention = network.decode(batch.columns, audio)
        logits = network.logits(states[is_owed])
        words = network.frames(audio)
    owed = batch.owed[is_owed]
    weights = torch.where(owed == network.vocabulary.space, SPACE_WEIGHT, 1.0)
    each = F.cross_entropy(logits.float(), owed, label_smoothing=SMOOTHING, reduction="none")
    tokens = (weights * each).sum() / weights.sum()
    frames = F.cross_entropy(words.float().flatten(0, 1), batch.words.flatten())
    return Losses(tokens, _guide(attention, batch.heard), frames)


def _guide(attention: list[Tensor], heard: Tensor) -> Tensor:
    """The last layer is taught where the owed token is heard; the first, where the one just read was.

    To know where to listen next the decoder must know where it is, and that it can find by what it has just read.
    """
    loss = attention_loss(attention[-1], heard)
    if len(attention) > 1:
        loss = loss + attention_loss(attention[0], F.pad(heard[:, :-1], (0, 0, 1, 0), value=-1))
    return loss


def attention_loss(log_attention: Tensor, heard: Tensor) -> Tensor:
    """Mean negative log of the attention inside [first, last] frames, over the tokens that are heard somewhere.

    log_attention: (n_batch, n_heads, n_tokens, n_audio). heard: (n_batch, n_tokens, 2), -1 for anywhere.
    Source: the idea of Tachibana et al. 2017, arXiv:1710.08969, with known word times in place of a diagonal.
    """
    frame = torch.arange(log_attention.shape[-1])
    inside = (frame >= heard[..., :1]) & (frame <= heard[..., 1:])
    is_heard = (heard[..., 1] >= 0) & inside.any(dim=-1)
    kept = log_attention.masked_fill(~inside[:, None], float("-inf"))[is_heard[:, None].expand(log_attention.shape[:3])]
    return -kept.logsumexp(dim=-1).mean() if len(kept) else log_attention.sum() * 0


def listening_loss(network: DemoNetwork, batch: Batch) -> Tensor:
    """The frames' part of the losses alone: what the encoder learns before the decoder is there."""
    with torch.autocast("cpu", torch.bfloat16):
        words = network.frames(network.encode(batch.mel))
    return F.cross_entropy(words.float().flatten(0, 1), batch.words.flatten())
