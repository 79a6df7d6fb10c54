"""A file of tasks as a module. An error in the file is reported with the user's own line."""

import builtins
import importlib.util
import linecache
import sys
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from plait.core.errors import DeclarationError, PlaitError, SettingsError, TaskFileError, quote_exception
from plait.core.suggestions import did_you_mean
from plait.core.task.source import mark_line, relative_path

INSTALLED = {"site-packages", "dist-packages"}  # folders of modules that are not the user's own


def import_file(file: Path) -> ModuleType:
    """The module of a file of tasks, under the file's own name.

    Raises SettingsError if the file does not exist, DeclarationError for a mistake in it.
    """
    if not file.is_file() or file.suffix != ".py":
        raise SettingsError(f"{file} is not a Python file of tasks", hint="plait serve my_tasks.py")
    path = file.resolve()
    loaded = sys.modules.get(path.stem)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    try:
        return execute_file(path)
    except DeclarationError:
        raise
    except (Exception, SystemExit) as error:
        raise import_error(path, error) from error


def execute_file(path: Path) -> ModuleType:
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and isinstance(spec.loader, SourceFileLoader)
    module = importlib.util.module_from_spec(spec)
    replaced = sys.modules.get(name)
    # Its folder is on the path, as when Python runs the file: it can import the files beside it.
    sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        # Compiled anew: a file that was changed twice within a second has the timestamp of its earlier bytecode.
        exec(spec.loader.source_to_code(path.read_bytes(), str(path)), vars(module))
    except BaseException:
        del sys.modules[name]
        if replaced is not None:
            sys.modules[name] = replaced
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module


def import_error(path: Path, error: BaseException) -> TaskFileError:
    """The error of a file that cannot be imported, with the last of the user's own lines that led to it."""
    # A SystemExit carries a number, and SyntaxError repeats file and line in its text.
    reason = f"SyntaxError: {error.msg}" if isinstance(error, SyntaxError) else quote_exception(error)
    own_details = error.details if isinstance(error, PlaitError) else ()
    return TaskFileError(
        f"{relative_path(str(path))} cannot be imported: {reason}",
        details=(*marked_line(path, error), *own_details),
        hint=import_hint(error),
    )


def import_hint(error: BaseException) -> str:
    if isinstance(error, PlaitError):
        return error.hint or "correct this line"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{sys.executable} -m pip install {error.name.partition('.')[0]}\nor correct this line"
    if isinstance(error, SystemExit):
        return 'write what ends the program below: if __name__ == "__main__":'
    if isinstance(error, NameError) and error.name:
        return did_you_mean(error.name, known_names(error), "correct this line")
    return "correct this line"


def known_names(error: BaseException) -> list[str]:
    """The names that the line which raised the error could have used."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [*frames[-1].f_globals, *frames[-1].f_locals, *dir(builtins)] if frames else []


def marked_line(path: Path, error: BaseException) -> tuple[str, ...]:
    """The user's line as `my_tasks.py:3   total = prise * 2`, with a mark under the fault where Python names it."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        begin = max((error.offset or 1) - 1, 0)
        end = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else begin + 1
        text = error.text or linecache.getline(error.filename, error.lineno)
        return mark_columns(error.filename, error.lineno, text, begin, end)
    own = [each for each in traceback.extract_tb(error.__traceback__) if is_own_file(each.filename, path.parent)]
    if not own:
        return ()
    frame = own[-1]
    text = linecache.getline(frame.filename, frame.lineno or 0).rstrip("\n")
    # Python counts columns in bytes.
    begin, end = (
        len(text.encode()[: column or 0].decode(errors="ignore")) for column in (frame.colno, frame.end_colno)
    )
    return mark_columns(frame.filename, frame.lineno or 0, text, begin, end if frame.end_lineno == frame.lineno else 0)


def mark_columns(file: str, line_number: int, text: str, begin: int, end: int) -> tuple[str, ...]:
    """The line with a mark from column `begin` to `end`; to the end of the line if that is not behind `begin`."""
    text = text.rstrip()
    begin = min(begin, max(len(text) - 1, 0))
    end = end if end > begin else len(text)
    return mark_line(f"{relative_path(file)}:{line_number}   ", text, begin, max(end - begin, 1))


def is_own_file(file: str | None, folder: Path) -> bool:
    """Whether the user wrote the file: it lies below the folder of the tasks, and not among installed packages."""
    path = Path(file or "")
    return path.is_relative_to(folder) and not INSTALLED & set(path.parts)
