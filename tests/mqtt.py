#   mqtt.py - a device that publishes by MQTT 3.1.1 at QoS 1 and knows what the broker has taken
import select
import socket
import struct

from harness import DEADLINE, Clock

CONNECT, CONNACK, PUBLISH, PUBACK, DISCONNECT = 1, 2, 3, 4, 14


def length(size):
    """The variable byte integer of section 2.2.3."""
    out = bytearray()
    while True:
        size, digit = size >> 7, size & 0x7F
        out.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(out)


def packets(buffer):
    """Take whole packets off the front of a bytearray: (first byte, body, all of it)."""
    while len(buffer) >= 2:
        size, shift, at = 0, 0, 1
        while True:
            if at >= len(buffer):
                return
            digit = buffer[at]
            size |= (digit & 0x7F) << shift
            shift += 7
            at += 1
            if not digit & 0x80:
                break
        if len(buffer) < at + size:
            return
        whole = bytes(buffer[:at + size])
        del buffer[:at + size]
        yield whole[0], whole[at:], whole


class Publisher:
    """One connection; publish () returns when the packet is written and less than `window` are unacknowledged."""

    def __init__(self, port, name="device", window=100):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.window = window
        self.packet = 0
        self.unacknowledged = set()
        self.acknowledged = 0
        body = struct.pack("!H4sBBH", 4, b"MQTT", 4, 2, 0) + self._string(name)
        self.socket.sendall(bytes([CONNECT << 4]) + length(len(body)) + body)
        clock = Clock()
        while not self._read(clock, CONNACK):
            pass

    @staticmethod
    def _string(text):
        data = text.encode()
        return struct.pack("!H", len(data)) + data

    def _read(self, clock, wanted=None):
        """Handle what came; was a packet of the wanted type in it?"""
        self.socket.settimeout(clock.left("the broker's answer"))
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the broker closed")
        self.buffer += piece
        seen = False
        for first, body, _ in packets(self.buffer):
            if first >> 4 == PUBACK:
                self.unacknowledged.discard(struct.unpack("!H", body[:2])[0])
                self.acknowledged += 1
            elif first >> 4 == CONNACK:
                assert body[1] == 0, body
            seen = seen or first >> 4 == wanted
        return seen

    def publish(self, topic, payload, seconds=DEADLINE):
        clock = Clock(seconds)
        while len(self.unacknowledged) >= self.window or select.select([self.socket], [], [], 0)[0]:
            self._read(clock)
        self.packet = self.packet % 65535 + 1
        if isinstance(payload, str):
            payload = payload.encode()
        body = self._string(topic) + struct.pack("!H", self.packet) + payload
        self.unacknowledged.add(self.packet)
        self.socket.sendall(bytes([PUBLISH << 4 | 2]) + length(len(body)) + body)

    def flush(self, seconds=DEADLINE):
        """Wait until the broker has taken everything."""
        clock = Clock(seconds)
        while self.unacknowledged:
            self._read(clock)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
