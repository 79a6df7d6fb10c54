from collections.abc import Iterator

import pytest

from plait.core.calls.scope import use_transport
from tests.support.engine_requests import EchoTransport


@pytest.fixture
def echo_transport() -> Iterator[EchoTransport]:
    transport = EchoTransport()
    with use_transport(transport):
        yield transport
