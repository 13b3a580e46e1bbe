"""Starts the sink: `python -m services.sink`."""

import sys

from services.sink.app import run
from services.sink.settings import SinkSettings
from shared.process import run_service

if __name__ == "__main__":
    sys.exit(run_service("sink", SinkSettings, run))
