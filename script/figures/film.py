"""The picture of a door station: 1280 x 720, 25 pictures and 2 Mbit a second, a key frame every two seconds."""

from pathlib import Path

import av

from pbx_lite.media.h264 import split_annex_b
from pbx_lite.media.port import AccessUnit
from tests.support.process import Child

RATE = 25
TICKS = 90_000 // RATE
KEY_EVERY = 2 * RATE
SECONDS = 20


async def make_film(folder: Path) -> tuple[AccessUnit, ...]:
    """The access units of some seconds, the first a key frame; parameter sets come with each key frame."""
    path = folder / "film.h264"
    if not path.exists():
        source = f"testsrc2=size=1280x720:rate={RATE}:duration={SECONDS},noise=alls=8:allf=t"
        quality = ["-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "baseline", "-pix_fmt", "yuv420p"]
        rate = ["-b:v", "2M", "-minrate", "2M", "-maxrate", "2M", "-bufsize", "1M"]
        x264 = f"keyint={KEY_EVERY}:min-keyint={KEY_EVERY}:scenecut=0:repeat-headers=1:sliced-threads=0:nal-hrd=cbr"
        encode = ["-c:v", "libx264", *quality, *rate, "-x264-params", x264]
        command: list[str | Path] = ["ffmpeg", "-y", "-loglevel", "error", "-f", "lavfi", "-i", source, *encode, path]
        child = await Child.start("ffmpeg", command)
        try:
            assert await child.wait(timeout=120) == 0, child.tail()
        finally:
            await child.stop(timeout=1)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    units = [[nal for nal in split_annex_b(data) if nal[0] & 31 in {1, 5, 7, 8}] for data in packets]
    return tuple(
        AccessUnit(tuple(nals), number * TICKS, key=any(nal[0] & 31 == 5 for nal in nals))
        for number, nals in enumerate(units)
    )
