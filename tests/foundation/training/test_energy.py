"""Energy is counted where the machine counts it, and said to be an estimate where not."""

import time
from pathlib import Path

import pytest

from plait.foundation.training.energy import WATTS_PER_CORE, EnergyMeter


def counter(folder: Path, name: str, microjoules: int) -> None:
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    (path / "energy_uj").write_text(f"{microjoules}\n")
    (path / "max_energy_range_uj").write_text("1000000000\n")


def test_energy_counters_of_cpu_packages_are_summed_and_may_overflow(tmp_path: Path) -> None:
    counter(tmp_path, "intel-rapl:0", 100)
    counter(tmp_path, "intel-rapl:1", 999_999_000)
    counter(tmp_path, "intel-rapl:0:0", 5)  # a part of package 0: not counted twice
    meter = EnergyMeter(rapl=tmp_path, initial_watt_hours=2.0)
    counter(tmp_path, "intel-rapl:0", 3_600_000_100 // 10)
    counter(tmp_path, "intel-rapl:1", 359_999_000)
    counter(tmp_path, "intel-rapl:0:0", 900_000_000)
    assert meter.read() == pytest.approx(2.0 + 0.2)
    assert "RAPL" in meter.description


def test_without_counters_energy_is_estimated_from_cpu_time(tmp_path: Path) -> None:
    meter = EnergyMeter(processes=2, rapl=tmp_path)
    began = time.process_time()
    while time.process_time() - began < 0.05:
        pass
    spent = meter.read()
    assert spent >= 2 * 0.05 * WATTS_PER_CORE / 3_600
    assert spent < 2 * 0.5 * WATTS_PER_CORE / 3_600
    assert "estimated at 12 W for each core in use" in meter.description


def test_the_energy_of_gpus_is_measured_if_there_are_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "nvidia-smi"
    script.write_text("#!/bin/sh\nprintf '300.5\\n99.5\\n'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    meter = EnergyMeter(cuda=True, rapl=tmp_path)
    assert meter.gpus
    meter.gpus.last_read -= 9.0
    assert meter.read() == pytest.approx(400 * 9 / 3_600, rel=0.1)
    assert "cards by nvidia-smi" in meter.description
