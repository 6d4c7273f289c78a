#!/usr/bin/python3
#   absence_test.py - a body without its brokers starts, says what is away, and is whole when they come, go and come again
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Events, Nats
from mqtt import Publisher


class Absence(unittest.TestCase):
    def test_body_starts_degraded_and_connects_when_the_brokers_come(self):
        with harness.scratch() as folder:
            mosquitto, nats = harness.Mosquitto(folder), harness.NatsServer(folder)
            mosquitto.port, nats.port = harness.free_port(), harness.free_port()
            sets = [f"actors.mqtt.url={mosquitto.url}", f"actors.nats.url={nats.url}"]
            with harness.Node(folder, "deploy/brokers.yaml", sets) as node:
                node.ready()
                http = harness.Http(node.port).login()
                for name in ("mqtt", "nats"):
                    status = http.get("/api/bridges/" + name)
                    self.assertNotEqual(status["state"], "connected")
                    self.assertEqual(status["connects"], 0)
                with mosquitto, nats:
                    node.wait_line(r"\bmqtt broker_connected\b")
                    node.wait_line(r"\bnats broker_connected\b")
                    with Nats(nats.url, "iot.telemetry.>") as watcher, Publisher(mosquitto.port) as device:
                        device.publish("devices/late/telemetry", '{"id": "first", "level": 1}')
                        self.assertEqual(watcher.next("iot.telemetry.late")["id"], "first")
                    #   Gone and back, at the same address: the session is resumed by itself.
                    seen = len(node.lines)
                    mosquitto.stop()
                    mosquitto.start()
                    node.wait_line(r"\bmqtt broker_connected\b", since=seen)
                    with Nats(nats.url, "iot.telemetry.back") as watcher, Publisher(mosquitto.port) as device:
                        device.publish("devices/back/telemetry", '{"id": "second", "level": 1}')
                        self.assertEqual(watcher.next("iot.telemetry.back")["id"], "second")
                    self.assertGreaterEqual(http.get("/api/bridges/mqtt")["connects"], 2)
                self.assertEqual(node.stop(), 0, node.text())

    def test_devices_move_without_any_broker(self):
        with harness.scratch() as folder, harness.Node(folder, "deploy/development.yaml") as node:
            node.ready()
            http = harness.Http(node.port).login()
            with Events(http, "iot.telemetry.>") as events:
                self.assertTrue(json.loads(events.receive()))
            self.assertEqual(node.stop(), 0, node.text())


if __name__ == "__main__":
    harness.main()
