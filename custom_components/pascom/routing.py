"""Who decides where calls from outside go: the automations that wait for one.

The caller waits meanwhile, so that the PBX is told at once when no automation wants this call.
"""

from collections.abc import Callable

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .wire.models import Event

type Router = Callable[[str, Event], bool]

# Of all PBXs together: a trigger does not name one.
_ROUTERS: HassKey[list[Router]] = HassKey("pascom_routers")


@callback
def listen(hass: HomeAssistant, router: Router) -> CALLBACK_TYPE:
    """Ask `router` about every call: it is given the config entry's id and the request, and says whether it decides."""
    routers = hass.data.setdefault(_ROUTERS, [])
    routers.append(router)
    return lambda: routers.remove(router)


@callback
def ask(hass: HomeAssistant, entry_id: str, request: Event) -> bool:
    """Whether somebody decides.  All are asked, and the first answer counts."""
    routers = hass.data.setdefault(_ROUTERS, [])
    decided = [router(entry_id, request) for router in tuple(routers)]
    return any(decided)
