#!/usr/bin/python3
#   kill_test.py - readings flow from a real mosquitto, the process is killed at random moments: none missing, none twice
#
#       kill_test.py [--seed N] [--readings N] [--kills N] [--rounds N]
#
#   A proxy between broker and bridge counts what is in flight, and the kill comes from there, a random time after a
#   random delivery. It counts only if something was in flight. At the end the readings in the store are counted by id.
#   The checker is checked by the same run with acknowledgements sent before the commit: by the proxy, and in a test build
#   (-DZOOID_FAULTS=ON) by the bridge itself, its gate switched off. It must find readings missing.
import argparse
import collections
import contextlib
import os
import random
import shutil
import sqlite3
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
import mqtt
from proxy import Proxy

TOPOLOGY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kill.yaml")
DEVICES = 8
AHEAD = 3000        # How far the device may be ahead of what the bridge was given: so that it flows until the end
OPTIONS = None
with open(os.path.join(harness.BUILD, "CMakeCache.txt")) as cache:
    HAS_FAULTS = "\nZOOID_FAULTS:BOOL=ON\n" in cache.read()


def stored(store, folder=None):
    """How often each reading is in the store, by its id. Given a folder: of a copy there, since recovery is not ours."""
    if folder:
        copy = os.path.join(folder, "copy.sqlite")
        for end in ("", "-wal"):
            if os.path.exists(store + end):
                shutil.copy(store + end, copy + end)
        store = copy
    with contextlib.closing(sqlite3.connect(store)) as database:
        return collections.Counter(dict(database.execute("SELECT id, COUNT (*) FROM iot_reading GROUP BY id")))


class Run:
    """One run: the device, the broker, the proxy, and the node that is killed."""

    def __init__(self, folder, seed, readings, kills, acknowledge_early=False, fault=""):
        self.folder, self.readings, self.kills = folder, readings, kills
        self.random = random.Random(seed)
        self.acknowledge_early, self.fault = acknowledge_early, fault
        self.tried, self.counted, self.deduplicated = 0, 0, 0

    def publish(self, port, proxy):
        with mqtt.Publisher(port) as device:
            for number in range(1, self.readings + 1):
                if number % 50 == 0:
                    proxy.wait(lambda: number - len(proxy.delivered) < AHEAD, 60, "the flow")
                device.publish(f"devices/d{number % DEVICES}/telemetry",
                               '{"id": "r%d", "ts": %d, "number": %d}' % (number, time.time() * 1000, number))
            device.flush()

    def node(self, proxy):
        before = proxy.connections
        node = harness.Node(self.folder, TOPOLOGY, [f"actors.mqtt.url=mqtt://127.0.0.1:{proxy.port}"], gateway=False,
                            env={"ZOOID_FAULT": self.fault})
        proxy.wait(lambda: proxy.connections > before or node.ended, harness.DEADLINE, "the connection of the bridge")
        assert not node.ended, node.text()
        return node

    def kill(self, node, proxy, at):
        """Kill a random time after the delivery of `at` readings, from the proxy's thread."""
        pause, done = self.random.uniform(0, 0.004), threading.Event()

        def on_delivery():
            if len(proxy.delivered) < at:
                return False
            proxy.on_delivery = None
            #   Time for its own sake, at most 4 ms of it: a kill at an event would hit the same step of the bridge each
            #   time, and what is tried here is that no moment is bad. It is not waited for anything to have happened, so
            #   the event is one that nobody sets.
            threading.Event().wait(pause)
            node.child.kill()
            done.set()
            return True
        proxy.on_delivery = on_delivery
        if not done.wait(60):
            raise AssertionError(f"the delivery of {at} did not happen: {len(proxy.delivered)}\n" + node.text())
        node.__exit__()
        proxy.wait(lambda: proxy.left is not None, harness.DEADLINE, "the end of the connection")

    def kills_while_it_flows(self, node, proxy):
        """As many kills as were asked for, each with something in flight; the node that runs at the end."""
        #   Often no kill hits the moment between a commit and its acknowledgement: then go on until one did, so that the run
        #   has shown a repeat that is known as one. Room for that is left at the end.
        step = self.readings // (self.kills + 6)
        is_whole = not self.acknowledge_early and not self.fault
        while self.counted < self.kills or (is_whole and not self.deduplicated):
            seen = len(proxy.delivered)
            last = max(seen + 1, (self.counted + 1) * step) if self.counted < self.kills else seen + 300
            at = self.random.randint(seen + 1, last)
            assert at < self.readings, "it flowed too fast to be killed so often"
            self.kill(node, proxy, at)
            self.note(proxy, stored(node.store, self.folder))
            node = self.node(proxy)
        return node

    def note(self, proxy, there):
        """What was in flight when it was killed; nothing: it does not count."""
        done = sum(1 for reading in proxy.left if there[reading])
        self.tried += 1
        self.counted += bool(proxy.left)
        self.deduplicated += done
        print(f"    kill {self.tried}, {self.counted} of {self.kills}: {len(proxy.left)} in flight, {done} of them stored; "
              f"{len(proxy.delivered)} delivered, {len(proxy.acknowledged)} acknowledged, {sum(there.values())} stored", flush=True)

    def go(self):
        """How often each reading is in the store at the end."""
        #   AHEAD is far below what deploy/mosquitto.conf lets wait: nothing is dropped while nobody is there to take it.
        with harness.Mosquitto(self.folder) as broker, Proxy(broker.port, self.acknowledge_early) as proxy:
            node = self.node(proxy)
            device = threading.Thread(target=self.publish, args=(broker.port, proxy))
            try:
                #   The session exists from the first subscription on: only then may the device begin.
                node.wait_line(r"\bmqtt broker_connected\b")
                device.start()
                node = self.kills_while_it_flows(node, proxy)
                device.join()
                proxy.wait(lambda: len(proxy.acknowledged) == self.readings, 120, "the last acknowledgement")
                code = node.stop()
                assert code == 0, f"exit code {code}\n" + node.text()
            finally:
                node.__exit__()
            self.acknowledged, self.redelivered, self.connections = len(proxy.acknowledged), proxy.redelivered, proxy.connections
        return stored(node.store)


