#!/usr/bin/python3
#   latency_test.py - from the device's publish to the page's WebSocket, at 100 messages a second
#
#   The commit is in it: a reading is pushed when it is on disk. The second route stores nothing. A sanitized build
#   measures nothing, so this is run in release alone, and alone.
import json
import os
import select
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body, Events

COUNT, RATE = 400, 100


class Latency(Body):
    topology = "tests/integration/live.yaml"
    brokers = True
    sets = ("actors.relay.module=" + os.path.join(harness.BUILD, "lib", "tests", "libzooid_relay.so"),)

    def measure(self, topic, event):
        """Milliseconds from publish to receipt, sorted."""
        sent, took = {}, []
        with self.device() as device, Events(self.http, event) as events:
            begin = time.monotonic()
            while len(took) < COUNT:
                due = begin + len(sent) / RATE
                left = due - time.monotonic() if len(sent) < COUNT else harness.DEADLINE
                if not events.pending() and not select.select([events], [], [], max(0, left))[0]:
                    self.assertLess(len(sent), COUNT, "readings are missing")
                    name = f"{topic}-{len(sent)}"
                    sent[name] = time.monotonic()
                    device.publish(topic, json.dumps({"id": name, "ts": int(time.time() * 1000), "temperature": 20.5}))
                    continue
                message = json.loads(events.receive())
                data = message.get("event", {})
                name = data.get("id") or json.loads(data.get("body", "{}")).get("id")
                if name in sent:
                    took.append((time.monotonic() - sent[name]) * 1000)
        took.sort()
        print(f"    {event}: median {statistics.median(took):.2f} ms, p95 {took[int(COUNT * 0.95)]:.2f} ms, worst {took[-1]:.2f} ms", flush=True)
        return statistics.median(took)

    def test_stored_reading_is_pushed_within_10_ms(self):
        self.assertLess(self.measure("devices/fast/telemetry", "iot.telemetry.fast"), 10)

    def test_reading_that_is_not_stored_is_pushed_within_3_ms(self):
        self.assertLess(self.measure("devices/fast/live", "relay.seen.fast"), 3)


if __name__ == "__main__":
    harness.main()
