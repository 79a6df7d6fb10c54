"""Files leave a row as attachments and come back exactly; everything else stays in it."""

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plait.storage.attachments import MIN_CHARACTERS, attach, detach

LONG = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 8).decode()
texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from([LONG, LONG + "=", LONG[:-3], LONG + "\n", "data:" + "x" * 2_000, LONG.replace("base64", "hex")]),
    st.binary(min_size=900, max_size=1_200).map(
        lambda content: "data:a/b;base64," + base64.b64encode(content).decode()
    ),
)
rows = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(rows)
def test_a_row_comes_back_as_it_was(row: Any) -> None:
    rest, attachments = detach(row)
    assert attach(rest, attachments) == row


def test_a_long_data_url_leaves_the_row_and_a_short_one_stays() -> None:
    short = "data:image/png;base64,aGVsbG8="
    rest, (attachment,) = detach({"pictures": [short, LONG], "text": "x" * MIN_CHARACTERS})
    assert rest == {"pictures": [short, None], "text": "x" * MIN_CHARACTERS}
    assert attachment.path_json == '["pictures",1]' and attachment.content == bytes(range(256)) * 8
