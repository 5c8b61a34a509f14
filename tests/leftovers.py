"""What an error leaves behind for others to see: texts, pickles, log records, and the variables of its traceback."""

import io
import json
import logging
import pickle
import traceback
from pathlib import Path

import dhcpfo

PACKAGE = str(Path(dhcpfo.__file__).parent)


def left_behind(error, records=()):
    """Yield everything that can be seen of an error and those behind it.

    Of the traceback's frames only those of the package count: a test has the secret in its own, and so has a user.
    """
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    while error is not None:
        yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
        yield json.dumps({key: str(value) for key, value in vars(error).items()})
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield pickle.dumps(error, protocol).decode("latin-1")
        stream = io.StringIO()
        logging.StreamHandler(stream).emit(logging.LogRecord("dhcpfo", logging.ERROR, "", 0, "%r", (error,), None))
        yield stream.getvalue()
        error = error.__cause__ or error.__context__
    while told is not None:
        yield "".join(told.format_exception_only())
        yield from (repr(frame.locals) for frame in told.stack if frame.filename.startswith(PACKAGE))
        told = told.__cause__ or told.__context__
    formatter = logging.Formatter("%(message)s %(args)s")
    for record in records:
        yield from (formatter.format(record), repr(vars(record)))


def shown(marker, error, records=()):
    """Return the texts that show the marker, as it is or in hexadecimal."""
    return [text for text in left_behind(error, records) if marker in text or marker.encode().hex() in text]
