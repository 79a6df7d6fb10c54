from collections.abc import Iterator

import pytest

from plait.core.calls.transport import current_transport
from tests.support.engine_requests import Through


@pytest.fixture
def through() -> Iterator[Through]:
    transport = Through()
    token = current_transport.set(transport)
    yield transport
    current_transport.reset(token)
