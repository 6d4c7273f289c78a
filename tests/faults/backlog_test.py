#!/usr/bin/python3
#   backlog_test.py - readings that are published while the bridge is away: the broker takes them quickly, and all arrive
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
import kill_test
import mqtt
from proxy import Proxy

READINGS = 5000
#   A broker that writes down all that waits after every change takes longer by far, and one by the clock less than a second.
QUICK_S = 20


class Backlog(unittest.TestCase):
    def node(self, proxy):
        return harness.Node(self.folder, kill_test.TOPOLOGY, [f"actors.mqtt.url=mqtt://127.0.0.1:{proxy.port}"], gateway=False)

    def publish(self, port):
        """How long it took until the broker had acknowledged everything, in s."""
        begin = time.monotonic()
        with mqtt.Publisher(port) as device:
            for number in range(READINGS):
                device.publish(f"devices/d{number % 8}/telemetry",
                               '{"id": "r%d", "ts": %d, "number": %d}' % (number, time.time() * 1000, number), 2 * QUICK_S)
            device.flush(2 * QUICK_S)
        return time.monotonic() - begin

    def test_backlog_of_an_absent_bridge_is_taken_quickly_and_arrives_whole(self):
        with harness.scratch() as self.folder, harness.Mosquitto(self.folder) as broker, Proxy(broker.port) as proxy:
            with self.node(proxy) as node:                      # From now on the broker knows whom it is to keep them for
                node.wait_line(r"\bmqtt broker_connected\b")
                self.assertEqual(node.stop(), 0, node.text())
            took = self.publish(broker.port)
            print(f"    {READINGS} readings taken in {took:.1f} s", flush=True)
            self.assertEqual(proxy.delivered, set())
            self.assertLess(took, QUICK_S)
            with self.node(proxy) as node:
                proxy.wait(lambda: len(proxy.acknowledged) == READINGS, 60, "the last acknowledgement")
                self.assertEqual(node.stop(), 0, node.text())
            there = kill_test.stored(node.store)
        self.assertEqual(there, {f"r{number}": 1 for number in range(READINGS)})


if __name__ == "__main__":
    harness.main()
