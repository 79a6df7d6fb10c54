"""WebDataset: members with one key are a row. Nothing is unpacked; unusable members are reported."""

import gzip
import io
import json
import pickle
import tarfile
from pathlib import Path
from typing import Any

import pytest

from plait import Box, Image
from plait.core.errors import InputError
from plait.core.task.task import task
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.data_files import write_tar, write_webdataset
from tests.support.shelf import PNG, png_claiming_size
from tests.support.user_row_sources import CORNERS, ROW, caption, find, find_all, row_without


def row(key: str, **columns: Any) -> tuple[tuple[str, bytes], ...]:
    columns_of_row = {**row_without("picture"), **columns}
    return (f"{key}.png", PNG), (f"{key}.json", json.dumps(columns_of_row).encode())


GOOD = tuple(member for at in range(5) for member in row(f"{at:06}"))


def test_a_picture_and_its_json_are_a_row(tmp_path: Path) -> None:
    rows = open_rows(
        write_webdataset(tmp_path / "a.tar", [{**ROW, "phrase": f"mug {at}"} for at in range(3)]), find.declaration
    )
    assert rows.length == 3 and rows.bad_rows == ()
    sample = rows.sample(2)
    assert sample.example.inputs == {"picture": Image(PNG), "phrase": "mug 2"}
    assert sample.example.answer == Box(*CORNERS.values()) and sample.where == f"{tmp_path}/a.tar: 000002"
    assert repr(sample.example.inputs["picture"]) == "Image(000002.png, 180 bytes)"
    assert [each.name for each in tmp_path.iterdir()] == ["a.tar"]


def test_a_text_is_the_answer_where_the_json_has_none(tmp_path: Path) -> None:
    members = [
        ("./a/1.png", PNG),
        ("./a/1.txt", b"a shelf\n"),
        ("./a/2.PNG", PNG),
        ("./a/2.txt", "一个架子".encode()),
        ("./a/2.json", b'{"url": "https://example.org", "width": 64}'),
        ("./a/3.png", PNG),
        ("./a/3.txt", b"not this"),
        ("./a/3.json", b'{"answer": "this"}'),
        ("./a/4.png", PNG),
        ("./a/4.cls", b"mug"),
    ]
    rows = open_rows(write_tar(tmp_path / "a.tar", *members), caption.declaration)
    assert [rows.sample(at).example.answer for at in range(4)] == ["a shelf", "一个架子", "this", "mug"]
    assert rows.sample(0).where == f"{tmp_path}/a.tar: a/1"


def test_a_text_member_is_parsed_by_the_type_of_the_answer(tmp_path: Path) -> None:
    things = json.dumps([{"label": "mug", "box": CORNERS}]).encode()
    rows = open_rows(write_tar(tmp_path / "a.tar", ("1.jpg", PNG), ("1.txt", things)), find_all.declaration)
    answer: Any = rows.sample(0).example.answer
    assert [(each.label, each.box) for each in answer] == [("mug", Box(*CORNERS.values()))]


def test_two_pictures_are_assigned_by_the_name_of_their_input(tmp_path: Path) -> None:
    @task
    def differs(before: Image, after: Image) -> bool:
        """Does {before} differ from {after}?"""
        ...

    members = (("1.before.png", PNG), ("1.after.png", PNG + b"\0"), ("1.cls", b"yes"))
    (example,) = (open_rows(write_tar(tmp_path / "a.tar", *members), differs.declaration).sample(0).example,)
    assert example.inputs == {"before": Image(PNG), "after": Image(PNG + b"\0")} and example.answer is True


def test_members_may_be_separated_and_shards_are_one_source(tmp_path: Path) -> None:
    write_tar(tmp_path / "train-000000.tar", *sorted(GOOD, key=lambda each: each[0][7:]))
    write_tar(tmp_path / "train-000001.tar", *GOOD)
    rows = open_rows(tmp_path / "train-*.tar", find.declaration)
    assert rows.length == 10 and {rows.sample(at).where.rpartition(": ")[2] for at in range(5)} == {
        f"{at:06}" for at in range(5)
    }
    assert rows.sample(9).where == f"{tmp_path}/train-000001.tar: 000004"


