"""What `pbx.yaml` says, as frozen dataclasses: `load()` reads, checks and tells every fault with its path.

The one place that reads YAML.  Imports errors only; knows no SIP, no media and no features.
"""

from pbx_lite.config.faults import ConfigFaults
from pbx_lite.config.load import data_folder, load
from pbx_lite.config.records import (
    EVERYONE,
    ApiConfig,
    Arrival,
    Button,
    Calling,
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
    Team,
    Trunk,
    User,
    Video,
    Workplace,
)

__all__ = [
    "EVERYONE",
    "ApiConfig",
    "Arrival",
    "Button",
    "Calling",
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
    "Team",
    "Trunk",
    "User",
    "Video",
    "Workplace",
    "data_folder",
    "load",
]
