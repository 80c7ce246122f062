"""The log as lines of JSON on stdout: one event a line, and nothing secret in it."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

RANK = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "process": record.process,
        }
        more = getattr(record, "more", None)
        if isinstance(more, dict):
            line |= more
        if record.exc_info:
            line["failure"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def start_log(stream: TextIO | None = None, level: str = "INFO") -> logging.Handler:
    """Everything that is logged goes to `stream`, or stdout, from now on."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    for each in [each for each in root.handlers if isinstance(each.formatter, JsonLines)]:
        root.removeHandler(each)
    root.addHandler(handler)
    root.setLevel(RANK.get(level.upper(), logging.INFO))
    return handler
