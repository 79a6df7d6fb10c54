"""Checks of `plait doctor` for unified models: readable weights, and installed packages."""

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.unified_adapter import check_unified_adapter
from plait.service.engines.unified.config import Config
from plait.service.engines.unified.engine import INSTALL_UNIFIED, UnifiedEngine
from plait.service.supervisor.finding import Findings, ok, wrong
from plait.service.supervisor.machine import CpuUsage


def check(name: str, config: Config, cpu: CpuUsage) -> Findings:
    engine = UnifiedEngine(name, config.file, config.plan)
    try:
        card = engine.card
        if config.adapter is not None:
            check_unified_adapter(config.adapter, config.file, file_sha256(config.file))
    except CheckpointError as error:
        yield wrong(f"{name}: {error.message}", error.hint)
        return
    if engine.missing_packages:
        yield wrong(f"{name} needs the package {', '.join(engine.missing_packages)}", INSTALL_UNIFIED)
    else:
        yield ok(f"{name} answers {', '.join(card.tasks)}, with {card.parameters / 1e6:,.1f} million parameters")
