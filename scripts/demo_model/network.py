"""OpenAI's Whisper over a compact vocabulary: the same function as the exported model, at a fraction of the work."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn
from whisper.model import ModelDimensions, Whisper, sinusoids

from scripts.demo_model.tokens import N_TIMESTAMPS, N_VOCABULARY, CompactVocabulary

# Up to here plain bfloat16 attention is faster on a CPU than torch's fused one (27 ms against 50 ms at 300 frames).
SHORT_FRAMES = 600
LOCAL_GAIN = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and depth. n_guided: how many heads of a decoder layer are taught where tokens are heard."""

    n_state: int = 128
    n_heads: int = 4
    n_encoder_layers: int = 5
    n_decoder_layers: int = 2
    n_guided: int = 2

    def dimensions(self, n_vocabulary: int = N_VOCABULARY) -> ModelDimensions:
        """Whisper's dimensions of this shape."""
        return ModelDimensions(
            n_mels=80, n_audio_ctx=1500, n_audio_state=self.n_state, n_audio_head=self.n_heads,
            n_audio_layer=self.n_encoder_layers, n_vocab=n_vocabulary, n_text_ctx=448, n_text_state=self.n_state,
            n_text_head=self.n_heads, n_text_layer=self.n_decoder_layers,
        )  # fmt: skip


class DemoNetwork(nn.Module):  # type: ignore[misc]  # torch is not followed by mypy here
    """A Whisper whose embedding has the used rows only, and two aids that are dropped at export.

    frames: a classifier of encoder frames into words (0 is silence), an auxiliary objective.
    shared: timestamp rows are `free row + sinusoid(time) @ shared`, so times that are seldom seen are learnt too.
    """

    def __init__(self, vocabulary: CompactVocabulary, shape: Shape, *, n_frame_classes: int) -> None:
        super().__init__()
        self.vocabulary, self.shape = vocabulary, shape
        self.whisper = Whisper(shape.dimensions(len(vocabulary.tokens)))
        nn.init.normal_(self.whisper.decoder.token_embedding.weight, std=0.05)
        nn.init.normal_(self.whisper.decoder.positional_embedding, std=0.01)
        start_loud(self.whisper.encoder)
        for layer, block in enumerate(self.whisper.encoder.blocks, start=1):
            start_local(block.attn, n_heads=shape.n_heads, reach=2 * layer)
        self.frames = nn.Linear(shape.n_state, n_frame_classes)
        self.shared = nn.Parameter(torch.randn(shape.n_state, shape.n_state) * 0.05 / math.sqrt(shape.n_state))
        self.register_buffer("times", sinusoids(N_TIMESTAMPS, shape.n_state) * math.sqrt(2), persistent=False)
        bias = torch.zeros(len(vocabulary.tokens) + 1)
        bias[-1] = math.log(vocabulary.n_unused)
        self.register_buffer("bias", bias, persistent=False)

    def embedding(self) -> Tensor:
        """Token embeddings. shape = (n_used + 1, n_state); the last row, for every unused token, is zero."""
        free = self.whisper.decoder.token_embedding.weight
        first = self.vocabulary.first_timestamp
        stamps = free[first:] + self.times @ self.shared
        return torch.cat([free[:first], stamps, free.new_zeros(1, free.shape[1])])

    def encode(self, mel: Tensor) -> Tensor:
        """Whisper's encoder on any even number of frames.

        mel: (n_batch, 80, n_frames). Returns (n_batch, n_frames / 2, n_state).
        """
        encoder = self.whisper.encoder
        x = F.gelu(encoder.conv1(mel))
        x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
        x = x + encoder.positional_embedding[: x.shape[1]]
        for block in encoder.blocks:
            x = x + self._listen(block.attn, block.attn_ln(x))
            x = x + block.mlp(block.mlp_ln(x))
        out: Tensor = encoder.ln_post(x)
        return out

    def decode(self, columns: Tensor, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        """States before the vocabulary (n_batch, n_tokens, n_state), and the log attention of each layer.

        The attention is of the guided heads, log-probabilities over audio: (n_batch, n_guided, n_tokens, n_audio).
        """
        decoder = self.whisper.decoder
        embedding = self.embedding()
        x = F.embedding(columns, embedding) + decoder.positional_embedding[: columns.shape[1]]
        attention: list[Tensor] = []
        for block in decoder.blocks:
            x = x + self._recall(block.attn, block.attn_ln(x), decoder.mask)
            heard, scores = self._look(block.cross_attn, block.cross_attn_ln(x), audio)
            attention.append(scores[:, : self.shape.n_guided].float().log_softmax(dim=-1))
            x = x + heard
            x = x + block.mlp(block.mlp_ln(x))
        return decoder.ln(x), attention

    def logits(self, states: Tensor) -> Tensor:
        """Logits of decoder states. (..., n_state) -> (..., n_used + 1)"""
        return states @ self.embedding().T + self.bias

    def _listen(self, attention: nn.Module, x: Tensor) -> Tensor:
        q, k, v = (self._split(part) for part in (attention.query(x), attention.key(x), attention.value(x)))
        if x.shape[1] <= SHORT_FRAMES:
            mixed = (q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)).softmax(dim=-1) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = attention.out(mixed.transpose(1, 2).flatten(2))
        return out

    def _recall(self, attention: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (self._split(part) for part in (attention.query(x), attention.key(x), attention.value(x)))
        scores = q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2) + mask[: x.shape[1], : x.shape[1]].to(q.dtype)
        out: Tensor = attention.out((scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2))
        return out

    def _look(self, attention: nn.Module, x: Tensor, audio: Tensor) -> tuple[Tensor, Tensor]:
        q, k, v = (self._split(part) for part in (attention.query(x), attention.key(audio), attention.value(audio)))
        scores = q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)
        return attention.out((scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)), scores

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.shape.n_heads, -1)).transpose(1, 2)


