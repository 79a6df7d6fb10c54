"""Whatever becomes of a file's bytes: rows, bad rows or a refusal in our words, never another error."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.data_files import HF_IMAGE, IMAGE, save_dataset, write_parquet, write_webdataset
from tests.support.user_row_sources import ROW, find

ROWS = [{**ROW, "phrase": f"mug {at}", "picture": HF_IMAGE} for at in range(6)]
FORMS = {"parquet": "rows.parquet", "webdataset": "rows.tar", "arrow": "saved/data-00000-of-00001.arrow"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        whole = Path(path) / "whole"
        save_dataset(whole / "saved", ROWS, {"picture": IMAGE})
        write_parquet(whole / "rows.parquet", ROWS)
        write_webdataset(whole / "rows.tar", ROWS)
        yield Path(path)


places = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(places, st.integers(0, 255)), max_size=4), st.none() | places)
def test_a_damaged_file_is_reported(
    form: str, folder: Path, changes: list[tuple[float, int]], cut: float | None
) -> None:
    shutil.copytree(folder / "whole", folder / "damaged", dirs_exist_ok=True)
    file = folder / "damaged" / FORMS[form]
    content = bytearray(file.read_bytes())
    for place, byte in changes:
        content[int(place * len(content))] = byte
    file.write_bytes(content if cut is None else content[: int(cut * len(content))])
    with contextlib.suppress(InputError):
        rows = open_rows(file.parent if form == "arrow" else file, find.declaration)
        assert rows.length + len(rows.bad_rows) <= len(ROWS) + 1
        for place in range(rows.length):
            with contextlib.suppress(InputError):
                rows.sample(place)
