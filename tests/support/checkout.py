"""The files of the checkout, as a clone would have them."""

import subprocess
from functools import cache

from tests.support.services import ROOT


@cache
def files() -> tuple[str, ...]:
    """Return the paths of all files that git holds or would hold, relative to the root."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    names = sorted(set(done.stdout.decode().split("\0")) - {""})
    return tuple(name for name in names if (ROOT / name).is_file())
