#!/usr/bin/python3
"""What a hundred AWS calls at once cost, with the real AWS CLI and the emulator moto.

    ./howdah build && tests/benchmarks/aws_calls.py
    => {"calls": 100, "failed": 0, "seconds": ..., "most_processes": 8, ...}

Memory is resident, in MiB: of the backend before and at its most, of the largest
command. The callers are grpcurl's, whose deadline is long enough for a slow machine.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "peers")]

import peers  # noqa: E402
from aws_world import AwsBackend, Moto  # noqa: E402
from recipes import GRPCURL  # noqa: E402

CALLS = 100


def resident_mib(pid):
    try:
        with open("/proc/%d/status" % pid, encoding="utf-8") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
    except OSError:  # it has just ended
        pass
    return 0


def main():
    grpcurl = peers.go_install(GRPCURL)
    with Moto() as moto, AwsBackend(moto) as backend:
        moto.aws("sqs", "create-queue", "--queue-name", "q")
        backend.read("sqs list-queues")  # the index is there
        before = most = resident_mib(backend.process.pid)
        processes = largest = 0
        begun = time.monotonic()
        callers = [subprocess.Popen(
            [grpcurl, "-plaintext", "-connect-timeout", "300", "-max-time", "1800", "-d",
             json.dumps({"command": "sqs list-queues --query 'length(QueueUrls)'"}),
             backend.address, "howdah.aws.v1.AwsService/ExecuteReadCommand"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for _ in range(CALLS)]
        while any(caller.poll() is None for caller in callers):
            children = backend.children()
            processes = max(processes, len(children))
            largest = max([largest, *map(resident_mib, children)])
            most = max(most, resident_mib(backend.process.pid))
            threading.Event().wait(0.05)
        answers = [caller.communicate()[0] for caller in callers]
        good = sum(bool(one) and json.loads(one)["result"] == 1 for one in answers)
        print(json.dumps({
            "calls": CALLS, "failed": CALLS - good,
            "seconds": round(time.monotonic() - begun, 1), "most_processes": processes,
            "largest_command_mib": round(largest, 1), "backend_mib_before": round(before, 1),
            "backend_mib_most": round(most, 1)}))


if __name__ == "__main__":
    main()
