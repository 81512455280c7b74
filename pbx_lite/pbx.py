"""Builds every part in order, the listeners last, and takes them down in reverse."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from pbx_lite import __version__
from pbx_lite.api.facade import Identity, Services, SipAccess
from pbx_lite.api.pairing import Gate
from pbx_lite.api.phone_pages import PhonePages
from pbx_lite.api.server import ApiServer
from pbx_lite.calls.exchange import Exchange
from pbx_lite.calls.farewell import Farewells
from pbx_lite.calls.gatekeeper import Gatekeeper
from pbx_lite.calls.keep_alive import KeepAlive
from pbx_lite.calls.public_address import PublicAddress
from pbx_lite.calls.registrar import Registrar
from pbx_lite.calls.switchboard import Switchboard
from pbx_lite.clock import Clock
from pbx_lite.config import Config
from pbx_lite.directory import Directory, Kept
from pbx_lite.directory.hidden import secrets_of
from pbx_lite.events import DirectoryChanged, EventBus
from pbx_lite.features.announce.announce import Announcer
from pbx_lite.features.calling import Calling
from pbx_lite.features.conference.rooms import Rooms
from pbx_lite.features.doorbell.doorbell import Doorbell
from pbx_lite.features.doorbell.http import StationHttp
from pbx_lite.features.doorbell.profiles import KNOWN_MODELS, list_profiles
from pbx_lite.features.journal import CallJournal
from pbx_lite.features.messages import Messages
from pbx_lite.features.people.people import People
from pbx_lite.features.people.teams import Teams
from pbx_lite.features.phonebook.phonebook import Phonebook
from pbx_lite.features.provisioning.facts import Server
from pbx_lite.features.provisioning.provisioning import Provisioning
from pbx_lite.features.softphone import Softphone
from pbx_lite.features.trunks.trunks import Trunks
from pbx_lite.features.visitor_log import VisitorLog
from pbx_lite.features.voicemail.voicemail import Voicemail
from pbx_lite.log_book import LogBook
from pbx_lite.media.jukebox import Jukebox
from pbx_lite.media.port_pool import PortPool
from pbx_lite.sip.address import Address, bracketed
from pbx_lite.sip.certificate import TlsMaterial, tls_material
from pbx_lite.sip.digest import DigestServer
from pbx_lite.sip.endpoint import Endpoint
from pbx_lite.sip.resolve import Resolver
from pbx_lite.sip.stun import public_address
from pbx_lite.speech.prompts import Prompts
from pbx_lite.speech.speech import Speech
from pbx_lite.store.bindings import BindingTable
from pbx_lite.store.database import Database
from pbx_lite.store.dialogs import DialogTable
from pbx_lite.store.facts import instance_of
from pbx_lite.store.people import PeopleTable
from pbx_lite.store.tokens import TokenTable
from pbx_lite.wiring import FEATURES, Features, Parts

_SOMEWHERE = Address("udp", "192.0.2.1", 5060)
"""An address of no machine (RFC 5737): asking for the way there tells which of our addresses the network knows."""


class Pbx:
    """One PBX.  `await start()` raises a PbxError with a sentence and leaves nothing running when a part fails."""

    endpoint: Endpoint
    exchange: Exchange
    switchboard: Switchboard
    api: ApiServer

    def __init__(self, config: Config, *, clock: Clock | None = None) -> None:
        self.config = config
        self.bus = EventBus()
        self.features = Features()
        self._pages: PhonePages | None = None
        self._log = LogBook()
        self._clock = clock
        self._parts = AsyncExitStack()
        self._trusted: list[Callable[[Address], bool]] = []

    @property
    def doorbell(self) -> Doorbell:
        return self.features[Doorbell]

    async def start(self) -> None:
        try:
            await self._build()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End calls cleanly, then everything else."""
        await self._parts.aclose()

    async def _build(self) -> None:
        self._log.open()
        self._parts.callback(self._log.close)
        clock = self._clock or asyncio.get_running_loop()
        database = Database.open(self.config.data)
        self._closing(database.close)
        instance = instance_of(database)
        tokens = TokenTable(database)
        registrar = Registrar(store=BindingTable(database), bus=self.bus, clock=clock)
        self._parts.callback(registrar.close)
        directory = self._directory(database, registrar)
        self._log.secrets = lambda: {*secrets_of(directory), self.config.api.token}
        await directory.keep_pins()
        tls = await self._tls()
        farewells = Farewells(DialogTable(database), clock)
        self._closing(farewells.close)
        jukebox = Jukebox(clock, dict(self.config.music), self.config.data / "music")
        self._closing(jukebox.close)
        hold = jukebox.music()
        switchboard = self.switchboard = Switchboard(directory=directory, bus=self.bus, clock=clock, music=hold)
        exchange = self.exchange = self._exchange(clock, directory, registrar, farewells, tls, switchboard)
        self._closing(switchboard.close)
        web = StationHttp()
        self._closing(web.close)
        speech = Speech(folder=self.config.data / "prompts", language=self.config.language, clock=clock)
        parts = Parts(clock, self.bus, database, directory, exchange, switchboard, web, self._names, speech, jukebox)
        for build in FEATURES:
            self._closing(self.features.add(build(parts, self.features)).close)
        await self.endpoint.start(self.config.sip.listen)
        self._public.start()
        self._parts.callback(KeepAlive(registrar, self.endpoint.keep_alive, clock).close)
        farewells.say(self.endpoint)
        trunks = self.features[Trunks]
        self._trusted += [registrar.knows, trunks.knows]
        trunks.start()
        services = Services(
            identity=Identity(
                name=self.config.name,
                instance=instance,
                version=__version__,
                fingerprint=tls.fingerprint if tls else "",
            ),
            directory=directory,
            doorbell=self.doorbell,
            visitors=self.features[VisitorLog],
            bus=self.bus,
            calls=self.features[Calling],
            announcer=self.features[Announcer],
            provisioning=self.features[Provisioning],
            journal=self.features[CallJournal],
            people=self.features[People],
            teams=self.features[Teams],
            messages=self.features[Messages],
            prompts=Prompts(shelf=speech.shelf, directory=directory),
            rooms=self.features[Rooms],
            mailboxes=self.features[Voicemail].mailboxes,
            trunks=trunks,
            softphone=self.features[Softphone],
            log=self._log,
            phonebook=self.features[Phonebook],
            profiles=list_profiles(),
            sip_access=self._sip_access,
        )
        self.api = ApiServer(
            self.config.api,
            services=services,
            gate=Gate(token=self.config.api.token, tokens=tokens, clock=clock),
            clock=clock,
            tls=tls.server if tls else None,
            data=self.config.data,
        )
        self._public.on_change.append(trunks.refresh)
        trunks.routes.listening = lambda: self.api.heard
        self._closing(self.api.stop)
        await self.api.start()
        self.features[Provisioning].server = lambda: self._for_phones(tls)
        if self.config.api.phones is not None and tls is not None:
            pages = self._pages = PhonePages(
                self.config.api.phones, provisioning=self.features[Provisioning], clock=clock, tls=tls.server
            )
            self._closing(pages.stop)
            await pages.start()

    def _exchange(
        self,
        clock: Clock,
        directory: Directory,
        registrar: Registrar,
        farewells: Farewells,
        tls: TlsMaterial | None,
        switchboard: Switchboard,
    ) -> Exchange:
        """Signalling: who may enter, where calls go, and the sockets, which are opened last."""
        self._names = Resolver(clock, nameserver=self.config.sip.nameserver)
        sip = self.config.sip
        self._public = PublicAddress(clock, fixed=sip.public_address, stun=sip.stun, ask=public_address)
        self._closing(self._public.close)
        digest = DigestServer(self.config.sip.domain or "pbx", secret=secrets.token_bytes(32))
        gatekeeper = Gatekeeper(directory=directory, digest=digest, clock=clock, bus=self.bus)
        gatekeeper.trusted = lambda source: any(knows(source) for knows in self._trusted)
        exchange = Exchange(
            directory=directory,
            registrar=registrar,
            gatekeeper=gatekeeper,
            pool=PortPool(self.config.rtp.ports),
            clock=clock,
            switchboard=switchboard,
            farewells=farewells,
            domain=self.config.sip.domain,
            public=self._public,
            calls_per_account=self.config.sip.calls_per_account,
        )
        self.endpoint = Endpoint(
            clock=clock,
            handler=exchange,
            user_agent=f"pbx_lite/{__version__}",
            tls=tls,
            admit=gatekeeper.admit,
            challenge=exchange.challenge,
            resolver=self._names,
            advertise=self._advertised,
            locate=registrar.locate,
        )
        exchange.endpoint = self.endpoint
        self.endpoint.on_lost.append(registrar.lost)
        registrar.expects = self.endpoint.expect
        self._closing(self.endpoint.stop)
        return exchange

    async def _tls(self) -> TlsMaterial | None:
        """The certificate, where a listener needs one; making it takes a second, once."""
        api = self.config.api
        wanted = any(url.startswith("tls:") for url in self.config.sip.listen) or not api.loopback or api.phones
        if not wanted:
            return None
        names = [name for name in (self.config.sip.domain, self.config.sip.public_address) if name]
        return await asyncio.to_thread(tls_material, self.config.data / "tls", names)

    def _advertised(self, remote: Address, host: str) -> str:
        return self._public.towards(remote.host) or host

    def _sip_access(self) -> SipAccess:
        """What to type into a station: this machine as its network sees it."""
        host = self.config.sip.public_address or self.endpoint.local_host(_SOMEWHERE)
        listening = self.endpoint.listening
        plain = [address.port for address in listening if address.transport != "tls"]
        transports = tuple(dict.fromkeys(address.transport for address in listening))
        return SipAccess(host, (plain or [address.port for address in listening] or [5060])[0], transports)

    def _for_phones(self, tls: TlsMaterial | None) -> Server:
        """What a phone's configuration says of this machine."""
        access, api = self._sip_access(), self.config.api
        host = self.config.sip.domain or access.server
        ports: dict[str, int] = {}
        for address in self.endpoint.listening:
            ports.setdefault(address.transport, address.port)
        page = "" if api.loopback else _page(api.host, self.api.port, host)
        if api.phones is not None and self._pages is not None:
            page = _page(api.phones[0], self._pages.port, host)
        return Server(host=host, ports=ports, trusted=tls is not None and not tls.self_signed, page=page)

    def _directory(self, database: Database, registrar: Registrar) -> Directory:
        def changed() -> None:
            registrar.forget_strangers(lambda account: directory.by_account(account) is not None)
            self.bus.publish(DirectoryChanged())

        people = PeopleTable(database)
        kept = Kept(
            users=people.records("user"),
            doors=people.records("door"),
            roles=people.records("role"),
            devices=people.records("device"),
            rooms=people.records("room"),
            teams=people.records("team"),
            arrivals=people.records("arrival"),
            pins=people.records("pin"),
            languages=people.records("language"),
            links=people.links(),
        )
        directory = Directory(self.config, kept=kept, store=people, models=KNOWN_MODELS, on_change=changed)
        return directory

    def _closing(self, close: Callable[[], Awaitable[None]]) -> None:
        self._parts.push_async_callback(close)


def _page(listening: str, port: int, host: str) -> str:
    """Where phones come to; `host` is what this machine is called where it listens everywhere."""
    where = host if listening in {"0.0.0.0", "::"} else listening  # noqa: S104 - compared, not bound
    return f"https://{bracketed(where)}:{port}"