class Kill(unittest.TestCase):
    def run_once(self, seed, **options):
        print(f"    seed {seed}: {options}", flush=True)
        with harness.scratch() as folder:
            run = Run(folder, seed, **options)
            there = run.go()
        sent = {f"r{number}" for number in range(1, run.readings + 1)}
        missing, foreign = sent - set(there), set(there) - sent
        doubled = {reading for reading in there if there[reading] > 1}
        print(f"    {run.acknowledged} acknowledged, {run.redelivered} redelivered, {run.deduplicated} deduplicated, "
              f"{run.connections} connections; {len(missing)} missing, {len(doubled)} twice, {len(foreign)} never sent", flush=True)
        self.assertEqual(run.connections, run.tried + 1)
        self.assertFalse(foreign)
        return run, missing, doubled

    def test_readings_survive_kills_with_none_missing_and_none_twice(self):
        for number in range(OPTIONS.rounds):
            run, missing, doubled = self.run_once(OPTIONS.seed + number, readings=OPTIONS.readings, kills=OPTIONS.kills)
            self.assertGreater(run.redelivered, 0)
            self.assertGreater(run.deduplicated, 0)
            self.assertFalse(missing, "acknowledged and lost")
            self.assertFalse(doubled, "stored twice")

    def assert_loses(self, **how):
        _, missing, doubled = self.run_once(OPTIONS.seed, readings=OPTIONS.readings, kills=OPTIONS.kills, **how)
        self.assertTrue(missing, "nothing was lost without the gate: the checker proves nothing")
        self.assertFalse(doubled)

    def test_checker_finds_readings_missing_when_acknowledged_early(self):
        self.assert_loses(acknowledge_early=True)

    if HAS_FAULTS:
        def test_checker_finds_readings_missing_when_the_gate_is_off(self):
            self.assert_loses(fault="mqtt_ack_gate_off")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--readings", type=int, default=20000)
    parser.add_argument("--kills", type=int, default=5)
    OPTIONS, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    harness.main()
