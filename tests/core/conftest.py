from collections.abc import Iterator

import pytest
from asked import Through

from plait.core.calls.transport import current_transport


@pytest.fixture
def through() -> Iterator[Through]:
    transport = Through()
    token = current_transport.set(transport)
    yield transport
    current_transport.reset(token)
