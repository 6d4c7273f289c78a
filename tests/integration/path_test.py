#!/usr/bin/python3
#   path_test.py - one reading through the whole body: mosquitto, bridge, iot, analytics, NATS, REST, WebSocket
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body, Events, Nats


class Path(Body):
    brokers = True

    def test_reading_reaches_nats_rest_and_websocket(self):
        with Nats(self.nats.url, "iot.telemetry.d1") as watcher, Events(self.http, "iot.telemetry.d1") as events:
            self.assertEqual(events.protocol, "zooid.v1")
            self.publish("devices/d1/telemetry", {"id": "path-1", "temperature": 21.5, "humidity": 40})
            seen = watcher.next("iot.telemetry.d1")
            pushed = events.next("iot.telemetry.d1")
        for event in (seen, pushed):
            self.assertEqual(event["device"], "d1")
            self.assertEqual(event["id"], "path-1")
            self.assertEqual(event["metrics"], {"temperature": 21.5, "humidity": 40})
        device = self.http.get("/api/devices/d1")
        self.assertEqual(device["device"], "d1")
        self.assertEqual(device["readings"], 1)
        self.assertEqual(device["values"]["temperature"]["value"], 21.5)

    def test_reading_is_stored_once_when_it_is_repeated(self):
        with Events(self.http, "iot.telemetry.d2") as events:
            self.publish("devices/d2/telemetry", {"id": "again", "level": 1})
            self.publish("devices/d2/telemetry", {"id": "again", "level": 1})
            self.publish("devices/d2/telemetry", {"id": "other", "level": 2})
            self.assertEqual([events.next("iot.telemetry.d2")["id"] for _ in range(2)], ["again", "other"])
        self.assertEqual(self.http.get("/api/devices/d2")["readings"], 2)
        history = self.http.get("/api/devices/d2/history?metric=level")
        self.assertEqual(sorted(item["metrics"]["level"] for item in history["items"]), [1, 2])

    def test_window_is_aggregated_by_event_time(self):
        with Events(self.http, "analytics.window.d3") as events:
            minute = 60_000
            now = time.time_ns() // 1_000_000
            start = (now - 10 * minute) // minute * minute
            for offset, value in ((1000, 10), (2000, 30), (3000, 20)):
                self.publish("devices/d3/telemetry", {"ts": start + offset, "power": value})
            #   A later reading lets the watermark pass the end of the window.
            self.publish("devices/d3/telemetry", {"ts": start + 3 * minute, "power": 99})
            window = events.next("analytics.window.d3")
        self.assertEqual([window[key] for key in ("metric", "count", "minimum", "maximum", "mean")], ["power", 3, 10, 30, 20])
        items = self.http.get("/api/analytics/d3?metric=power")["items"]
        self.assertIn([3, 10, 30, 20], [[item[key] for key in ("count", "minimum", "maximum", "mean")] for item in items])

    def test_bad_readings_are_dead_letters_with_a_reason(self):
        before = self.route("mqtt", "telemetry")
        with self.device() as device, Events(self.http, "iot.telemetry.d4") as events:
            for body in ("{not json", '{"temperature": "warm"}', '{"temperature": NaN}', '{"ts": 99999999999999, "temperature": 1}', "{}",
                         '{"bad metric": 1}'):
                device.publish("devices/d4/telemetry", body)
            device.publish("devices/bad name/telemetry", '{"temperature": 1}')
            device.publish("devices/d4/telemetry", '{"id": "good", "temperature": 1}')
            device.flush()
            self.assertEqual(events.next("iot.telemetry.d4")["id"], "good")
        after = self.route("mqtt", "telemetry")
        self.assertEqual(after["dead"] - before["dead"], 7)
        self.assertEqual(after["delivered"] - before["delivered"], 1)
        self.assertEqual(after["in"], after["delivered"] + after["dead"] + after["filtered"] + after["in_flight"])

    def route(self, bridge, name):
        return next(route for route in self.http.get("/api/bridges/" + bridge)["routes"] if route["name"] == name)

    def test_body_describes_itself(self):
        paths = self.http.get("/openapi.json")["paths"]
        for path in ("/api/devices/{device}", "/api/analytics/{device}", "/api/auth/login", "/api/bridges/mqtt"):
            self.assertIn(path, paths)
        #   On a machine that is busy a handler may have taken a second: that is said for ten, and passes.
        end = time.monotonic() + harness.DEADLINE
        while (health := self.http.get("/health/ready"))["status"] != "ready" and time.monotonic() < end:
            self.assertIn("a handler took ", json.dumps(health))
        self.assertEqual(health["status"], "ready")
        _, _, metrics = self.http.request("GET", "/metrics")
        self.assertIn(b"zooid_", metrics)


if __name__ == "__main__":
    harness.main()
