"""YAML as people write it: keys twice are faults, numbers keep their digits, `!env` and `!file` fetch secrets."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pbx_lite.config.faults import ConfigFaults, fault
from pbx_lite.config.records import Secret
from pbx_lite.errors import ConfigError

_DEEPEST = 20
_TOO_DEEP = "this is nested too deeply, perhaps by an anchor within itself"


class Number(int):
    """An integer that remembers how it was written, so that `extension: 0150` is not read as octal 104."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that is kept elsewhere: `!env NAME` or `!file PATH`."""

    tag: str
    argument: str


def read(path: Path) -> tuple[Any, list[ConfigError]]:
    """The document, secrets filled in, and the faults met on the way.

    Raises `ConfigFaults` where nothing can be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigFaults([fault([], f"There is no file {path}.")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFaults([fault([], f"{path} cannot be read: {error}.")]) from error
    loader = _Loader(text)
    try:
        document = loader.get_single_data()
    except yaml.YAMLError as error:
        raise ConfigFaults([fault([], _syntax(error))]) from error
    except RecursionError:
        raise ConfigFaults([fault([], _TOO_DEEP)]) from None
    finally:
        loader.dispose()
    faults = [fault([], f"line {line}: the key {key} is there twice") for line, key in loader.twice]
    return _resolve(document, [], path.parent, faults), faults


class _Loader(yaml.CSafeLoader):
    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.twice: list[tuple[int, str]] = []


def _number(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    try:
        number = Number(loader.construct_yaml_int(node))
    except ValueError:
        number = Number(0)
    number.text = str(text)
    return number


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen and key.value != "<<":
                loader.twice.append((key.start_mark.line + 1, key.value))
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


def _reference(loader: _Loader, node: yaml.Node) -> Reference:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, f"{node.tag} takes one word", node.start_mark)
    return Reference(node.tag, str(node.value))


_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("!env", _reference)
_Loader.add_constructor("!file", _reference)


def _resolve(value: Any, path: list[str | int], folder: Path, faults: list[ConfigError]) -> Any:
    if len(path) > _DEEPEST:
        raise ConfigFaults([fault(path[:2], _TOO_DEEP)])
    match value:
        case dict():
            return {key: _resolve(item, [*path, str(key)], folder, faults) for key, item in value.items()}
        case list():
            return [_resolve(item, [*path, index], folder, faults) for index, item in enumerate(value)]
        case Reference():
            try:
                return _fetch(value, folder)
            except ValueError as error:
                faults.append(fault(path, str(error)))
                return Secret("unknown")  # something that passes the checks: one fault is enough
        case _:
            return value


def _fetch(reference: Reference, folder: Path) -> Secret:
    """Raises ValueError with a sentence."""
    if reference.tag == "!env":
        if reference.argument not in os.environ:
            raise ValueError(f"the environment variable {reference.argument} is not set")
        return Secret(os.environ[reference.argument])
    file = folder / reference.argument
    try:
        return Secret(file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"the file {file} cannot be read: {why}") from error


def _syntax(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem or 'this is not YAML'}"
    return f"this is not YAML: {error}"
