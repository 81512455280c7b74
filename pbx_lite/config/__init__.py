"""What `pbx.yaml` says, as frozen dataclasses: `load()` reads, checks and tells every fault with its path.

The one place that reads YAML.  Imports errors only; knows no SIP, no media and no features.
"""

from pbx_lite.config.faults import ConfigFaults
from pbx_lite.config.load import data_folder, load
from pbx_lite.config.records import (
    EVERYONE,
    ApiConfig,
    Button,
    Config,
    Device,
    Door,
    Open,
    OpenDtmf,
    OpenEvent,
    OpenHttp,
    Role,
    Room,
    RtpConfig,
    Secret,
    SipConfig,
    Trunk,
    User,
    Video,
)

__all__ = [
    "EVERYONE",
    "ApiConfig",
    "Button",
    "Config",
    "ConfigFaults",
    "Device",
    "Door",
    "Open",
    "OpenDtmf",
    "OpenEvent",
    "OpenHttp",
    "Role",
    "Room",
    "RtpConfig",
    "Secret",
    "SipConfig",
    "Trunk",
    "User",
    "Video",
    "data_folder",
    "load",
]
