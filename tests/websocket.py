#   websocket.py - a client of RFC 6455, small enough to be read: it speaks to the gateway and to Chromium's DevTools
import base64
import hashlib
import os
import socket
import struct

from harness import DEADLINE, Clock

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The upgrade was answered with another status than 101."""

    def __init__(self, status, head):
        super().__init__(f"{status}: {head!r}")
        self.status = status


class Closed(Exception):
    """The peer closed."""

    def __init__(self, code):
        super().__init__(f"closed with {code}")
        self.code = code


class WebSocket:
    def __init__(self, port, path, headers=None, host="127.0.0.1", timeout=DEADLINE):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Key: " + key.decode(), "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.rest:
            piece = self.socket.recv(65536)
            if not piece:
                break
            self.rest += piece
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")
        status = self.head.split(" ")[1] if " " in self.head else ""
        if status != "101":
            self.socket.close()
            raise Refused(int(status or 0), self.head)
        fields = dict((name.strip().lower(), value.strip()) for name, _, value in
                      (line.partition(":") for line in self.head.split("\r\n")[1:]))
        expected = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        assert fields["sec-websocket-accept"] == expected, self.head
        self.protocol = fields.get("sec-websocket-protocol")

    def fileno(self):
        return self.socket.fileno()

    def _take(self, size, clock):
        while len(self.rest) < size:
            self.socket.settimeout(clock.left("a WebSocket message"))
            try:
                piece = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                clock.left("a WebSocket message")
                continue
            if not piece:
                raise Closed(None)
            self.rest += piece
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def _frame(self, clock):
        first, second = self._take(2, clock)
        assert not first & 0x70 and not second & 0x80, "reserved bits or a masked frame from a server"
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack("!H", self._take(2, clock))
        elif size == 127:
            size, = struct.unpack("!Q", self._take(8, clock))
        return bool(first & 0x80), first & 0x0F, self._take(size, clock)

    def receive(self, seconds=DEADLINE):
        """The next message as text. Pings are answered."""
        clock = Clock(seconds)
        whole = b""
        while True:
            final, opcode, data = self._frame(clock)
            if opcode == PING:
                self.send(data, PONG)
            elif opcode == CLOSE:
                raise Closed(struct.unpack("!H", data[:2])[0] if len(data) >= 2 else None)
            elif opcode != PONG:
                whole += data
                if final:
                    return whole.decode("utf-8")

    def pending(self):
        """Is a whole frame in hand already, so that no read of the socket is needed?"""
        if len(self.rest) < 2:
            return False
        size, head = self.rest[1] & 0x7F, 2
        if size == 126:
            head = 4
            size = struct.unpack("!H", self.rest[2:4])[0] if len(self.rest) >= 4 else 1 << 62
        elif size == 127:
            head = 10
            size = struct.unpack("!Q", self.rest[2:10])[0] if len(self.rest) >= 10 else 1 << 62
        return len(self.rest) >= head + size

    def send(self, data, opcode=TEXT):
        if isinstance(data, str):
            data = data.encode()
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        self.socket.sendall(head + mask + bytes(byte ^ mask[i & 3] for i, byte in enumerate(data)))

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
