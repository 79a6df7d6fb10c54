"""Files are kept once, under their digest, and damage is noticed."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.storage.file_store import FileStore


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_what_is_added_is_read_again_and_kept_once(contents: list[bytes]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        store = FileStore(Path(folder))
        digests = [store.add(content) for content in contents * 2]
        assert [store.read(sha256) for sha256 in digests] == contents * 2
        assert set(store.digests()) == {hashlib.sha256(content).hexdigest() for content in contents}
        assert list(store.strays()) == []


def test_a_damaged_file_is_refused_and_the_fault_named(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    sha256 = store.add(b"content")
    assert store.fault(sha256, 7) == "" and store.path(sha256).stat().st_mode & 0o777 == 0o600
    store.path(sha256).write_bytes(b"cOntent")
    assert store.fault(sha256, 7) == "has other bytes than when it was added"
    with pytest.raises(ValueError, match="is damaged"):
        store.read(sha256)
    store.path(sha256).write_bytes(b"")
    assert store.fault(sha256, 7) == "has 0 bytes instead of 7"
    assert store.add(b"content") == sha256 and store.fault(sha256, 7) == "", "adding it again mends it"
    store.remove(sha256)
    assert store.fault(sha256, 7) == "is missing"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, f"{'0' * 64}/x"])
def test_nothing_but_a_digest_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is not a sha256"):
        FileStore(tmp_path).path(name)


def test_a_file_that_is_none_of_the_store_is_seen(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    sha256 = store.add(b"content")
    stray = store.path(sha256).with_name(".unfinished")
    stray.write_bytes(b"")
    assert list(store.strays()) == [stray] and list(store.digests()) == [sha256]
