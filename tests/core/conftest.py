from collections.abc import Iterator

import pytest
from asked import Through

from plait.core.calls.transport import current


@pytest.fixture
def through() -> Iterator[Through]:
    transport = Through()
    token = current.set(transport)
    yield transport
    current.reset(token)
