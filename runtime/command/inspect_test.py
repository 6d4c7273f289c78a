#!/usr/bin/python3
"""Looking into nodes that run: `zooid actors`, `dead`, `publish` and `top`, the latter on a terminal of its own.

usage: inspect_test.py CASE [unittest options]   with ZOOID (the program) and ZOOID_MODULE_PATH (the probes) set
"""
import base64
import contextlib
import fcntl
import json
import os
import pty
import re
import resource
import selectors
import signal
import struct
import subprocess
import termios
import time
import unittest

from command_test import DEADLINE_S, ZOOID, Case

TOPOLOGY = """\
zooid: 1
nodes:
  edge: { actors: [event] }
  core: { actors: [block] }
"""
NO_NODE = "no node runs with its data in var; start one with `zooid run`, or say --data\n"
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Inspect(Case):
    def setUp(self):
        super().setUp()
        self.write("t.yaml", TOPOLOGY)

    def ask(self, operation, **arguments):
        return json.loads(self.zooid("ask", "--json", operation, json.dumps(arguments)).stdout)

    def bury(self, topic, payload, detail="on purpose"):
        self.ask("event.bury", topic=topic, detail=detail, payload=base64.b64encode(payload).decode())

    @contextlib.contextmanager
    def held(self):
        """The actor `block` is in a handler that does not return meanwhile."""
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen([ZOOID, "ask", "block.wait", json.dumps({"path": self.path("fifo")}), "--deadline-ms", "60000"],
                              cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as asker:
            held = os.open(self.path("fifo"), os.O_WRONLY)
            try:
                yield
            finally:
                os.close(held)
                self.assertEqual(asker.wait(DEADLINE_S), 0)

    def rows(self, text):
        """A table as a list of dicts: no cell but the last has a space in it."""
        lines = [line.split(None, len(text.splitlines()[0].split()) - 1) for line in text.splitlines()]
        return [dict(zip(lines[0], line)) for line in lines[1:]]


class Actors(Inspect):
    def test_actors_are_a_table(self):
        self.run_node()
        rows = self.rows(self.zooid("actors").stdout)
        self.assertEqual([(row["NODE"], row["NAME"], row["MODULE"], row["STATE"]) for row in rows],
                         [("core", "block", "block", "healthy"), ("edge", "control", "control", "healthy"),
                          ("edge", "event", "event", "healthy"), ("edge", "system", "system", "healthy")])
        self.assertEqual(list(rows[0]), ["NAME", "NODE", "MODULE", "WAITING", "BYTES", "HANDLED", "RESTARTS", "REFUSED", "DROPPED", "DEAD", "STATE"])
        handled = int(rows[2]["HANDLED"])
        for _ in range(3):
            self.ask("event.last")
        self.assertEqual(int(self.rows(self.zooid("actors", "--node", "core").stdout)[2]["HANDLED"]), handled + 3)

    def test_actors_as_json_have_all_that_is_known(self):
        self.run_node()
        lines = [json.loads(line) for line in self.zooid("actors", "--json").stdout.splitlines()]
        self.assertEqual([line["name"] for line in lines], ["block", "control", "event", "system"])
        self.assertEqual((lines[2]["operations"], lines[2]["dispatcher"], lines[2]["answers"]),
                         (["event.last", "event.bury", "event.complain"], "event", True))
        self.assertEqual(lines[2]["mailbox"]["in"], lines[2]["mailbox"]["handled"])

    def test_actors_of_all_processes_are_there_once(self):
        self.run_node("--node", "edge")
        self.run_node("--node", "core")
        rows = [(row["NODE"], row["NAME"]) for row in self.rows(self.zooid("actors").stdout)]
        self.assertEqual(rows, [("core", "block"), ("core", "control"), ("core", "system"), ("edge", "control"), ("edge", "event"), ("edge", "system")])
        self.assertEqual(len(self.rows(self.zooid("actors", "--node", "edge").stdout)), 3)

    def test_actors_are_read_page_by_page_up_to_a_bound(self):
        names = [f"a{i}" for i in range(2100)]
        self.write("t.yaml", "zooid: 1\nnodes: { edge: { actors: [%s] } }\nactors:\n%s" % (
            ", ".join(names), "".join(f"  {name}: {{ module: probe, dispatcher: shared }}\n" for name in names)))
        self.run_node()
        done = self.zooid("actors")
        self.assertEqual([row["NAME"] for row in self.rows(done.stdout)], sorted(names)[:2000])
        self.assertEqual(done.stderr, "zooid actors: there are more than these 2000; `zooid ask system.actors` gives all, page by page\n")

    def test_actor_that_a_handler_holds_up_is_silent(self):
        self.run_node()
        with self.held():
            rows = self.rows(self.zooid("actors").stdout)
            self.assertEqual((rows[0]["NAME"], rows[0]["STATE"], rows[0]["WAITING"]), ("block", "silent: its dispatcher does not answer", "1"))
            self.assertEqual(rows[2]["STATE"], "healthy")
            self.assertEqual(json.loads(self.zooid("actors", "--json").stdout.splitlines()[0])["answers"], False)

    def test_actor_that_did_not_start_is_down(self):
        process = self.start("--set", "actors.block={ broken: true, restart: { backoff_ms: 60000, backoff_max_ms: 60000 } }")
        self.read_until(process.stdout, rb"ready in .*\n")
        self.assertEqual(self.rows(self.zooid("actors").stdout)[0]["STATE"], "down: it is being restarted")

    def test_actor_can_not_write_on_the_terminal(self):
        self.run_node()
        self.ask("event.complain", topic="", payload="", detail="\x1b[2J\x9b1m\u202fbroker \u00e9\x07")
        row = self.rows(self.zooid("actors").stdout)[2]
        self.assertEqual(row["STATE"], "degraded: ?[2J?1m\u202fbroker \u00e9?")

    def test_actors_without_a_node(self):
        self.assertEqual(self.zooid("actors", expect=1).stderr, "zooid actors: " + NO_NODE)
        self.run_node()
        self.assertEqual(self.zooid("actors", "--node", "egde", expect=1).stderr,
                         "zooid actors: no node egde runs with its data in var; start one with `zooid run`, or say --data\n")


class Dead(Inspect):
    def test_dead_shows_what_a_letter_said_newest_first(self):
        self.run_node()
        self.assertEqual(self.zooid("dead").stderr, "zooid dead: there are no dead letters\n")
        at = 1767323045678
        self.bury("event.said.me", b"\x82\xa7said_at\xcf" + struct.pack(">Q", at) + b"\xa4text\xa2hi")
        self.bury("a/b", b'{"id": 1, "cut')
        self.bury("a/b", b"\x80\x81\xff")
        self.bury("a/b", b"", detail="")
        said = self.zooid("dead").stdout
        when = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        self.assertRegex(said, rf'^{when}  event  test  a/b\n'
                               rf'{when}  event  test  a/b: on purpose\n    \(3 bytes\) 80 81 ff\n'
                               rf'{when}  event  test  a/b: on purpose\n    "{{\\"id\\": 1, \\"cut"\n'
                               rf'{when}  event  test  event\.said\.me: on purpose\n    {{"said_at":"2026-01-02T03:04:05\.678Z","text":"hi"}}\n\Z')
        self.assertEqual(self.zooid("dead", "--limit", "1").stdout, said.split("\n")[0] + "\n")

    def test_dead_as_json(self):
        self.run_node()
        for name in ("a", "b", "c"):
            self.bury(name, b"\x81\xa1x\x05")
        lines = [json.loads(line) for line in self.zooid("dead", "--json", "--limit", "2").stdout.splitlines()]
        self.assertEqual([(line["topic"], line["value"], line["payload"]) for line in lines], [("c", {"x": 5}, "gaF4BQ=="), ("b", {"x": 5}, "gaF4BQ==")])

    def test_dead_letter_can_not_write_on_the_terminal(self):
        self.run_node()
        self.bury("a\x1b]0;owned\x07", b"\x1b[2J\x9b", detail="\x1bc")
        self.bury("t", b"\x81\xa1x\xa8\x1b[2J\xc2\x9b1m")
        self.bury("t", "text \x7f".encode())
        said = self.zooid("dead").stdout
        self.assertNotRegex(said, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertIn("a?]0;owned?: ?c\n    (5 bytes) 1b 5b 32 4a 9b\n", said)
        self.assertIn('{"x":"\\u001b[2J?1m"}', said)

    def test_dead_of_several_processes_are_in_one_order(self):
        self.run_node("--node", "edge")
        self.run_node("--node", "core")
        self.bury("first", b"")
        #   The other process has one too: an ask that expires in its mailbox.
        with self.held():
            self.zooid("ask", "block.wait", json.dumps({"path": self.path("none")}), "--deadline-ms", "1", expect=1)
        self.bury("last", b"")
        topics = [json.loads(line)["topic"] for line in self.zooid("dead", "--json").stdout.splitlines()]
        self.assertEqual(sorted(topics[:2]), ["block.wait", "last"])
        self.assertEqual(topics[2:], ["first"])

    def test_dead_refuses_a_limit_that_is_none(self):
        for limit in ("0", "201", "x", "1x", ""):
            self.assertEqual(self.zooid("dead", "--limit", limit, expect=2).stderr, f"zooid dead: --limit {limit}; a number from 1 to 200\n")

    def test_dead_without_a_node(self):
        self.assertEqual(self.zooid("dead", expect=1).stderr, "zooid dead: " + NO_NODE)


class Publish(Inspect):
    SAID = json.dumps({"said_at": "2026-01-02T03:04:05.678Z", "text": "hi"})

    def test_publish_reaches_who_subscribed(self):
        self.run_node()
        self.assertEqual(self.zooid("publish", "event.said.me", self.SAID).stdout, "published event.said.me to 1 subscription\n")
        self.assertEqual(self.ask("event.last")["said_at"], "2026-01-02T03:04:05.678Z")
        self.assertEqual(self.zooid("publish", "event.unheard", "-", text=self.SAID).stdout, "published event.unheard; nobody subscribed to it\n")
        self.assertEqual(json.loads(self.zooid("publish", "--json", "event.said.me", self.SAID).stdout), {"topic": "event.said.me", "subscriptions": 1})

    def test_publish_finds_the_process_that_knows_the_event(self):
        self.run_node("--node", "core")
        self.run_node("--node", "edge")
        self.assertEqual(self.zooid("publish", "event.said.me", self.SAID).stdout, "published event.said.me to 1 subscription\n")
        self.assertIn("unknown_topic", self.zooid("publish", "--node", "core", "event.said.me", self.SAID, expect=1).stderr)

    def test_publish_refuses_an_unknown_topic_with_the_nearest(self):
        self.run_node()
        self.assertEqual(self.zooid("publish", "event.siad.me", self.SAID, expect=1).stderr,
                         "zooid publish: unknown_topic: no actor declares an event `event.siad.me`; did you mean `event.said.me`?\n")
        failure = json.loads(self.zooid("publish", "--json", "event.siad.me", self.SAID, expect=1).stdout)
        self.assertEqual(failure["failure"], "unknown_topic")

    def test_publish_says_where_a_payload_is_wrong(self):
        self.run_node()
        said = self.zooid("publish", "event.said.me", '{"text": "' + 21 * "x" + '", "txet": 1}', expect=1).stderr
        self.assertRegex(said, r"^zooid publish: invalid: the payload breaks the record of the event\n")
        for pointer in ("/said_at", "/text", "/txet"):
            self.assertRegex(said, rf"(?m)^  {pointer} ")
        self.assertRegex(self.zooid("publish", "event.said.me", "7", expect=1).stderr, r"(?m)^  \(the whole\) ")

    def test_publish_refuses_what_is_not_json_with_its_position(self):
        self.assertRegex(self.zooid("publish", "event.said.me", '{"text":\n  nope}', expect=2).stderr,
                         r"^zooid publish: the event is not JSON: line 2, column \d+: ")
        self.zooid("publish", "event.said.me", expect=2)

    def test_publish_without_a_node(self):
        self.assertEqual(self.zooid("publish", "event.said.me", self.SAID, expect=1).stderr, "zooid publish: " + NO_NODE)


class Terminal:
    """`zooid top` on a pseudo-terminal, whose other end is this. Its session has a leader that outlives it, as a shell would:
    the end of a leader hangs the terminal up, and what was written last is lost."""

    def __init__(self, test, *arguments, rows=20, columns=140, term="xterm"):
        self.test, self.seen, self.code = test, b"", None
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.events, events = os.pipe()
        hold, self.hold = os.pipe()
        self.leader = os.fork()
        if self.leader == 0:
            try:
                #   What the test has open is not to stay open here.
                for descriptor in {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2, self.slave, events, hold}:
                    with contextlib.suppress(OSError):
                        os.close(descriptor)
                self.lead([ZOOID, "top", *arguments], dict(os.environ, TERM=term), events)
                os.read(hold, 1)
            finally:
                os._exit(0)
        os.close(events)
        os.close(hold)
        self.pid = self.next_event()
        test.addCleanup(self.close)

    def lead(self, command, environment, events):
        """Run it, tell its pid, and whenever it stops or ends how it does."""
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        os.chdir(self.test.folder)
        of_terminal = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP)
        for number in of_terminal:
            signal.signal(number, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pid = os.posix_spawn(command[0], command, environment, setsigdef=of_terminal,
                             file_actions=[(os.POSIX_SPAWN_DUP2, self.slave, descriptor) for descriptor in range(3)])
        os.write(events, struct.pack("i", pid))
        status = 0x7f
        while os.WIFSTOPPED(status):
            _, status = os.waitpid(pid, os.WUNTRACED)
            os.write(events, struct.pack("i", status))

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
        for descriptor in (self.hold, self.master, self.slave, self.events):
            os.close(descriptor)
        os.waitpid(self.leader, 0)

    def next_event(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.events, selectors.EVENT_READ)
            if not selector.select(DEADLINE_S):
                self.test.fail(f"it neither stops nor ends: {self.seen[-2000:]!r}")
        return struct.unpack("i", os.read(self.events, 4))[0]

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO)

    def read(self, until):
        with selectors.DefaultSelector() as selector:
            selector.register(self.master, selectors.EVENT_READ)
            if not selector.select(max(0, until - time.monotonic())):
                self.test.fail(f"not in time: {self.seen[-2000:]!r}")
        self.seen += os.read(self.master, 65536)

    def wait(self, pattern):
        """Until a frame that has it; what came before it is done with. The frame, without escapes."""
        until = time.monotonic() + DEADLINE_S
        while True:
            *frames, rest = self.seen.split(b"\x1b[J")
            for i, frame in enumerate(frames):
                plain = ESCAPE.sub(b"", frame.split(b"\x1b[H")[-1]).decode("utf-8", "replace").replace("\r\n", "\n")
                if re.search(pattern, plain):
                    self.seen = b"\x1b[J".join(frames[i + 1:] + [rest])
                    return plain
            self.read(until)

    def wait_bytes(self, wanted):
        until = time.monotonic() + DEADLINE_S
        while wanted not in self.seen:
            self.read(until)

    def end(self):
        """What it wrote last, and its exit code. The terminal is as it was."""
        self.code = os.waitstatus_to_exitcode(self.next_event())
        self.test.assertEqual(termios.tcgetattr(self.slave), self.before)
        os.write(self.slave, b"(the end)")
        self.wait_bytes(b"(the end)")
        return self.seen[:-len(b"(the end)")], self.code


class Top(Inspect):
    def test_top_is_drawn_again_and_ends_by_q(self):
        self.run_node()
        top = Terminal(self, "--interval", "100ms")
        top.wait_bytes(ENTER)
        first = top.wait(r"NAME +NODE")
        self.assertRegex(first, r"^zooid top  \d\d:\d\d:\d\d  2 nodes  4 actors: 4 healthy\nwaiting 0 \(0 bytes\)  in 0\.0/s")
        self.assertRegex(first, r"(?m)^event +edge +event +0 +0 +- +- +0 +0 +0 +0 +0  healthy$")
        rated = top.wait(r"(?m)^event +edge +event +0 +0 +0\.0 +0\.0 ")
        self.assertRegex(rated, r"(?m)^system +edge +system +\d+ +\S+ +([1-9]\d*(\.\d)?|0\.[1-9]) ")
        self.assertEqual(len(rated.split("\n")), 20)
        top.press("q")
        last, code = top.end()
        self.assertEqual(code, 0)
        self.assertTrue(last.endswith(LEAVE), last)

    def test_top_gives_the_terminal_back(self):
        self.run_node()
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV):
            with self.subTest(how=how):
                top = Terminal(self)
                top.wait("NAME")
                self.assertTrue(top.is_raw())
                os.kill(top.pid, how)
                last, code = top.end()
                self.assertEqual(code, -how)
                self.assertTrue(last.endswith(LEAVE), last)

    def test_top_ends_by_the_keys_of_the_terminal(self):
        self.run_node()
        top = Terminal(self)
        top.wait("NAME")
        top.press("\x03")
        last, code = top.end()
        self.assertEqual(code, -signal.SIGINT)
        self.assertTrue(last.endswith(LEAVE), last)

    def test_top_pauses_and_goes_on(self):
        self.run_node()
        top = Terminal(self)
        top.wait("NAME")
        os.kill(top.pid, signal.SIGTSTP)
        self.assertTrue(os.WIFSTOPPED(top.next_event()))
        self.assertEqual(termios.tcgetattr(top.slave), top.before)
        top.wait_bytes(LEAVE)
        top.seen = b""
        os.kill(top.pid, signal.SIGCONT)
        top.wait_bytes(ENTER)
        top.wait("NAME")
        self.assertTrue(top.is_raw())
        top.press("q")
        self.assertEqual(top.end()[1], 0)

    def test_top_sorts_by_keys(self):
        self.run_node()
        top = Terminal(self, "--interval", "1h")
        top.wait("by handled/s")

        def names(frame):
            return [line.split()[0] for line in frame.split("\n")[4:8]]

        top.press("n")
        self.assertEqual(names(top.wait(r"by name\n")), ["block", "control", "event", "system"])
        top.press("n")
        self.assertEqual(names(top.wait("by name, reversed")), ["system", "event", "control", "block"])
        top.press("o")
        self.assertEqual(names(top.wait(r"by node\n")), ["block", "control", "event", "system"])
        for key, column in ((">", "module"), ("\x1b[C", "waiting"), ("<", "module"), ("\x1b[D", "node"), ("<", "name"), ("<", "state"), ("w", "waiting")):
            top.press(key)
            top.wait(rf"by {column}\n")
        #   What is no key changes nothing.
        top.press("z\x1b[Ax")
        top.press("q")
        self.assertEqual(top.end()[1], 0)

    def test_top_follows_the_size_of_the_terminal(self):
        self.run_node()
        top = Terminal(self, "--interval", "1h", "--sort", "name")
        self.assertEqual(len(top.wait("NAME").split("\n")), 20)
        top.resize(7, 30)
        small = top.wait("2 more below")
        self.assertEqual([line[:5] for line in small.split("\n")], ["zooid", "waiti", "", "NAME ", "block", "contr", "2 mor"])
        self.assertLessEqual(max(len(line) for line in small.split("\n")), 30)
        for rows, columns in ((1, 1), (3, 5), (0, 0), (60, 300)):
            top.resize(rows, columns)
            top.wait("z")
        top.press("q")
        self.assertEqual(top.end()[1], 0)

    def test_top_shows_who_is_silent(self):
        self.run_node()
        with self.held():
            top = Terminal(self, "--interval", "100ms", "--sort", "state")
            frame = top.wait(r"3 healthy 1 silent")
            self.assertRegex(frame.split("\n")[4], r"^block +core .* - +- .*silent: its dispatcher does not answer$")
            #   While the node waits for that dispatcher, keys are heard.
            top.press("n")
            top.wait(r"by name\n")
            top.press("q")
            self.assertEqual(top.end()[1], 0)

    def test_top_is_not_held_up_by_a_node_that_hangs(self):
        process = self.run_node()
        top = Terminal(self, "--interval", "100ms")
        top.wait("NAME")
        process.send_signal(signal.SIGSTOP)
        try:
            #   For longer than the interval: the next reading has begun by then.
            until = time.monotonic() + 1
            while time.monotonic() < until:
                for key, column in (("n", "name"), ("o", "node")):
                    began = time.monotonic()
                    top.press(key)
                    top.wait(rf"by {column}\n")
                    self.assertLess(time.monotonic() - began, 3)
            top.press("q")
            self.assertEqual(top.end()[1], 0)
            self.assertLess(time.monotonic() - until, 3)
        finally:
            process.send_signal(signal.SIGCONT)

    def test_top_survives_its_node(self):
        process = self.run_node()
        top = Terminal(self, "--interval", "100ms", "--sort", "name")
        top.wait("NAME")
        self.stop(process)
        frame = top.wait("no node runs with its data in var")
        self.assertRegex(frame, r"(?m)^event +edge")
        self.run_node()
        frame = top.wait(r"by name\n\nNAME")
        self.assertRegex(frame, r"(?m)^event +edge")
        top.press("q")
        self.assertEqual(top.end()[1], 0)

    def test_top_without_a_terminal_prints_one_table(self):
        self.run_node()
        for arguments in ([], ["--once"]):
            rows = self.rows(self.zooid("top", "--interval", "100ms", "--sort", "name", *arguments).stdout)
            self.assertEqual([row["NAME"] for row in rows], ["block", "control", "event", "system"])
            self.assertEqual((rows[2]["IN/S"], rows[2]["HANDLED/S"]), ("0.0", "0.0"))
            self.assertGreater(float(rows[3]["HANDLED/S"]), 0)
        lines = [json.loads(line) for line in self.zooid("top", "--json", "--interval", "100ms", "--sort", "name").stdout.splitlines()]
        self.assertEqual([line["name"] for line in lines], ["block", "control", "event", "system"])
        self.assertEqual((lines[2]["in_per_s"], lines[2]["state"]), (0, "healthy"))
        for how in ({"arguments": ["--once"]}, {"arguments": [], "term": "dumb"}):
            top = Terminal(self, "--interval", "100ms", *how.pop("arguments"), **how)
            last, code = top.end()
            self.assertEqual(code, 0)
            self.assertIn(b"NAME", last)
            self.assertNotIn(b"\x1b", last)

    def test_top_counts_what_is_handled_a_second(self):
        self.run_node()
        top = subprocess.Popen([ZOOID, "top", "--json", "--interval", "2s"], cwd=self.folder, stdout=subprocess.PIPE, text=True)
        with top:
            asked = 0
            while top.poll() is None:
                self.ask("event.last")
                asked += 1
            line = next(line for line in map(json.loads, top.stdout) if line["name"] == "event")
        self.assertGreater(line["handled_per_s"], 0)
        self.assertLessEqual(line["handled_per_s"], asked / 2 + 1)

    def test_top_refuses_what_it_does_not_know(self):
        self.assertEqual(self.zooid("top", "--sort", "handeld/s", expect=2).stderr, "zooid top: there is no column `handeld/s`; did you mean `handled/s`?\n")
        self.assertEqual(self.zooid("top", "--sort", "xyzzy", expect=2).stderr,
                         "zooid top: there is no column `xyzzy`; there are name node module waiting bytes in/s handled/s asks restarts refused "
                         "dropped dead state\n")
        self.assertRegex(self.zooid("top", "--interval", "1x", expect=2).stderr, r"^zooid top: --interval 1x .*duration")
        self.assertRegex(self.zooid("top", "--interval", "1ms", expect=2).stderr, r"^zooid top: --interval 1ms .*100")

    def test_top_without_a_node(self):
        self.assertEqual(self.zooid("top", expect=1).stderr, "zooid top: " + NO_NODE)
        top = Terminal(self)
        last, code = top.end()
        self.assertEqual(code, 1)
        self.assertNotIn(b"\x1b", last)


if __name__ == "__main__":
    unittest.main()
