#   harness.py - what the tests across folders stand on: scratch, ports, real brokers, real nodes, and waiting for events
#
#   Nothing here sleeps. A child's output is read by one thread, which wakes whoever waits for a line; sockets are read
#   with deadlines. Whatever a test starts is in a `with` block, ended by its pid and waited for. The standard library
#   is all that is used: what checks the product shares no code with it.
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("ZOOID_BUILD", os.path.join(ROOT, "build")))
ZOOID = os.path.join(BUILD, "bin", "zooid")

#   Sanitizers and valgrind are slower than the deadlines of ordinary runs are tight.
DEADLINE = 30.0


class Late(AssertionError):
    """An event did not come before its deadline."""


class Clock:
    """What is left of a deadline."""

    def __init__(self, seconds=DEADLINE):
        self.end = time.monotonic() + seconds

    def left(self, what="an event"):
        left = self.end - time.monotonic()
        if left <= 0:
            raise Late(f"{what} did not come in time")
        return left


@contextlib.contextmanager
def scratch():
    """A folder of this test's own, which is gone afterwards."""
    folder = tempfile.mkdtemp(prefix="zooid-test-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def free_port():
    """A port that nobody has now. Only for servers that cannot pick one themselves: they retry with another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Process:
    """A child, its lines, and waiting for one of them."""

    def __init__(self, arguments, cwd=None, env=None, stdin=subprocess.DEVNULL):
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        #   A session of its own: a Ctrl-C at the test runner ends the tests, whose `with` blocks end the children.
        self.child = subprocess.Popen(arguments, cwd=cwd, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      env=dict(os.environ, **(env or {})), start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            with self.changed:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    @property
    def pid(self):
        return self.child.pid

    def wait_line(self, pattern, seconds=DEADLINE, since=0):
        """The match of the first line, from line `since` on, in which `pattern` is found."""
        wanted = re.compile(pattern)
        clock = Clock(seconds)
        at = since
        with self.changed:
            while True:
                for line in self.lines[at:]:
                    found = wanted.search(line)
                    if found:
                        return found
                at = len(self.lines)
                if self.ended:
                    raise Late(f"it ended without a line like {pattern!r}:\n" + self.text())
                left = clock.end - time.monotonic()
                if left <= 0:
                    raise Late(f"no line like {pattern!r} in {seconds} s:\n" + self.text())
                self.changed.wait(left)

    def text(self):
        return "\n".join("    | " + line for line in self.lines[-60:])

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self, seconds=DEADLINE):
        """End it by SIGTERM; its exit code."""
        if self.child.poll() is None:
            self.child.terminate()
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Late(f"pid {self.pid} did not end on SIGTERM:\n" + self.text())
        finally:
            self.reader.join(5)
            self.child.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.reader.join(5)
        if not self.child.stdout.closed:
            self.child.stdout.close()


def program(name):
    """Servers are in /usr/sbin, which is not on every PATH."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if not found:
        raise FileNotFoundError(f"{name} is not installed: ./dev test installs it")
    return found


def started(make, ready, attempts=5):
    """Start a server on a free port; another one, should somebody be quicker."""
    for attempt in range(attempts):
        port = free_port()
        process = make(port)
        try:
            ready(process)
        except Late:
            process.__exit__()
            if attempt + 1 == attempts:
                raise
            continue
        return process, port


class Broker:
    process = None
    port = None

    def stop(self):
        if self.process:
            self.process.__exit__()
            self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


class Mosquitto(Broker):
    """A private mosquitto on the loopback, with the settings that are shipped. A second start has the same port."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "mosquitto")
        os.makedirs(self.folder, exist_ok=True)

    def _run(self, port):
        config = os.path.join(self.folder, "mosquitto.conf")
        shutil.copy(os.path.join(ROOT, "deploy", "mosquitto.conf"), config)
        with open(config, "a", encoding="utf-8") as file:
            #   What it says of its start is of the type `information`.
            file.write(f"listener {port} 127.0.0.1\npersistence_location {self.folder}/\nlog_type information\n")
            if os.getuid() == 0:
                file.write("user root\n")
        return Process([program("mosquitto"), "-c", config])

    def start(self):
        def ready(process):
            process.wait_line(r"mosquitto version .* running")
        if self.port:
            self.process = self._run(self.port)
            ready(self.process)
        else:
            self.process, self.port = started(self._run, ready)

    @property
    def url(self):
        return f"mqtt://127.0.0.1:{self.port}"


class NatsServer(Broker):
    """A private nats-server on the loopback. A second start has the same port."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "nats")

    def _run(self, port):
        return Process([program("nats-server"), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", self.folder])

    def start(self):
        def ready(process):
            process.wait_line(r"Server is ready")
        if self.port:
            self.process = self._run(self.port)
            ready(self.process)
        else:
            self.process, self.port = started(self._run, ready)

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"


class Node(Process):
    """`zooid run TOPOLOGY` in a folder of its own, on ports that the system picks."""

    def __init__(self, folder, topology, sets=(), env=None, gateway=True):
        arguments = [ZOOID, "run", topology if os.path.isabs(topology) else os.path.join(ROOT, topology)]
        pairs = list(sets)
        if gateway:
            pairs += ["actors.gateway.listen=[\"http://127.0.0.1:0\"]",
                      "actors.gateway.static=" + os.path.join(ROOT, "webapp")]
        for pair in pairs:
            arguments += ["--set", pair]
        super().__init__(arguments, cwd=folder, env={"ZOOID_ADMIN_PASSWORD": PASSWORD, **(env or {})})
        self.folder = folder
        self.has_gateway = gateway

    def ready(self, seconds=DEADLINE):
        """Wait until it serves; its address."""
        if not self.has_gateway:
            self.wait_line(r"^ready in \d+ ms", seconds)
            return None
        found = self.wait_line(r'\blistening .*?url="?http://([0-9.]+):(\d+)', seconds)
        self.host, self.port = found.group(1), int(found.group(2))
        self.wait_line(r"^ready in \d+ ms", seconds)
        return f"http://{self.host}:{self.port}"

    @property
    def store(self):
        return os.path.join(self.folder, "var", "local", "store.sqlite")


PASSWORD = "a password for tests only"


class Http:
    """Requests to one address; JSON in and out."""

    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port, self.token = host, port, None

    def request(self, method, path, body=None, headers=None, timeout=DEADLINE):
        """(status, headers, decoded body)"""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            headers = dict(headers or {})
            if self.token and "Authorization" not in headers:
                headers["Authorization"] = "Bearer " + self.token
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                headers.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            if "json" in (answer.getheader("Content-Type") or ""):
                data = json.loads(data)
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data
        finally:
            connection.close()

    def get(self, path):
        status, _, data = self.request("GET", path)
        assert status == 200, (path, status, data)
        return data

    def login(self, username="admin", password=PASSWORD):
        status, _, data = self.request("POST", "/api/auth/login", {"username": username, "password": password},
                                       {"Authorization": ""})
        assert status == 200, (status, data)
        self.token = data["access_token"]
        return self

    def raw(self, data, timeout=DEADLINE):
        """Bytes as they are, on a connection of their own; everything that comes back until the server closes."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as connection:
            connection.sendall(data)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while True:
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    answer += piece
            return answer


def main():
    """Run the tests of a file, a line each in cmocka's form, which tests/report.py counts. 77: all were skipped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    class Lines(unittest.TextTestResult):
        def startTest(self, test):
            super().startTest(test)
            print(f"[ RUN      ] {test._testMethodName}", flush=True)

        def stopTest(self, test):
            super().stopTest(test)
            bad = [text for subject, text in self.failures + self.errors if subject is test or getattr(subject, "test_case", None) is test]
            skipped = [why for subject, why in self.skipped if subject is test]
            word = "[  FAILED  ]" if bad else "[  SKIPPED ]" if skipped else "[       OK ]"
            print(word, test._testMethodName, *skipped, flush=True)

    result = unittest.main(module="__main__", argv=sys.argv, exit=False, verbosity=0,
                           testRunner=unittest.TextTestRunner(resultclass=Lines, verbosity=0, stream=sys.stdout)).result
    if not result.wasSuccessful() or result.testsRun == 0:
        sys.exit(1)
    sys.exit(77 if len(result.skipped) == result.testsRun else 0)
