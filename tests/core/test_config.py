"""Settings: defaults, then plait.toml, then the environment; mistakes are reported with the nearest name."""

import os
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


def test_without_settings_the_defaults_apply(toml: Path) -> None:
    settings_read = settings()
    assert (
        settings_read.host,
        settings_read.port,
        settings_read.url,
        settings_read.shots,
        settings_read.keys,
        settings_read.models,
    ) == ("127.0.0.1", 8800, "", 4, (), {})
    assert settings_read.data == Path.home() / ".local" / "share" / "plait"


def test_the_file_overrides_defaults_and_the_environment_overrides_the_file(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "secret")
    toml.write_text('port = 1\nshots = 5\ntimeout = 2\nkeys = ["a", "env:MY_KEY"]\ndata = "~/mine"\n')
    assert (settings().port, settings().shots, settings().timeout, settings().keys) == (1, 5, 2.0, ("a", "secret"))
    assert settings().data == Path.home() / "mine"
    monkeypatch.setenv("PLAIT_PORT", "2")
    monkeypatch.setenv("PLAIT_KEYS", "b, c ,")
    assert (settings().port, settings().shots, settings().keys) == (2, 5, ("b", "c"))


def test_a_changed_file_applies_at_once(toml: Path) -> None:
    import os

    toml.write_text("port = 1")
    assert settings().port == 1
    toml.write_text("port = 2")
    os.utime(toml, ns=(1, 1))
    assert settings().port == 2
    toml.unlink()
    assert settings().port == 8800


