#!/usr/bin/python3
"""Looking into nodes that run: `zooid actors`, `dead` and `publish`.

usage: inspect_test.py CASE [unittest options]   with ZOOID (the program) and ZOOID_MODULE_PATH (the probes) set
"""
import base64
import contextlib
import json
import os
import struct
import subprocess
import unittest

from command_test import DEADLINE_S, ZOOID, Case

TOPOLOGY = """\
zooid: 1
nodes:
  edge: { actors: [event] }
  core: { actors: [block] }
"""
NO_NODE = "no node runs with its data in var; start one with `zooid run`, or say --data\n"


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


if __name__ == "__main__":
    unittest.main()
