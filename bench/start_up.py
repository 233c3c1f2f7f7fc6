"""How long the command takes to start: `cloudcart --help` (aim: under 150 ms), beside a Python that does nothing."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 15
AIM = 0.150  # seconds


def run() -> None:
    bin_ = Path(sys.executable).parent
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "cloudcart --help": [str(bin_ / "cloudcart"), "--help"],
    }
    for name, command in commands.items():
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - started)
        median = statistics.median(times)
        verdict = "" if median <= AIM else f"  (over the aim of {AIM * 1000:.0f} ms)"
        print(f"  {name:18} median {median * 1000:5.0f} ms, best {min(times) * 1000:5.0f} ms{verdict}")
