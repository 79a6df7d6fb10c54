"""Trains by a recipe in processes that are killed at random moments, until one of them comes to the end.

Run as a program of its own: it imports torch once, never trains itself, and forks for each session, as a process that
has computed gradients may not fork. Prints what it saw as one line of JSON.
"""

import dataclasses
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import load
from plait.foundation.training.checkpoints import Checkpoints, discard
from plait.foundation.unified.launch import train
from plait.foundation.unified.recipe_file import read_recipe
from plait.foundation.unified.worlds.atlas import atlas

LONGEST = 600.0  # seconds: for a session that is not killed


def session(recipe: Path, out: Path, after: float) -> bool:
    """One process that trains, killed `after` seconds; whether it came to the end before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            torch.set_num_threads(1)
            redirect_output(out)
            code = train(read_recipe(recipe), out, fresh=False, until=None)
        finally:
            sys.stderr.flush()
            os._exit(code)
    end = time.monotonic() + after
    while time.monotonic() < end:
        ended_pid, status = os.waitpid(child, os.WNOHANG)
        if ended_pid:
            assert status == 0, (out / "said").read_text()
            return True
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def redirect_output(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def drop_optimizer_state(out: Path) -> bool:
    """Takes the optimiser's memory out of the newest checkpoint, if there is one: the control of this harness."""
    newest, _ = Checkpoints(out).newest()
    if newest is None or load(newest).state.step == 0:
        return False
    checkpoint = load(newest)
    discard(newest)
    Checkpoints(out).save(dataclasses.replace(checkpoint, optimizer={}))
    return True


def main(recipe: Path, folder: Path, kills: int, forget: bool) -> None:
    vocabulary()
    atlas()
    rolled = random.Random(11)
    began = time.monotonic()
    assert session(recipe, folder / "unbroken", LONGEST)
    duration = time.monotonic() - began
    counts = {"killed": 0, "half_saved": 0, "lost": 0, "runs": 0, "forgotten": 0}
    out = folder / "broken-0"
    while counts["killed"] < kills or counts["forgotten"] < forget or not (out / "done").exists():
        out = folder / f"broken-{counts['runs']}"
        more = counts["killed"] < kills or counts["forgotten"] < forget
        if session(recipe, out, rolled.uniform(0, 0.9 * duration) if more else LONGEST):
            (out / "done").touch()
            counts["runs"] += 1
            continue
        counts["killed"] += 1
        counts["half_saved"] += any(out.glob(".step-*"))
        counts["lost"] += steps_logged(out) > newest_step(out)
        counts["forgotten"] += forget and not counts["forgotten"] and drop_optimizer_state(out)
    print(json.dumps({**counts, "seconds": round(duration, 1)}))


def steps_logged(out: Path) -> int:
    lines = out / "losses.jsonl"
    return lines.read_bytes().count(b"\n") if lines.exists() else 0


def newest_step(out: Path) -> int:
    newest = Checkpoints(out).all
    return int(newest[0].name[5:]) if newest else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), "forget" in sys.argv)