def test_a_relative_model_path_starts_at_the_folder_of_the_file(toml: Path) -> None:
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
        message = r"models\.m\.key is not (a valid key: use printable ASCII|accepted: it should be a valid string)"
        with pytest.raises(SettingsError, match=message) as caught:
            settings()
        assert "sk-secret" not in error_text(caught.value)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("prot = 1", ":1: prot is an unknown key", "did you mean port?"),
        ("zzz = 1", ":1: zzz is an unknown key", "known: data, database, host, port, "),
        ('port = "x"', ':1: port is "x": it should be a valid integer', "write a whole number"),
        ("\nport = 1.5", ":2: port is 1.5: it should be a valid integer", "write a whole number"),
        ("port = true", ":1: port is true: it should be a valid integer", "write a whole number"),
        ("port = -1", ":1: port is -1: it should be greater than or equal to 0", "correct this line"),
        ("timeout = nan", ":1: timeout is NaN: it should be a finite number", "write a number"),
        ("host = 1", ":1: host is 1: it should be a valid string", "write a text in quotes"),
        ("data = 1", ":1: data is 1: it should be ", "write a text in quotes"),
        ('keys = "abc"', ":1: keys is not accepted: it should be a valid array", 'write a list: ["..."]'),
        ("hosts = [1]", ":1: hosts.1 is 1: it should be a valid string", "write a text in quotes"),
        (
            'keys = ["env:NOT_THERE"]',
            ":1: keys.1 names the environment variable NOT_THERE, which is not set",
            "export NOT_THERE=...",
        ),
        ("models = 1", ":1: models is 1: it should be an object", "write a table"),
        (
            "shots = 1\n[models.m]\ncontext = 1",
            ":2: models.m matches none of the engines llamacpp, openai, unified",
            'write path = "model.gguf"',
        ),
        ('[models.m]\nname = "x"\nulr = "http://x/v1"', ":3: models.m.ulr is an unknown key", "did you mean url?"),
        (
            '[models.m]\npath = "p"\ncontxt = 1',
            ":3: models.m.contxt is an unknown key",
            "did you mean context?",
        ),
        (
            '[models.m]\npath = "p"\nthreads = "x"',
            ':3: models.m.threads is "x": it should be a valid integer',
            "write a whole number",
        ),
        (
            '[models.m]\npath = "p"\nurl = "http://m/v1"',
            ":1: models.m matches 2 engines: llamacpp, openai",
            'write two tables, or engine = "llamacpp" to choose one; path = "model.gguf" (llamacpp), url = ',
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nthreads = 2',
            ":3: models.m.threads is an unknown key",
            "known: url, name",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\ncompiled = true',
            ":3: models.m.compiled is an unknown key",
            "known: url, name",
        ),
        (
            '[models.m]\npath = "m.safetensors"\narithmetic = "int4"',
            ":3: models.m.arithmetic is \"int4\": it should be 'fp32'",
            "did you mean int8?",
        ),
        (
            '[models.m]\npath = "m.gguf"\narithmetic = "int8"',
            ":3: models.m.arithmetic is an unknown key",
            "known: adapter, path, context, threads",
        ),
        (
            '[models.m]\npath = "p"\nboxes = "unit"',
            ":3: models.m.boxes is an unknown key",
            "known: adapter, path, context",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\npicture = true',
            ":3: models.m.picture is an unknown key",
            "did you mean pictures?",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nboxes = "permille"',
            ':3: models.m.boxes is "permille": it should be ',
            "did you mean per-mille?",
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nboxes = "zzz"',
            ':3: models.m.boxes is "zzz": it should be ',
            'write one of "pixels", "per-mille", "unit"',
        ),
        (
            '[models.m]\nurl = "http://m/v1"\npictures = "yes"',
            ':3: models.m.pictures is "yes": it should be a valid boolean',
            "write true or false",
        ),
        (
            '[models.m]\nurl = "gpu-box:8000/v1"',
            ":2: models.m.url is 'gpu-box:8000/v1', which is not a URL",
            'write url = "http://127.0.0.1:8000/v1"',
        ),
        ('[models.m]\nurl = "http://"', ":2: models.m.url is 'http://', which is not a URL", "write url = "),
        (
            '[models.m]\nurl = "http://m:x/v1"',
            ":2: models.m.url is 'http://m:x/v1', which is not a URL",
            "write url = ",
        ),
        (
            '[models.m]\nurl = "http://m/v1?a=b"',
            ":2: models.m.url is 'http://m/v1?a=b', which is not a URL",
            "write url = ",
        ),
        (
            '[models.m]\nurl = "http://me:secret@m/v1"',
            ":2: models.m.url contains a user name or a password\n  → remove it, and write key",
            'remove it, and write key = "env:NAME"',
        ),
        (
            '[models.m]\nurl = "http://m/v1"\nkey = "env:NOT_THERE"',
            ":3: models.m.key names the environment variable NOT_THERE, which is not set",
            "export NOT_THERE=...",
        ),
        ("models.m = 1", ":1: models.m is 1: it should be a table", "write [models.m]"),
        (
            '[models.m]\npath = "p"\nengine = "lamacpp"',
            ":3: models.m.engine: no engine is called",
            "did you mean",
        ),
        ('[models.m]\nengine = "llamacpp"', ":1: models.m.path is missing", "write path"),
        ("port = ", " is not TOML: ", "correct "),
    ],
)
def test_a_mistake_in_the_file_is_reported(toml: Path, text: str, message: str, hint: str) -> None:
    toml.write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings()
    assert error_text(caught.value).startswith(f"SettingsError: plait.toml{message}")
    assert caught.value.hint.startswith(hint)


def test_a_file_that_is_not_text_is_reported(toml: Path) -> None:
    toml.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"plait\.toml is not TOML"):
        settings()


def test_a_mistake_in_the_environment_names_the_variable(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_PORT", "eighty")
    with pytest.raises(
        SettingsError, match=r'(?s)PLAIT_PORT is "eighty": it should be a valid integer.*\n  → write a whole number'
    ):
        settings()


def test_a_file_that_changes_twice_within_one_tick_is_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "plait.toml"
    file.write_text("port = 1234\n")
    os.utime(file, ns=(1_000, 1_000))
    assert settings().port == 1234
    file.write_text("port = 12345\n")
    os.utime(file, ns=(1_000, 1_000))
    assert settings().port == 12345
