"""Kamailio as a provider's server: registers one line, takes its calls outside and brings those from outside to it."""

from pathlib import Path
from typing import Self

from tests.support.ports import free_port
from tests.support.process import Child

_CONFIG = """\
debug=2
log_stderror=yes
fork=no
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "xlog.so"
modparam("usrloc", "db_mode", 0)
modparam("tm", "fr_timer", 3000)

request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    sl_send_reply("404", "Not here"); exit;
  }}
  t_check_trans();
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  if ($si == "127.0.0.1" && $sp == {outside}) {{
    xlog("L_ERR", "inbound for $rU\\n");
    $var(dialled) = $rU;
    record_route();
    $rU = "{user}";
    if (!lookup("location")) {{ sl_send_reply("480", "Line is away"); exit; }}
    t_relay(); exit;
  }}
  if (!pv_www_authenticate("{realm}", "{password}", "0")) {{ www_challenge("{realm}", "1"); exit; }}
  if (is_method("REGISTER")) {{
    xlog("L_ERR", "registered $tU\\n");
    save("location"); exit;
  }}
  if (is_method("INVITE")) {{
    xlog("L_ERR", "outbound to $rU from $fU\\n");
    record_route();
    $du = "sip:127.0.0.1:{outside}";
    remove_hf("Authorization");
    t_relay(); exit;
  }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""


class Kamailio:
    """One server of the provider; `outside` is the port of somebody in the wide world."""

    def __init__(self, folder: Path, *, user: str, password: str, realm: str, outside: int) -> None:
        self.folder = folder
        self.port = free_port()
        self._config = _CONFIG.format(port=self.port, user=user, password=password, realm=realm, outside=outside)
        self._child: Child | None = None

    async def start(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "kamailio.cfg"
        config.write_text(self._config)
        command: list[str | Path] = ["kamailio", "-f", config, "-DD", "-E", "-m", "32", "-Y", self.folder]
        self._child = await Child.start("kamailio", command, log=self.folder / "log")
        await self._child.wait_for("INFO: <core>|Listening on|init_child|udp: 127")
        return self

    async def said(self, pattern: str, *, timeout: float = 30) -> str:
        assert self._child
        return await self._child.wait_for(pattern, timeout=timeout)

    async def die(self) -> None:
        """Gone without a word."""
        if self._child:
            child, self._child = self._child, None
            await child.stop(timeout=0.1)
