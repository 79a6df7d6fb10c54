"""Settings: defaults, then plait.toml, then the environment; mistakes are told with the nearest name."""

from pathlib import Path

import pytest

from plait.core.config import settings
from plait.core.errors import SettingsError, error_text
from plait.service.engines.llamacpp.config import Config as GgufFile
from plait.service.engines.openai.config import Config as Server


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("PLAIT_URL", "PLAIT_DATA"):
        monkeypatch.delenv(name)
    return tmp_path / "plait.toml"


def test_without_anything_the_defaults_hold(toml: Path) -> None:
    told = settings()
    assert (told.host, told.port, told.url, told.shots, told.keys, told.models) == ("127.0.0.1", 8800, "", 4, (), {})
    assert told.data == Path.home() / ".local" / "share" / "plait"


def test_the_file_goes_over_defaults_and_the_environment_over_the_file(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    toml.write_text('port = 1\nshots = 5\ntimeout = 2\nkeys = ["a", "env:MY_KEY"]\ndata = "~/mine"\n')
    assert (settings().port, settings().shots, settings().timeout, settings().keys) == (1, 5, 2.0, ("a", "secret"))
    assert settings().data == Path.home() / "mine"
    monkeypatch.setenv("PLAIT_PORT", "2")
    monkeypatch.setenv("PLAIT_KEYS", "b, c ,")
    assert (settings().port, settings().shots, settings().keys) == (2, 5, ("b", "c"))


def test_a_change_of_the_file_holds_at_once(toml: Path) -> None:
    import os

    toml.write_text("port = 1")
    assert settings().port == 1
    toml.write_text("port = 2")
    os.utime(toml, ns=(1, 1))
    assert settings().port == 2
    toml.unlink()
    assert settings().port == 8800


def test_a_model_of_ones_own_lies_beside_the_file(toml: Path) -> None:
    toml.write_text('[models.mine]\npath = "m.gguf"\ncontext = 100\n')
    mine = settings().models["mine"]
    assert mine == GgufFile(path=toml.parent / "m.gguf", context=100)


def test_a_model_may_be_a_server(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPU_BOX_KEY", "sk-1")
    toml.write_text(
        '[models.gpu-box]\nurl = "http://gpu-box:8000/v1/"\nname = "qwen3-vl"\nkey = "env:GPU_BOX_KEY"\n'
        'boxes = "per-mille"\npictures = false\ncontext = 4096\n[models.near]\nurl = "http://[::1]:11434/v1"\n'
    )
    assert settings().models == {
        "gpu-box": Server(
            url="http://gpu-box:8000/v1",
            name="qwen3-vl",
            key="sk-1",
            boxes="per-mille",
            pictures=False,
            context=4096,
        ),
        "near": Server(url="http://[::1]:11434/v1"),
    }
    near = settings().models["near"]
    assert isinstance(near, Server) and (near.pictures, near.boxes, near.key, near.name) == (True, "", "", "")


def test_a_key_is_never_shown(toml: Path) -> None:
    toml.write_text('[models.m]\nurl = "http://m/v1"\nkey = "sk-secret"\n')
    assert "sk-secret" not in repr(settings()) and settings().models["m"].key == "sk-secret"  # type: ignore[union-attr]
    for wrong in ('"sk-secret with spaces"', '"sk-secret\\n"', '["sk-secret"]', '"sk-secret-ключ"'):
        toml.write_text(f'[models.m]\nurl = "http://m/v1"\nkey = {wrong}\n')
        with pytest.raises(SettingsError, match=r"models\.m\.key is no key: printable ASCII without spaces") as caught:
            settings()
        assert "sk-secret" not in error_text(caught.value)


@pytest.mark.parametrize(
    ("text", "message", "way_out"),
    [
        ("prot = 1", "plait.toml has a key that is not known: prot", "did you mean port?"),
        ("zzz = 1", "plait.toml has a key that is not known: zzz", "known: data, host, port, "),
        ('port = "x"', "plait.toml: port is 'x', which is no whole number", "write a whole number"),
        ("port = 1.5", "plait.toml: port is 1.5, which is no whole number", "write a whole number"),
        ("port = true", "plait.toml: port is True, which is no whole number", "write a whole number"),
        ("port = -1", "plait.toml: port is -1, which is no whole number", "write a whole number"),
        ("timeout = nan", "plait.toml: timeout is nan, which is no number", "write a number"),
        ("host = 1", "plait.toml: host is 1, which is no text", "write a text"),
        ("data = 1", "plait.toml: data is 1, which is no path", "write a path"),
        ('keys = "abc"', "plait.toml: keys is no list of texts", 'write keys = ["..."]'),
        ("hosts = [1]", "plait.toml: hosts is no list of texts", 'write hosts = ["..."]'),
        ('keys = ["env:NOT_THERE"]', "plait.toml takes a key from NOT_THERE, which is not set", "export NOT_THERE=..."),
        ("models = 1", "plait.toml: models is no table", "write [models.NAME]"),
        (
            "[models.m]\ncontext = 1",
            "plait.toml: models.m fits none of the engines llamacpp, openai, unified",
            'write path = "model.gguf"',
        ),
        (
            '[models.m]\npath = "p"\ncontxt = 1',
            "plait.toml: models.m has a key that is not known: contxt",
            "did you mean context?",
        ),
        (
            '[models.m]\npath = "p"\nthreads = "x"',
            "plait.toml: models.m.threads is 'x', which is no whole number",
            "write",
        ),
        (
            '[models.m]\npath = "p"\nurl = "http://m/v1"',
            "plait.toml: models.m fits 2 engines: llamacpp, openai",
            'write two tables, or engine = "llamacpp" to choose one; path = "model.gguf" (llamacpp), url = ',
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nthreads = 2',
            "plait.toml: models.m has a key that is not known: threads",
            "known: url, name",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\ncompiled = true',
            "plait.toml: models.m has a key that is not known: compiled",
            "known: url, name",
        ),
        (
            '[models.m]\npath = "m.safetensors"\narithmetic = "int4"',
            "plait.toml: models.m.arithmetic is 'int4', which is none",
            "did you mean int8?",
        ),
        (
            '[models.m]\npath = "m.gguf"\narithmetic = "int8"',
            "plait.toml: models.m has a key that is not known: arithmetic",
            "known: path, context, threads",
        ),
        (
            '[models.m]\npath = "p"\nboxes = "unit"',
            "plait.toml: models.m has a key that is not known: boxes",
            "known: path, context",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\npicture = true',
            "plait.toml: models.m has a key that is not known: picture",
            "did you mean pictures?",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nboxes = "permille"',
            "plait.toml: models.m.boxes is 'permille', which is no frame of boxes",
            "did you mean per-mille?",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nboxes = "zzz"',
            "plait.toml: models.m.boxes is 'zzz', which is no frame of boxes",
            "known: pixels, per-mille, unit",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\npictures = "yes"',
            "plait.toml: models.m.pictures is 'yes', which is no truth value (true, false)",
            "write a truth value",
        ),
        (
            '[models.m]\nurl = "gpu-box:8000/v1"',
            "plait.toml: models.m.url is 'gpu-box:8000/v1', which is no address",
            "w",
        ),
        ('[models.m]\nurl = "http://"', "plait.toml: models.m.url is 'http://', which is no address", "write url = "),
        (
            '[models.m]\nurl = "http://m:x/v1"',
            "plait.toml: models.m.url is 'http://m:x/v1', which is no address",
            "write",
        ),
        (
            '[models.m]\nurl = "http://m/v1?a=b"',
            "plait.toml: models.m.url is 'http://m/v1?a=b', which is no ad",
            "write",
        ),
        (
            '[models.m]\nurl = "http://me:secret@m/v1"',
            "plait.toml: models.m.url has a name or a password in it\n  → write it as key",
            'write it as key = "env:NAME"',
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nkey = "env:NOT_THERE"',
            "plait.toml takes a key from NOT_THERE, which is not set",
            "export NOT_THERE=...",
        ),
        ("models.m = 1", "plait.toml: models.m is no table", "write [models.m]"),
        (
            '[models.m]\npath = "p"\nengine = "lamacpp"',
            "plait.toml: models.m.engine: no engine is called",
            "did you mean",
        ),
        ('[models.m]\nengine = "llamacpp"', "plait.toml: models.m has no path", "write path"),
        ("port = ", "plait.toml cannot be read: ", "mend "),
    ],
)
def test_a_mistake_in_the_file_is_told(toml: Path, text: str, message: str, way_out: str) -> None:
    toml.write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings()
    assert error_text(caught.value).startswith(f"SettingsError: {message}")
    assert caught.value.hint.startswith(way_out)


def test_a_file_that_is_no_text_is_told(toml: Path) -> None:
    toml.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"plait\.toml cannot be read"):
        settings()


def test_a_mistake_in_the_environment_names_the_variable(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_PORT", "eighty")
    with pytest.raises(SettingsError, match="PLAIT_PORT is 'eighty', which is no whole number"):
        settings()
