"""Whisper vocabularies: tokenizer.json as found, or rebuilt from the older files that checkpoints come with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.asr.passport import read_json
from pipeline.errors import ModelUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER_FILE = "tokenizer.json"
N_TIMESTAMPS = 1501
"""`<|0.00|>` to `<|30.00|>` in steps of 20 ms."""
FIRST_MULTILINGUAL_SIZE = 51865
"""English-only checkpoints have one token fewer. Source: openai/whisper, whisper/model.py."""
_NEEDED = ("<|endoftext|>", "<|startoftranscript|>", "<|startofprev|>", "<|transcribe|>", "<|notimestamps|>")


def read_tokenizer_json(folder: Path, *, n_vocab: int) -> str:
    """A folder's tokenizer as the text of a tokenizer.json, rebuilt from vocab.json and merges.txt where that is all.

    Raises:
        ModelUnavailable: neither is there, it is damaged, or it does not fit a model of `n_vocab` tokens.
    """
    file = folder / TOKENIZER_FILE
    if file.is_file():
        text = file.read_text(encoding="utf-8", errors="replace")
    elif (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        text = _tokenizer_json_of_slow_files(folder)
    else:
        raise ModelUnavailable(
            f"{folder}: no {TOKENIZER_FILE} (nor vocab.json with merges.txt), expected beside weights"
        )
    vocabulary_of(text, n_vocab, file=str(file))
    return text


def vocabulary_of(tokenizer_json: str, n_vocab: int, *, file: str) -> list[str]:
    """Tokens in order of id, `n_vocab` of them; timestamps that the tokenizer leaves out are filled in.

    Raises:
        ModelUnavailable: no Whisper tokenizer, or one for a model of another size.
    """
    from tokenizers import Tokenizer

    try:
        by_token: dict[str, int] = Tokenizer.from_str(tokenizer_json).get_vocab(with_added_tokens=True)
    except Exception as error:  # the library raises bare Exception
        raise ModelUnavailable(f"{file}: no tokenizer that the tokenizers library reads ({error})") from error
    missing = [token for token in _NEEDED if token not in by_token]
    if missing:
        raise ModelUnavailable(f"{file}: no Whisper tokenizer, it lacks {', '.join(missing)}")
    by_id = {index: token for token, index in by_token.items()}
    n_known = max(by_id) + 1
    has_gaps = len(by_id) != n_known
    if has_gaps or n_known > n_vocab or n_known < by_token["<|notimestamps|>"] + 1:
        raise ModelUnavailable(f"{file}: ids 0 to {n_known - 1} ({len(by_id)} tokens), expected a model of {n_vocab}")
    first_timestamp = by_token["<|notimestamps|>"] + 1
    # Token 50256 is the empty text; CTranslate2 takes a model without it for an English-only one.
    return [by_id[index] if index in by_id else timestamp_token(index - first_timestamp) for index in range(n_vocab)]


def timestamp_token(step: int) -> str:
    """The token that marks `step` times 20 ms."""
    return f"<|{step * 0.02:.2f}|>"


def openai_tokenizer_json(n_vocab: int) -> str:
    """The tokenizer that openai-whisper uses for a model of this size, as the text of a tokenizer.json.

    Raises:
        ModelUnavailable: openai-whisper, which holds the token ranks, is not installed.
    """
    try:
        from whisper.tokenizer import get_encoding
    except ImportError as error:
        raise ModelUnavailable(
            "an openai-whisper checkpoint without tokenizer.json beside it needs openai-whisper's token ranks: "
            "`pip install -e '.[train]' -c constraints.txt` in the folder of Boli's source installs them"
        ) from error
    is_multilingual = n_vocab >= FIRST_MULTILINGUAL_SIZE
    n_languages = n_vocab - (FIRST_MULTILINGUAL_SIZE - 1) - int(is_multilingual) + 99
    encoding = get_encoding("multilingual" if is_multilingual else "gpt2", num_languages=n_languages)
    ranks: dict[bytes, int] = encoding._mergeable_ranks
    specials = sorted(encoding._special_tokens.items(), key=lambda item: item[1])
    return _byte_level_tokenizer(
        {_printable(token): rank for token, rank in ranks.items()},
        [(_printable(left), _printable(right)) for left, right in _merges(ranks)],
        (token for token, _ in specials),
    ).to_str()


def byte_alphabet() -> dict[int, str]:
    """The printable character that stands for each byte in byte-level vocabularies.

    Source: openai/gpt-2, src/encoder.py (`bytes_to_unicode`).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(printable)]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


_ALPHABET = byte_alphabet()


def _printable(token: bytes) -> str:
    return "".join(_ALPHABET[byte] for byte in token)


def _merges(ranks: Mapping[bytes, int]) -> list[tuple[bytes, bytes]]:
    """The two parts each token was merged from, in order of rank."""
    pairs = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = _parts_before(token, rank, ranks)
        if len(parts) == 2:
            pairs.append((parts[0], parts[1]))
    return pairs


def _parts_before(token: bytes, rank: int, ranks: Mapping[bytes, int]) -> list[bytes]:
    """What a token's bytes have been merged into when the merge of `rank` is due."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        candidates = [(ranks.get(parts[i] + parts[i + 1], rank), i) for i in range(len(parts) - 1)]
        lowest, i = min(candidates)
        if lowest >= rank:
            break
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def _byte_level_tokenizer(
    vocabulary: Mapping[str, int], merges: list[tuple[str, str]], specials: Iterable[str]
) -> Tokenizer:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(vocab=dict(vocabulary), merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def _tokenizer_json_of_slow_files(folder: Path) -> str:
    vocabulary = {token: int(str(index)) for token, index in read_json(folder / "vocab.json").items()}
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    merges = [(left, right) for left, _, right in (line.partition(" ") for line in lines if line[:1] != "#") if right]
    added_file = folder / "added_tokens.json"
    added = read_json(added_file) if added_file.is_file() else {}
    in_order = sorted(added, key=lambda token: int(str(added[token])))
    try:
        return _byte_level_tokenizer(vocabulary, merges, in_order).to_str()
    except Exception as error:  # the library raises bare Exception
        raise ModelUnavailable(f"{folder / 'vocab.json'}: does not fit merges.txt ({error})") from error