def load_grown(network: DemoNetwork, weights: Mapping[str, Tensor]) -> None:
    """Load weights of a network with as many encoder layers or fewer; layers more start by passing on what they get."""
    missing, unexpected = network.load_state_dict(weights, strict=False)
    blocks = {int(name.split(".")[3]) for name in missing if name.startswith("whisper.encoder.blocks.")}
    others = [name for name in missing if not name.startswith("whisper.encoder.blocks.")]
    if unexpected or others:
        raise ValueError(f"weights of another shape: {[*unexpected, *others]}")
    with torch.no_grad():
        for index in blocks:
            block = network.whisper.encoder.blocks[index]
            for layer in (block.attn.out, block.mlp[2]):
                layer.weight.zero_()
                layer.bias.zero_()


def start_loud(encoder: nn.Module) -> None:
    """Start the two convolutions so that what is heard is as loud as where it is heard.

    With torch's default start features vary by 0.03 over time, positions by 0.7, and words stay unheard for 600 steps.
    """
    for convolution in (encoder.conv1, encoder.conv2):
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        nn.init.zeros_(convolution.bias)
        with torch.no_grad():
            convolution.weight *= 2


def start_local(attention: nn.Module, *, n_heads: int, reach: int) -> None:
    """Start self-attention where convolution would: head h of four looks -3, -1, 1 or 3 times `reach` frames away.

    Queries and keys read Whisper's sinusoidal positions: sin and cos of w * i against those of w * (j - offset), for
    several w, have a product that peaks at j = i + offset. From a random start this locality takes thousands of steps.
    """
    n_state = attention.query.weight.shape[0]
    half, size = n_state // 2, n_state // n_heads
    rates = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    near = torch.nonzero((rates < 0.7) & (rates > 0.015)).flatten()
    chosen = near[torch.linspace(0, len(near) - 1, size // 2).round().long()]
    even, odd = torch.arange(0, size, 2), torch.arange(1, size, 2)
    with torch.no_grad():
        attention.query.weight *= 0.5
        attention.key.weight *= 0.5
        for head in range(n_heads):
            turn = rates[chosen] * reach * (2 * head - n_heads + 1)
            rows = head * size
            attention.query.weight[rows + even, chosen] += LOCAL_GAIN
            attention.query.weight[rows + odd, half + chosen] += LOCAL_GAIN
            attention.key.weight[rows + even, chosen] += LOCAL_GAIN * turn.cos()
            attention.key.weight[rows + even, half + chosen] -= LOCAL_GAIN * turn.sin()
            attention.key.weight[rows + odd, half + chosen] += LOCAL_GAIN * turn.cos()
            attention.key.weight[rows + odd, chosen] += LOCAL_GAIN * turn.sin()
