"""Stands in for a Howdah program: keeps the contract between program and
launcher (announcement, signals, leases; the plane is a sleeping process, in use
by another too when $HOWDAH_FAKE_SHARED is set), and writes what happened to
$HOWDAH_FAKE_LOG. $HOWDAH_FAKE_BREAK names a program that ends at once; who
opens the pipe $HOWDAH_FAKE_LOG.<program> makes that one end later."""

import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

ARGUMENTS = sys.argv[1:]
# What `howdah-local aiven` runs has nothing to do with the plane.
NAME = "aiven-sandbox" if ARGUMENTS[:1] == ["aiven"] else pathlib.Path(sys.argv[0]).name


def log(what, **more):
    with open(os.environ["HOWDAH_FAKE_LOG"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"program": NAME, "what": what, "pid": os.getpid(), **more}) + "\n")


def option(name, default=None):
    return ARGUMENTS[ARGUMENTS.index(name) + 1] if name in ARGUMENTS else default


def end(*_):
    log("ended")
    os._exit(0)


def listen(port):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(port)))
    server.listen()
    return server, server.getsockname()[1]


def _leave(plane):
    # Shared with another, the plane goes on.
    if not os.environ.get("HOWDAH_FAKE_SHARED"):
        plane.kill()
        plane.wait()


def announcement(keep):
    if NAME == "howdah-local":
        keep.append(plane := subprocess.Popen(["sleep", "600"], start_new_session=True, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL))
        stop = lambda *_: (_leave(plane), end())
        signal.signal(signal.SIGTERM, stop)
        threading.Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()
        data_dir = option("--data-dir")
        return {"kubeconfig": data_dir + "/kubeconfig", "server": "https://127.0.0.1:6550",
                "pid": plane.pid, "started": True, "data_dir": data_dir}
    address = option("--listen", "127.0.0.1:" + option("--port", "0"))
    server, port = listen(address.rpartition(":")[2])
    keep.append(server)
    if NAME == "aiven-sandbox":
        place = option("--data-dir") + "/aiven/"
        return {"base_url": f"http://127.0.0.1:{port}/v1", "pid": os.getpid(),
                "token_file": place + "token", "admin_token_file": place + "admin-token"}
    if NAME == "howdah-mcp":
        return {"listening": [f"127.0.0.1:{port}"], "url": f"http://127.0.0.1:{port}/mcp"}
    return {"listening": [f"127.0.0.1:{port}", "unix:/x"]}


def main():
    if ARGUMENTS[:1] == ["status"]:
        sys.exit(0 if os.environ.get("HOWDAH_FAKE_SHARED") else 3)
    # Names only, but for an address: a real token may be among the values.
    log("started", arguments=ARGUMENTS,
        aiven=sorted(name for name, value in os.environ.items()
                     if value and name.startswith("AIVEN_")),
        aiven_base_url=os.environ.get("AIVEN_BASE_URL"))
    if os.environ.get("HOWDAH_FAKE_BREAK") == NAME:
        print(f"{NAME}: cannot", file=sys.stderr)
        sys.exit(3)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, lambda *_: log("interrupted"))
    if "--exit-with-parent" in ARGUMENTS:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    keep = []
    print(json.dumps(announcement(keep)), flush=True)
    # Opens when the test does.
    with open(f"{os.environ['HOWDAH_FAKE_LOG']}.{NAME}", encoding="ascii"):
        pass
    if isinstance(keep[0], subprocess.Popen):
        keep[0].kill()
    sys.exit(4)


main()
