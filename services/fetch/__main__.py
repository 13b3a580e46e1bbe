"""Starts fetch: `python -m services.fetch`."""

import sys

from services.fetch.app import run
from services.fetch.settings import FetchSettings
from shared.process import run_service

if __name__ == "__main__":
    sys.exit(run_service("fetch", FetchSettings, run))
