"""The training run: two processes of one thread each, which average their gradients."""

import json
import math
import os
import random
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from scripts.demo_model.batches import N_FRAME_CLASSES, Batch, BatchMaker
from scripts.demo_model.evaluation import Counts, dev_errors
from scripts.demo_model.network import DemoNetwork, Shape, load_grown
from scripts.demo_model.noise import NoiseBank
from scripts.demo_model.objective import Losses, listening_loss, losses
from scripts.demo_model.pool import speak_pool, speak_varied_pool
from scripts.demo_model.speech import DEV_VARIANTS, TRAIN_VARIANTS
from scripts.demo_model.tokens import compact_vocabulary
from scripts.demo_model.windows import WindowMaker

EMA_DECAY = 0.998
LISTENING_ONLY = 0.2
"""For this share of the run the encoder learns alone to tell words: its steps take half the time."""


@dataclass(frozen=True, slots=True)
class Run:
    """A training run. It ends after `minutes`, or after `n_steps` where that is given (then it is reproducible).

    start: weights to begin from, of as many encoder layers or fewer. begin_at: how far on the schedule such a run
    begins, at the earliest when the encoder has learnt alone.
    seconds_a_step: audio that each process hears in one step.
    """

    work: Path
    minutes: float = 45.0
    n_steps: int | None = None
    seed: int = 1
    resume: bool = False
    start: Path | None = None
    begin_at: float = LISTENING_ONLY
    n_processes: int = 2
    n_utterances: int = 12_000
    n_dev: int = 100
    seconds_a_step: float = 24.0
    peak_rate: float = 2e-3
    shape: Shape = field(default_factory=Shape)
    save_every_s: float = 180.0
    evaluate_every_s: float = 240.0

    @property
    def checkpoint(self) -> Path:
        """From here a run goes on."""
        return self.work / "checkpoint.pt"

    @property
    def best(self) -> Path:
        """Averaged weights of the lowest dev error so far."""
        return self.work / "best.pt"


def quick(work: Path) -> Run:
    """A run of seconds, for tests: it shows that the parts fit, not that they learn to hear."""
    shape = Shape(n_state=32, n_heads=2, n_encoder_layers=1, n_decoder_layers=1, n_guided=1)
    return Run(
        work, n_steps=25, n_processes=1, n_utterances=60, n_dev=5, seconds_a_step=20.0, peak_rate=5e-3, shape=shape
    )


def train(run: Run) -> None:
    """Train; leaves `checkpoint.pt`, `best.pt` and `log.jsonl` in the run's work folder."""
    run.work.mkdir(parents=True, exist_ok=True)
    if run.n_processes == 1:
        _Trainer(run, 0).train()
        return
    meeting = run.work / "meeting"
    meeting.unlink(missing_ok=True)
    torch.multiprocessing.spawn(_work, args=(run,), nprocs=run.n_processes)


def _work(rank: int, run: Run) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{(run.work / 'meeting').absolute()}", rank=rank, world_size=run.n_processes
    )
    _Trainer(run, rank).train()
    dist.destroy_process_group()


def learning_rate(run: Run, step: int, progress: float) -> float:
    """Warm-up over 150 steps, then a cosine down to nothing; six tenths of that once the decoder learns too."""
    share = 1.0 if progress < LISTENING_ONLY else 0.6
    return run.peak_rate * share * min(1.0, (step + 1) / 150) * max(0.005, 0.5 * (1 + math.cos(math.pi * progress)))


def guide_weight(progress: float) -> float:
    """How much the guides weigh: in full for the first half of the run, less and less after."""
    return max(0.3, min(1.0, 1.5 - progress))


def hardness(progress: float) -> float:
    """Clean speech packed to the end first; all of the noise, gaps and padding from seven tenths of the run on."""
    return min(1.0, max(0.0, (progress - 0.2) / 0.5))


def window_seconds(rng: random.Random, progress: float) -> float:
    """Short windows first, which is what makes attention find its place; mixed lengths in the last third."""
    if progress < LISTENING_ONLY:
        return 4.0
    if progress < 0.65:
        return rng.choice((5.0, 5.0, 6.0, 7.0, 8.0))
    return rng.choice((5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.56, 30.0))


