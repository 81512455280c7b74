"""What the listeners for HTTP have in common."""

import errno
import logging

from aiohttp.http_exceptions import HttpProcessingError

from pbx_lite.errors import Conflict, PbxError, Unavailable

_LOGGER = logging.getLogger(__name__)


def logger_without_nonsense(name: str) -> logging.Logger:
    """Aiohttp logs what is no HTTP as an error with a traceback; any stranger could fill the log with that."""

    def is_ours(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError):
            return True
        _LOGGER.debug("What a client sent is not HTTP: %s", error)
        return False

    logger = logging.getLogger(name)
    logger.filters = [is_ours]
    return logger


def not_listening(error: OSError, where: str, *, key: str) -> PbxError:
    """Why nothing listens there; `key` is where the address stands in the configuration."""
    if error.errno == errno.EADDRINUSE:
        return Conflict(f"The API cannot listen on {where}: another program does; choose another port for {key}.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return Unavailable(f"The API may not listen on {where}; choose a port above 1023 for {key}.")
    return Unavailable(f"The API cannot listen on {where}: {error.strerror or error}; mend {key}.")
