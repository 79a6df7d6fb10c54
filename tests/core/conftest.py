from collections.abc import Iterator

import pytest

from plait.core.calls.transport import current_transport
from tests.support.engine_requests import EchoTransport


@pytest.fixture
def echo_transport() -> Iterator[EchoTransport]:
    transport = EchoTransport()
    token = current_transport.set(transport)
    yield transport
    current_transport.reset(token)