class _Trainer:
    def __init__(self, run: Run, rank: int) -> None:
        self._run, self._rank = run, rank
        torch.manual_seed(run.seed)
        vocabulary = compact_vocabulary()
        self._network = DemoNetwork(vocabulary, run.shape, n_frame_classes=N_FRAME_CLASSES)
        self._average = DemoNetwork(vocabulary, run.shape, n_frame_classes=N_FRAME_CLASSES)
        self._average.load_state_dict(self._network.state_dict())
        self._parameters = [p for p in self._network.parameters() if p.requires_grad]
        self._optimizer = _optimizer(self._network, run)
        pool = speak_varied_pool(
            run.n_utterances // run.n_processes, variants=TRAIN_VARIANTS, seed=f"{run.seed}/{rank}"
        )
        self._dev = speak_pool(run.n_dev, variants=DEV_VARIANTS, seed=f"{run.seed}/dev")
        self._batches = BatchMaker(WindowMaker(pool, NoiseBank(pool, run.seed + rank)), vocabulary)
        self._step, self._spent_s, self._progress, self._lowest = 0, 0.0, 0.0, math.inf
        if run.resume:
            self._restore()
        elif run.start:
            self._begin_from(run.start)

    def train(self) -> None:
        """Steps until the run is over, with a checkpoint and a dev error now and then."""
        start = time.monotonic() - self._spent_s
        saved = evaluated = self._spent_s
        while self._progress < 1.0:
            self._update(start)
            if LISTENING_ONLY < self._progress < 1.0 and self._spent_s - evaluated >= self._run.evaluate_every_s:
                self._evaluate()
                evaluated = self._spent_s
            if self._spent_s - saved >= self._run.save_every_s:
                self._save()
                saved = self._spent_s
        self._evaluate()
        self._save()

    def _update(self, start: float) -> None:
        run = self._run
        seconds = window_seconds(random.Random(f"{run.seed}/{self._step}"), self._progress)
        rng = random.Random(f"{run.seed}/{self._rank}/{self._step}")
        torch.manual_seed(rng.randrange(2**31))
        n_windows = max(1, round(run.seconds_a_step / seconds))
        batch = self._batches.batch(rng, n_windows, seconds, hardness(self._progress))
        self._optimizer.zero_grad()
        values = self._backward(batch)
        self._share_gradients(time.monotonic() - start)
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(run, self._step, self._progress)
        self._optimizer.step()
        self._step += 1
        self._progress = self._progress_now()
        self._follow()
        if self._step % 100 == 0 or run.n_steps:
            self._log(seconds=seconds, **values)

    def _backward(self, batch: Batch) -> dict[str, float]:
        if self._progress < LISTENING_ONLY:
            loss = listening_loss(self._network, batch)
            loss.backward()
            return {"frames": round(loss.item(), 4)}
        parts = losses(self._network, batch)
        parts.total(guide_weight(self._progress)).backward()
        return _values(parts)

    def _share_gradients(self, spent_s: float) -> None:
        """Average the gradients over the processes; the clock of the first one travels with them."""
        self._spent_s = spent_s
        if self._run.n_processes == 1:
            return
        gradients = [_gradient(p) for p in self._parameters]
        flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor([spent_s if self._rank == 0 else 0.0])])
        dist.all_reduce(flat)
        self._spent_s = float(flat[-1])
        flat /= self._run.n_processes
        for parameter, part in zip(self._parameters, flat[:-1].split([g.numel() for g in gradients]), strict=True):
            parameter.grad = part.view_as(parameter)

    def _follow(self) -> None:
        decay = min(EMA_DECAY, (1 + self._step) / (20 + self._step))
        averaged = [p for p in self._average.parameters() if p.requires_grad]
        with torch.no_grad():
            torch._foreach_mul_(averaged, decay)
            torch._foreach_add_(averaged, self._parameters, alpha=1 - decay)

    def _evaluate(self) -> None:
        counts = self._sum(dev_errors(self._average.eval(), self._dev, part=self._rank, n_parts=self._run.n_processes))
        rates = {tag: round(errors / length, 4) for tag, (errors, length) in counts.items()}
        self._log(dev=rates)
        mean = sum(rates.values()) / len(rates)
        if mean <= self._lowest and self._rank == 0:
            _write(
                self._run.best, {"network": self._average.state_dict(), "shape": asdict(self._run.shape), "dev": rates}
            )
        self._lowest = min(self._lowest, mean)

    def _sum(self, counts: Counts) -> Counts:
        if self._run.n_processes == 1:
            return counts
        table = torch.tensor([counts[tag] for tag in counts])
        dist.all_reduce(table)
        return {tag: (int(row[0]), int(row[1])) for tag, row in zip(counts, table, strict=True)}

    def _log(self, **values: Any) -> None:
        if self._rank:
            return
        line = json.dumps({"step": self._step, "spent_s": round(self._spent_s, 1), **values}, ensure_ascii=False)
        with (self._run.work / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def _save(self) -> None:
        if self._rank == 0:
            state = {"network": self._network.state_dict(), "average": self._average.state_dict()}
            clock = {"step": self._step, "spent_s": self._spent_s, "progress": self._progress, "lowest": self._lowest}
            _write(self._run.checkpoint, {**state, "optimizer": self._optimizer.state_dict(), "clock": clock})

    def _restore(self) -> None:
        saved = torch.load(self._run.checkpoint, weights_only=True)
        self._network.load_state_dict(saved["network"])
        self._average.load_state_dict(saved["average"])
        self._optimizer.load_state_dict(saved["optimizer"])
        clock = saved["clock"]
        self._step, self._spent_s, self._lowest = clock["step"], clock["spent_s"], clock["lowest"]
        self._progress = self._progress_now()

    def _begin_from(self, weights: Path) -> None:
        saved = torch.load(weights, weights_only=True)
        for network in (self._network, self._average):
            load_grown(network, saved["network"])
        self._progress = self._progress_now()

    def _progress_now(self) -> float:
        run = self._run
        share = self._step / run.n_steps if run.n_steps else self._spent_s / (60 * run.minutes)
        return run.begin_at + (1 - run.begin_at) * share if run.start else share


def _optimizer(network: nn.Module, run: Run) -> torch.optim.Optimizer:
    parameters = [p for p in network.parameters() if p.requires_grad]
    decayed = [p for p in parameters if p.ndim > 1]
    kept = [p for p in parameters if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.02}, {"params": kept, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=run.peak_rate, betas=(0.9, 0.98), fused=True)


def _gradient(parameter: nn.Parameter) -> Tensor:
    return parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)


def _values(parts: Losses) -> dict[str, float]:
    return {name: round(getattr(parts, name).item(), 4) for name in ("tokens", "attention", "frames")}


def _write(path: Path, state: dict[str, Any]) -> None:
    """Written beside and renamed, so that a power cut leaves the old or the new file, never half of one."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
