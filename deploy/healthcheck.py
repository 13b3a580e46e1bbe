"""Ask a service in this container for /healthz: `healthcheck.py PORT`; exit code 0 if healthy.

Prints the answer, so that `docker inspect` shows which check failed.
"""

import http.client
import sys

_OK = 200
_TIMEOUT_SECONDS = 4


def main(port: int) -> int:
    """Return the exit code for the service on `port` of this container."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        sys.stdout.write(f"{answer.status} {answer.read().decode(errors='replace')}\n")
    except OSError as error:
        sys.stdout.write(f"no answer on port {port}: {error}\n")
        return 1
    return 0 if answer.status == _OK else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
