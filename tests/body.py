#   body.py - a whole body for a test: brokers, the shipped topology on private ports, somebody signed in
import contextlib
import json
import os
import subprocess
import unittest
import urllib.parse

import harness
import mqtt
from websocket import WebSocket


class Nats(harness.Process):
    """A stock NATS client (integration/nats_watch.c) that prints what a subject carries."""

    def __init__(self, url, subject):
        super().__init__([os.path.join(harness.BUILD, "bin", "nats_watch"), url, subject])
        self.wait_line("^ready$")

    def next(self, subject, seconds=harness.DEADLINE):
        """The decoded payload of the first message on a subject."""
        return json.loads(self.wait_line("^" + subject.replace(".", r"\.") + " (.*)$", seconds).group(1))


class Events(WebSocket):
    """/ws/events, signed in by a header."""

    def __init__(self, http, topics, **headers):
        super().__init__(http.port, "/ws/events?topics=" + urllib.parse.quote(topics, safe="*,"),
                         {"Authorization": "Bearer " + http.token, "Sec-WebSocket-Protocol": "zooid.v1", **headers})

    def next(self, topic, seconds=harness.DEADLINE):
        """The payload of the next event of a topic."""
        clock = harness.Clock(seconds)
        while True:
            message = json.loads(self.receive(clock.left(topic)))
            if message.get("topic") == topic:
                return message["event"]


class Body(unittest.TestCase):
    """One node for all the tests of a class. `brokers`: with real ones, and the shipped topology that has the bridges.
    `topology`: another, with a bridge to mosquitto at most."""

    topology = None
    brokers = False
    sets = ()

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            cls.folder = stack.enter_context(harness.scratch())
            sets, topology = list(cls.sets), "deploy/development.yaml"
            if cls.brokers:
                topology = "deploy/brokers.yaml"
                cls.mosquitto = stack.enter_context(harness.Mosquitto(cls.folder))
                sets += [f"actors.mqtt.url={cls.mosquitto.url}"]
                if not cls.topology:
                    cls.nats = stack.enter_context(harness.NatsServer(cls.folder))
                    sets += [f"actors.nats.url={cls.nats.url}"]
            cls.node = stack.enter_context(harness.Node(cls.folder, cls.topology or topology, sets))
            cls.url = cls.node.ready()
            cls.http = harness.Http(cls.node.port).login()
            for bridge in ["mqtt"] * cls.brokers + ["nats"] * hasattr(cls, "nats"):
                cls.node.wait_line(rf"\b{bridge} broker_connected\b")
            cls.stack = stack.pop_all()

    @classmethod
    def tearDownClass(cls):
        try:
            code = cls.node.stop()
            assert code == 0, f"exit code {code}\n" + cls.node.text()
        finally:
            cls.stack.close()

    def publish(self, topic, reading):
        """By the stock command."""
        subprocess.run([harness.program("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(self.mosquitto.port), "-q", "1", "-t", topic,
                        "-m", reading if isinstance(reading, str) else json.dumps(reading)], check=True, timeout=harness.DEADLINE)

    def device(self, name="device"):
        return mqtt.Publisher(self.mosquitto.port, name)
