"""Names that several files of the integration share."""

import logging
from typing import Final

DOMAIN: Final = "pascom"
LOGGER: Final = logging.getLogger(__package__)

# Config entry data
CONF_MODE: Final = "mode"
MODE_LOCAL: Final = "local"
MODE_REMOTE: Final = "remote"
CONF_FINGERPRINT: Final = "fingerprint"
CONF_SIP_PORT: Final = "sip_port"
CONF_TLS_PORT: Final = "tls_port"
CONF_API_PORT: Final = "api_port"
CONF_RTP_FIRST: Final = "rtp_first"
CONF_RTP_LAST: Final = "rtp_last"

# Config entry options
CONF_AUTO_LINK: Final = "auto_link"
CONF_NEW_ROLES: Final = "new_roles"
CONF_NO_ACCESS: Final = "no_access"
CONF_NOTIFICATIONS: Final = "notifications"

DEFAULT_NAME: Final = "Home"
DEFAULT_ROLE: Final = "family"
DEFAULT_API_PORT: Final = 8765
DEFAULT_SIP_PORT: Final = 5060

SUBENTRY_DOOR: Final = "door"
SUBENTRY_LINE: Final = "line"
CONF_DOOR: Final = "door"

# Fired on Home Assistant's bus for doors whose opening is an event.
EVENT_DOOR_OPEN_REQUESTED: Final = "pascom_door_open_requested"

# Dispatched inside Home Assistant: (config entry id, call_book.News) and (config entry id, models.Event).
SIGNAL_NEWS: Final = "pascom_news"
SIGNAL_TOLD: Final = "pascom_told"

SERVICE_OPEN_DOOR: Final = "open_door"
ATTR_ON_BEHALF_OF: Final = "on_behalf_of"

MANUFACTURER: Final = "pascom"
