"""Checkpoints of a run, each complete or absent.

A checkpoint is written under a name that begins with a dot, every file is flushed to disk, then the folder is renamed.
A kill at any moment leaves the earlier checkpoints and at most a dotted folder, which the next run removes.
"""

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError
from plait.foundation.training.atomic_files import format_size, fsync_folder, write
from plait.foundation.training.checkpoint import Checkpoint, checkpoint_files, integrity_error

DISK_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Checkpoints:
    """Checkpoints of one run; the last `keep` are kept."""

    folder: Path
    keep: int = 3

    @property
    def all(self) -> list[Path]:
        """Paths of all checkpoints, newest first."""
        return sorted((path for path in self.folder.glob("step-*") if path.is_dir()), key=step_number, reverse=True)

    def save(self, checkpoint: Checkpoint) -> Path:
        """Saves a checkpoint durably and removes the oldest ones above `keep`.

        Raises CheckpointError if it cannot be written; earlier checkpoints are unchanged.
        """
        target = self.folder / f"step-{checkpoint.state.step:06d}"
        if target.exists() and integrity_error(target) is None:
            return target  # the same step of the same run is already saved
        files = checkpoint_files(checkpoint)
        unfinished = self.folder / f".{target.name}.{os.getpid()}"
        try:
            unfinished.mkdir(parents=True)
            for name, content in files.items():
                write(unfinished / name, content)
            fsync_folder(unfinished)
            discard(target)
            unfinished.rename(target)
            fsync_folder(self.folder)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self.write_error(target, sum(map(len, files.values())), error) from None
        for old in self.all[self.keep :]:
            discard(old)
        return target

    def newest(self) -> tuple[Path | None, tuple[CheckpointError, ...]]:
        """The newest intact checkpoint, None if there is none, and the errors of newer, damaged ones.

        Raises CheckpointError if all are damaged: the user decides whether to start from scratch.
        """
        errors: list[CheckpointError] = []
        for path in self.all:
            error = integrity_error(path)
            if error is None:
                return path, tuple(errors)
            errors.append(error)
        if errors:
            raise errors[0]
        return None, ()

    def remove_leftovers(self) -> None:
        """Removes what a killed run left half written or half removed.

        Call it only in the one run that holds the folder.
        """
        for path in self.folder.glob(".step-*"):
            shutil.rmtree(path)

    def clear(self) -> None:
        """Removes all checkpoints, to train from scratch."""
        for path in self.all:
            discard(path)
        self.remove_leftovers()

    def write_error(self, target: Path, num_bytes: int, error: OSError) -> CheckpointError:
        remaining = f"the newest one is {self.all[0]}" if self.all else "there is none yet"
        if error.errno not in DISK_FULL_ERRNOS:
            return CheckpointError(
                f"the checkpoint {target} cannot be written: {error.strerror}",
                details=(remaining,),
                hint="choose a writable folder with --out",
            )
        free = shutil.disk_usage(self.folder).free
        return CheckpointError(
            f"the checkpoint {target} does not fit on the disk: it needs {format_size(num_bytes)}, "
            f"{format_size(free)} are free",
            details=(remaining,),
            hint="free some space and run the same command again, or choose another disk with --out",
        )


def discard(path: Path) -> None:
    """Removes a checkpoint; a half-removed one is never mistaken for a checkpoint."""
    if path.exists():
        leaving = path.with_name(f".{path.name}.leaving")
        path.rename(leaving)
        shutil.rmtree(leaving)


def step_number(path: Path) -> int:
    number = path.name.removeprefix("step-")
    return int(number) if number.isdigit() else -1