def entry(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


MEMBERS: dict[str, tuple[tuple[tuple[str, bytes], ...], str, str]] = {
    "no partner": ((("9.png", PNG),), "9", "has no answer; there are the columns picture"),
    "no picture": (row("9")[1:], "9", "picture: is missing; there are the columns phrase, answer"),
    "no JSON": ((("9.png", PNG), ("9.json", b'{"phrase": ')), "9", "is not JSON: "),
    "no object": ((("9.png", PNG), ("9.json", b"[1]")), "9", "has no answer"),
    "a path for a picture": (
        row("9", picture="/etc/passwd")[1:],
        "9",
        "picture: is missing; there are the columns phrase, answer",
    ),
    "twice": ((*row("9"), ("9.json", b"{}")), "9", "has two members called .json"),
    "out of the archive": (row("../9"), "../9.png", "has a name that leads out of the archive"),
    "from the root": (row("/etc/9"), "/etc/9.png", "has a name that leads out of the archive"),
    "an object": (
        (*row("9"), ("9.pyd", pickle.dumps(1))),
        "9.pyd",
        "may contain Python objects, which are never loaded",
    ),
    "objects in a name": ((*row("9"), ("9.x.pickle", b"")), "9.x.pickle", "may contain Python objects"),
    "a huge picture": (
        (("9.png", png_claiming_size(30_000, 30_000)), row("9")[1]),
        "9",
        "picture: has 30,000 x 30,000 pixels",
    ),
    "too many bytes": ((("9.png", bytes(20 * 2**20 + 1)), row("9")[1]), "9.png", "has more than the limit of 20 MiB"),
    "an empty picture": ((("9.png", b""), row("9")[1]), "9", "picture: is an empty image"),
    "a bad name": (row("9\x1b[2J"), "9[2J", ""),
}


@pytest.mark.parametrize("what", MEMBERS)
def test_an_invalid_member_is_reported_with_name_and_reason(what: str, tmp_path: Path) -> None:
    members, where, reason = MEMBERS[what]
    file = write_tar(tmp_path / "a.tar", *GOOD, *members)
    rows = open_rows(file, find.declaration)
    if not reason:
        assert rows.sample(5).where == f"{file}: {where}"
        return
    (bad,) = rows.bad_rows
    assert bad.where == f"{file}: {where}" and bad.reason.startswith(reason) and rows.length == 5


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_never_followed(kind: bytes, tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", *GOOD)
    with tarfile.open(file, "a") as tar:
        tar.addfile(entry("9.png", kind, "000000.png"))
        content = json.dumps(row_without("picture")).encode()
        info = tarfile.TarInfo("9.json")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
        tar.addfile(entry("folder", tarfile.DIRTYPE))
    (bad,) = open_rows(file, find.declaration).bad_rows
    link = kind in (tarfile.SYMTYPE, tarfile.LNKTYPE)
    assert bad.reason == ("is a link to 000000.png, and links are not followed" if link else "is not a regular file")
    assert bad.where == f"{file}: 9.png"


def test_macos_metadata_files_are_skipped(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", ("._000000.png", b"\0"), (".DS_Store", b"\0"), *GOOD)
    assert open_rows(file, find.declaration).bad_rows == ()


def test_a_class_number_is_not_a_text_answer(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 of 1 rows") as caught:
        open_rows(write_tar(tmp_path / "a.tar", ("1.png", PNG), ("1.cls", b"7")), caption.declaration)
    assert caught.value.details[0].endswith("answer: should be a text ({'class': '7'})")
    with pytest.raises(InputError) as caught:
        open_rows(write_tar(tmp_path / "a.tar", ("1.png", PNG), ("1.txt", b"caf\xe9")), caption.declaration)
    assert caught.value.details[0].endswith("answer: should be a text ({'bytes': 4})")


def test_a_truncated_shard_is_reported_and_its_complete_rows_are_used(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", *GOOD, *row("9"))
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        starts = {info.name: info.offset_data for info in tar.getmembers()}
    ends = {
        "within a picture": starts["9.png"] + 20,
        "within a JSON": starts["9.json"] + 5,
        "within a header": starts["9.png"] - 100,
        "between two rows": starts["9.png"] - 512,
    }
    for what, end in ends.items():
        file.write_bytes(whole[:end])
        rows = open_rows(file, find.declaration)
        assert rows.length == 5 and len(rows.bad_rows) == 1 and "truncated" in rows.bad_rows[0].reason, what
    damaged = bytearray(whole)
    damaged[starts["9.png"] - 400 : starts["9.png"]] = b"\xff" * 400
    file.write_bytes(damaged)
    rows = open_rows(file, find.declaration)
    assert rows.length == 5
    assert [str(bad) for bad in rows.bad_rows] == [f"{file} has no end marker after 000004.json: it may be truncated"]


def test_a_file_that_is_not_a_tar_is_refused(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", *GOOD)
    for content in (gzip.compress(file.read_bytes()), b"", b"x" * 2_000, file.read_bytes()[:300]):
        file.write_bytes(content)
        with pytest.raises(InputError, match="is not a tar archive"):
            open_rows(file, find.declaration)
    with pytest.raises(InputError, match="has no rows"):
        open_rows(write_tar(file), find.declaration)
    file.unlink()
    with pytest.raises(InputError, match=r"a\.tar cannot be read: No such file"):
        open_rows(file, find.declaration)


def test_a_shard_deleted_since_is_reported(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "a.tar", *GOOD)
    rows = open_rows(file, find.declaration)
    file.unlink()
    with pytest.raises(InputError, match=r"a\.tar cannot be read"):
        rows.sample(0)
