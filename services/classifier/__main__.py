"""Starts the classifier: `python -m services.classifier`."""

import sys

from services.classifier.app import run
from services.classifier.settings import ClassifierSettings
from shared.process import run_service

if __name__ == "__main__":
    sys.exit(run_service("classifier", ClassifierSettings, run))
