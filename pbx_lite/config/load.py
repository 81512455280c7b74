"""From the file to a `Config`, or to all its faults at once."""

from collections.abc import Collection
from pathlib import Path

import voluptuous as vol

from pbx_lite.config import build, references, schema
from pbx_lite.config.faults import ConfigFaults, fault, from_voluptuous
from pbx_lite.config.records import Config
from pbx_lite.config.yaml_file import read


def load(path: Path, *, models: Collection[str] | None = None, profiles: Collection[str] | None = None) -> Config:
    """Read and check `path`; `models` are the known door-station models, `profiles` those of trunks, each unchecked
    where it is None.

    Raises `ConfigFaults` with every fault there is.  An empty file is a PBX with nobody in it.
    """
    document, faults = read(path)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise ConfigFaults([fault([], "the file must be a mapping of keys such as users: and doors:")])
    try:
        checked = schema.FILE(document)
    except vol.Invalid as error:
        faults += from_voluptuous(error, schema.known_keys())
    faults += references.faults(document, models, profiles)
    if faults:
        raise ConfigFaults(sorted(faults, key=lambda each: each.path))
    return build.config(checked, path.absolute().parent)


def data_folder(path: Path) -> Path:
    """Where the PBX of this file keeps its data, whatever else may be wrong with the file.  Raises ConfigFaults."""
    document, _ = read(path)
    folder = document.get("data") if isinstance(document, dict) else None
    return build.config({"data": folder} if isinstance(folder, str) else {}, path.absolute().parent).data
