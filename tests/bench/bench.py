#!/usr/bin/python3
#   bench.py - figures, each with its peer in the same run where there is one
#
#       bench.py [NAME...] [--json] [--runs N] [--quick]
#
#   Medians of the runs. A figure of a shared machine says little by itself: look at the ratio.
import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body, Events

QUICK = False


def runtime(name, count):
    """A figure of runtime_bench, as a function that runs it once: (ours, theirs)."""
    def once():
        output = subprocess.run([os.path.join(harness.BUILD, "bin", "runtime_bench"), name, str(count // 50 if QUICK else count)],
                                check=True, capture_output=True, text=True, timeout=120).stdout
        return tuple(float(word) for word in output.split())
    return once


class Running(Body):
    """A body that is used as a `with` block instead of a test."""
    brokers = True
    sets = ("actors.simulator.devices=1",)

    def __enter__(self):
        self.setUpClass()
        return self

    def __exit__(self, *_):
        self.tearDownClass()


def http():
    """GET of one device, signed in, 32 connections."""
    with Running() as body:
        with body.device() as device:
            device.publish("devices/bench/telemetry", '{"temperature": 20.5}')
            with Events(body.http, "iot.telemetry.bench") as events:
                device.publish("devices/bench/telemetry", '{"temperature": 20.5}')
                events.next("iot.telemetry.bench")
        output = subprocess.run([harness.program("wrk"), "-t", "1", "-c", "32", "-d", "1s" if QUICK else "4s",
                                 "-H", "Authorization: Bearer " + body.http.token, body.url + "/api/devices/bench"],
                                check=True, capture_output=True, text=True, timeout=60).stdout
    assert "Non-2xx" not in output and "Socket errors" not in output, output
    return float(next(line for line in output.splitlines() if line.startswith("Requests/sec")).split()[1]), None


def mqtt_websocket():
    """QoS 1 readings, stored, pushed to one client: from the first publish to the last push."""
    count = 500 if QUICK else 10000
    with Running() as body, body.device() as device, Events(body.http, "iot.telemetry.bench") as events:
        def publish():
            for number in range(count):
                device.publish("devices/bench/telemetry", '{"id": "%d", "temperature": 20.5}' % number)
            device.flush()
        begin = time.monotonic()
        thread = threading.Thread(target=publish)
        thread.start()
        last = None
        received = 0
        while last != str(count - 1):
            last = events.next("iot.telemetry.bench")["id"]
            received += 1
        took = time.monotonic() - begin
        thread.join()
    return received / took, None


BENCHES = {
    "tell_one": ("tell, two actors of one dispatcher", "tells/s", "libzmq inproc, 8 bytes, two threads", runtime("tell_one", 5_000_000)),
    "tell_two": ("tell, across dispatchers", "tells/s", "libzmq inproc, 8 bytes, two threads", runtime("tell_two", 5_000_000)),
    "ask_one": ("ask, two actors of one dispatcher", "round trips/s", "libzmq inproc ping-pong, two threads", runtime("ask_one", 300_000)),
    "ask_two": ("ask, across dispatchers", "round trips/s", "libzmq inproc ping-pong, two threads", runtime("ask_two", 100_000)),
    "durable": ("durable command, 64 callers", "commands/s", "SQLite alone, 64 rows a synced commit", runtime("durable", 20_000)),
    "http": ("GET of a device, signed in", "requests/s", None, http),
    "mqtt_websocket": ("MQTT QoS 1, stored, to a WebSocket", "messages/s", None, mqtt_websocket),
}


def main():
    global QUICK
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="far too short to mean anything: does it run?")
    options = parser.parse_args()
    QUICK = options.quick
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    for name in options.names or BENCHES:
        work, unit, peer, once = BENCHES[name]
        runs = [once() for _ in range(options.runs)]
        ours = statistics.median(run[0] for run in runs)
        theirs = statistics.median(run[1] for run in runs) if peer else None
        ratio = round(ours / theirs, 3) if theirs else None
        if options.json:
            print(json.dumps({"bench": name, "work": work, "unit": unit, "ours": round(ours), "peer": peer,
                              "theirs": round(theirs) if theirs else None, "ratio": ratio, "runs": len(runs)}), flush=True)
        else:
            beside = f"   ({peer}: {theirs:,.0f}; ratio {ratio:.2f})" if theirs else ""
            print(f"{work:<38} {ours:>14,.0f} {unit}{beside}", flush=True)


if __name__ == "__main__":
    main()
