#   proxy.py - stands between a bridge and its broker, and counts what is in flight
#
#   It reads MQTT packets of both directions: a PUBLISH that went to the bridge is in flight until its PUBACK comes back.
#   It shares no code with the product, and no memory: what it saw outlives a kill.
import json
import select
import socket
import struct
import threading

import mqtt


class Proxy:
    """`on_delivery` is called by the proxy's thread after each batch that it handed over: the place to kill from.
    It says whether it did."""

    def __init__(self, broker_port, acknowledge_early=False):
        self.broker_port = broker_port
        self.acknowledge_early = acknowledge_early
        self.changed = threading.Condition()
        self.on_delivery = None
        self.open = {}              # packet id -> reading, of the connection there is
        self.delivered = set()      # readings handed to the bridge
        self.redelivered = 0
        self.acknowledged = set()   # readings that the bridge acknowledged
        self.connections = 0
        self.left = None            # readings in flight when the last connection ended; None while there is one
        self.killed = False
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.stopping, self.stopped = socket.socketpair()
        self.broken = None
        self.thread = threading.Thread(target=self._guard)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.close()
        self.thread.join()
        self.server.close()
        self.stopped.close()

    def wait(self, predicate, seconds, what):
        with self.changed:
            if not self.changed.wait_for(lambda: self.broken or predicate(), seconds) or self.broken:
                raise AssertionError(f"{what} did not happen in {seconds} s: {len(self.delivered)} delivered, "
                                     f"{len(self.acknowledged)} acknowledged, {len(self.open)} in flight") from self.broken

    def _guard(self):
        try:
            self._run()
        except Exception as error:
            with self.changed:
                self.broken = error
                self.changed.notify_all()

    def _run(self):
        while True:
            ready, _, _ = select.select([self.server, self.stopped], [], [])
            if self.stopped in ready:
                return
            bridge, _ = self.server.accept()
            with bridge, socket.create_connection(("127.0.0.1", self.broker_port)) as broker:
                for end in (bridge, broker):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.changed:
                    self.connections += 1
                    self.killed, self.left, self.open = False, None, {}
                    self.changed.notify_all()
                going = self._relay(bridge, broker)
                with self.changed:
                    self.left = set(self.open.values())
                    self.changed.notify_all()
                if not going:
                    return

    def _relay(self, bridge, broker):
        """Pass on both ways until one closes. False: the proxy is to end."""
        inward, outward = bytearray(), bytearray()
        while True:
            #   After a kill there is nobody to pass on to; what had been said before it is still read.
            ready, _, _ = select.select([bridge, self.stopped] + ([] if self.killed else [broker]), [], [])
            if self.stopped in ready:
                return False
            try:
                if bridge in ready:
                    data = bridge.recv(65536)
                    if not data:
                        return True
                    outward += data
                    broker.sendall(b"".join(self._from_bridge(outward)))
                if broker in ready:
                    data = broker.recv(65536)
                    if not data:
                        return True
                    inward += data
                    early = bytearray()
                    bridge.sendall(b"".join(self._from_broker(inward, early)))
                    if early:
                        broker.sendall(early)
                    if self.on_delivery:
                        self.killed = self.on_delivery()
            except OSError:
                return True

    def _from_bridge(self, buffer):
        for first, body, whole in mqtt.packets(buffer):
            if first >> 4 != mqtt.PUBACK:
                yield whole
                continue
            with self.changed:
                reading = self.open.pop(struct.unpack("!H", body[:2])[0], None)
                if reading is not None:
                    self.acknowledged.add(reading)
                    self.changed.notify_all()
            if not self.acknowledge_early:
                yield whole

    def _from_broker(self, buffer, early):
        for first, body, whole in mqtt.packets(buffer):
            if first >> 4 == mqtt.PUBLISH and first & 6:
                size, = struct.unpack("!H", body[:2])
                packet = body[2 + size:4 + size]
                #   Behind the packet's id are the properties of MQTT 5, which hold no JSON.
                reading = json.loads(body[body.index(b'{"id"', 4 + size):])["id"]
                with self.changed:
                    self.redelivered += reading in self.delivered
                    self.delivered.add(reading)
                    self.open[struct.unpack("!H", packet)[0]] = reading
                    self.changed.notify_all()
                if self.acknowledge_early:
                    self.acknowledged.add(reading)
                    early += bytes([mqtt.PUBACK << 4, 2]) + packet
            yield whole
