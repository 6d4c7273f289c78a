#!/usr/bin/python3
"""The `zooid` command as a user meets it: processes, exit codes, what they print.

usage: command_test.py CASE [unittest options]   with ZOOID (the program) and ZOOID_MODULE_PATH (the probes) set
"""
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ZOOID = os.environ["ZOOID"]
DEADLINE_S = 30

TOPOLOGY = """\
zooid: 1
nodes:
  edge: { actors: [probe] }
  core: { actors: [block] }
"""


class Case(unittest.TestCase):
    """A scratch folder, and processes that end with the test."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="zooid-command-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("t.yaml", TOPOLOGY)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def zooid(self, *arguments, expect=0, text=None):
        done = subprocess.run([ZOOID, *arguments], cwd=self.folder, input=text, text=True, timeout=DEADLINE_S,
                              stdin=None if text is not None else subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def start(self, *arguments):
        process = subprocess.Popen([ZOOID, "run", "t.yaml", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)
        process.stdout.close()
        process.stderr.close()

    def read_until(self, stream, pattern):
        """All that was written until the pattern is there."""
        seen, until = b"", time.monotonic() + DEADLINE_S
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while not re.search(pattern, seen):
                if not selector.select(max(0, until - time.monotonic())):
                    self.fail(f"no {pattern!r} in time, but {seen!r}")
                part = os.read(stream.fileno(), 4096)
                if not part:
                    self.fail(f"no {pattern!r}, but {seen!r} and the end")
                seen += part
        return seen.decode()

    def run_node(self, *arguments):
        process = self.start(*arguments)
        self.said = self.read_until(process.stdout, rb"ready in \d+ ms\n")
        return process

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 0)


class Help(Case):
    def test_help_lists_all_commands(self):
        said = self.zooid("help").stdout
        for command in ("run", "check", "ask", "publish", "actors", "top", "dead", "new", "help", "--version"):
            self.assertRegex(said, rf"(?m)^  {command} ")
        self.assertRegex(said, r"(?m)^  probe-greet  Greet\. \(probe\)$")
        self.assertEqual(self.zooid("--help").stdout, said)
        self.assertEqual(self.zooid(expect=2).stdout, said)

    def test_help_shows_the_options_of_a_command(self):
        said = self.zooid("help", "run").stdout
        for option in ("--node", "--set", "--data", "--log", "--log-level"):
            self.assertIn(option, said)
        self.assertEqual(self.zooid("run", "--help").stdout, said)

    def test_version_is_a_number(self):
        self.assertRegex(self.zooid("--version").stdout, r"^zooid \d+\.\d+\.\d+\n$")

    def test_unknown_command_suggests_the_nearest(self):
        self.assertEqual(self.zooid("chekc", expect=2).stderr, "zooid: there is no command `chekc`; did you mean `check`?\n")
        self.assertEqual(self.zooid("probe-gret", expect=2).stderr, "zooid: there is no command `probe-gret`; did you mean `probe-greet`?\n")
        self.assertEqual(self.zooid("xyzzy", expect=2).stderr, "zooid: there is no command `xyzzy`; see `zooid help`\n")
        self.assertIn("did you mean `run`?", self.zooid("help", "rnu", expect=2).stderr)

    def test_bad_usage_is_exit_2(self):
        for arguments, says in (
                (["run"], "zooid run: something is missing; usage: zooid run FILE [options]\n"),
                (["run", "a", "b"], "zooid run: too many arguments; usage: zooid run FILE [options]\n"),
                (["run", "--noed", "x", "t.yaml"], "zooid run: there is no option --noed; did you mean --node?\n"),
                (["run", "t.yaml", "--node"], "zooid run: --node needs a value; write --node NAME\n"),
                (["run", "t.yaml", "--log", "xml"], "zooid run: --log xml is not known; one of text json\n"),
                (["check", "--json=1", "t.yaml"], "zooid check: --json takes no value; leave it out\n")):
            self.assertEqual(self.zooid(*arguments, expect=2).stderr, says)

    def test_subcommand_of_a_module_is_run(self):
        self.zooid("probe-greet", "you")
        self.zooid("probe-greet", expect=2)
        self.assertIn("usage: zooid probe-greet NAME", self.zooid("help", "probe-greet").stdout)


class Check(Case):
    def test_check_of_a_sound_file(self):
        self.assertEqual(self.zooid("check", "t.yaml").stdout, "t.yaml is sound\n")
        self.assertEqual(json.loads(self.zooid("check", "--json", "t.yaml").stdout), {"file": "t.yaml", "sound": True, "errors": []})
        self.assertFalse(os.path.exists(self.path("var")))

    def test_check_says_all_errors(self):
        self.write("t.yaml", "zooid: 1\nnodes:\n  a: { actors: [prob, nothing] }\n  b: { actor: [] }\n")
        said = self.zooid("check", "t.yaml", expect=2)
        self.assertEqual(said.stdout, "")
        lines = said.stderr.splitlines()
        self.assertEqual(lines[0], "t.yaml:3:17: there is no module `prob`; did you mean `probe`?")
        self.assertTrue(lines[1].startswith("t.yaml:3:23: there is no module `nothing`; put the folder of libzooid_nothing.so in ZOOID_MODULE_PATH"))
        self.assertTrue(lines[2].startswith("t.yaml:4:6: `actors` is missing"))
        self.assertEqual(lines[3], "t.yaml:4:8: `actor` is no setting of node b; did you mean `actors`?")
        errors = json.loads(self.zooid("check", "--json", "t.yaml", expect=2).stdout)["errors"]
        self.assertEqual([(error["file"], error["line"], error["column"]) for error in errors],
                         [("t.yaml", 3, 17), ("t.yaml", 3, 23), ("t.yaml", 4, 6), ("t.yaml", 4, 8)])
        self.assertEqual(errors[0]["detail"], "there is no module `prob`; did you mean `probe`?")

    def test_check_of_a_file_that_is_not_there(self):
        self.assertEqual(self.zooid("check", "none.yaml", expect=2).stderr, "none.yaml: No such file or directory; name a topology file\n")
        self.assertEqual(self.zooid("check", ".", expect=2).stderr, ".: a folder; name a topology file\n")

    def test_check_of_one_node_leaves_the_others_alone(self):
        self.write("t.yaml", "zooid: 1\nnodes:\n  a: { actors: [probe] }\n  b: { actors: [nothing] }\n")
        self.zooid("check", "t.yaml", "--node", "a")
        self.zooid("check", "t.yaml", "--node", "b", expect=2)
        self.assertEqual(self.zooid("check", "t.yaml", "--node", "bb", expect=2).stderr, "t.yaml: no node is named `bb`; did you mean `b`?\n")

    def test_check_refuses_a_module_that_does_not_fit(self):
        said = self.zooid("check", "t.yaml", "--set", "nodes.edge.actors=[probe_old]", "--set", "actors.probe_old.module=probe-old", expect=2).stderr
        self.assertTrue(said.startswith("--set actors.probe_old.module:1:1: module `probe-old` does not fit this runtime: "), said)


class Ask(Case):
    def test_ask_shows_the_reply(self):
        self.run_node()
        reply = json.loads(self.zooid("ask", "system.actors", '{"limit": 200}').stdout)
        self.assertEqual([(item["name"], item["node"]) for item in reply["items"]],
                         [("block", "core"), ("control", "edge"), ("probe", "edge"), ("system", "edge")])
        line = self.zooid("ask", "--json", "system.actors", "-", text='{\n"limit": 1}').stdout
        self.assertEqual(line.count("\n"), 1)
        self.assertEqual(json.loads(line)["next"], "block")
        for node in ("edge", "core"):
            self.zooid("ask", "--node", node, "system.dead")

    def test_ask_shows_a_failure(self):
        self.run_node()
        self.assertEqual(self.zooid("ask", "system.acters", expect=1).stderr,
                         "zooid ask: unknown_operation: there is no operation `system.acters`; did you mean `system.actors`?\n")
        said = self.zooid("ask", "system.actors", '{"limit": 0, "limt": 1}', expect=1).stderr
        self.assertRegex(said, r"(?m)^zooid ask: invalid: ")
        self.assertRegex(said, r"(?m)^  /limit ")
        self.assertRegex(said, r"(?m)^  /limt ")
        failure = json.loads(self.zooid("ask", "--json", "system.actors", '{"limit": 0}', expect=1).stdout)
        self.assertEqual((failure["failure"], failure["errors"][0]["pointer"]), ("invalid", "/limit"))

    def test_ask_refuses_what_is_not_json(self):
        self.assertRegex(self.zooid("ask", "system.actors", "{limit", expect=2).stderr, "^zooid ask: the arguments are not JSON: ")
        self.zooid("ask", "system.actors", "{}", "--deadline-ms", "0", expect=2)

    def test_ask_without_a_node(self):
        self.assertEqual(self.zooid("ask", "system.actors", expect=1).stderr,
                         "zooid ask: no node runs with its data in var; start one with `zooid run`, or say --data\n")
        process = self.run_node()
        process.kill()
        process.wait(DEADLINE_S)
        self.assertEqual(self.zooid("ask", "--node", "edge", "system.actors", expect=1).stderr,
                         "zooid ask: no node edge runs with its data in var; start one with `zooid run`, or say --data\n")

    def test_ask_names_a_node_that_does_not_answer(self):
        os.makedirs(self.path("var", "edge"))
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.path("var", "edge", "control.sock"))
            server.listen()
            self.assertEqual(self.zooid("ask", "system.actors", "--deadline-ms", "1", expect=1).stderr,
                             "zooid ask: node edge (var/edge/control.sock) did not answer within 5001 ms; "
                             "look at its log, and end it when it hangs\n")
            #   One that ends instead, and says nothing either.
            ended = threading.Thread(target=lambda: [server.accept()[0].close() for _ in range(4)])
            ended.start()
            self.assertRegex(self.zooid("ask", "--node", "edge", "system.actors", expect=1).stderr,
                             r"^zooid ask: node edge \(var/edge/control.sock\) ended while it was asked: ")
            ended.join()

    def test_ask_finds_the_process_that_knows_the_operation(self):
        self.run_node("--node", "edge")
        self.run_node("--node", "core")
        self.assertEqual(self.zooid("ask", "--json", "block.wait", json.dumps({"path": self.path("none")})).stdout, "null\n")


class Run(Case):
    def test_run_is_ready_and_stops_in_order(self):
        process = self.run_node()
        for node in ("edge", "core"):
            self.assertEqual(os.stat(self.path("var", node)).st_mode & 0o777, 0o700)
            self.assertEqual(os.stat(self.path("var", node, "control.sock")).st_mode & 0o777, 0o600)
        self.stop(process)
        log = process.stderr.read().decode()
        self.assertRegex(log, r"info zooid stopping why=TERM at_most_ms=10000\n")
        self.assertRegex(log, r"info zooid stopped all_handled=yes took_ms=\d+\n")
        self.assertFalse(os.path.exists(self.path("var", "edge", "control.sock")))

    def test_run_starts_again_with_the_same_data(self):
        took = []
        for _ in range(3):
            process = self.run_node()
            took.append(int(re.search(r"ready in (\d+) ms", self.said).group(1)))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(DEADLINE_S), 0)
        #   The best of them: the others may have waited for a processor.
        self.assertLess(min(took), 5000 if os.environ.get("ZOOID_SANITIZE") else 500)

    def test_run_starts_again_after_a_kill(self):
        process = self.run_node()
        process.kill()
        process.wait(DEADLINE_S)
        self.stop(self.run_node())

    def test_run_refuses_data_that_is_in_use(self):
        process = self.run_node("--node", "edge")
        said = self.zooid("run", "t.yaml", expect=1)
        self.assertEqual(said.stderr, f"var/edge is in use by process {process.pid}; stop it first, or choose another --data\n")
        self.stop(self.run_node("--node", "core"))
        self.stop(self.run_node("--data", "other"))
        self.assertTrue(os.path.isdir(self.path("other", "core")))
        self.stop(process)

    def test_run_ends_at_once_at_the_second_signal(self):
        process = self.run_node()
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen([ZOOID, "ask", "block.wait", json.dumps({"path": self.path("fifo")})], cwd=self.folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as asker:
            #   Opened when the handler opens the other end; while it is open the handler does not return.
            held = os.open(self.path("fifo"), os.O_WRONLY)
            process.send_signal(signal.SIGTERM)
            self.read_until(process.stderr, rb"stopping")
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(DEADLINE_S), -signal.SIGTERM)
            self.assertLess(time.monotonic() - began, 5)
            os.close(held)
            self.assertEqual(asker.wait(DEADLINE_S), 1)

    def test_run_stops_a_handler_that_ends_in_time(self):
        process = self.run_node()
        os.mkfifo(self.path("fifo"))
        with subprocess.Popen([ZOOID, "ask", "block.wait", json.dumps({"path": self.path("fifo")})], cwd=self.folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as asker:
            held = os.open(self.path("fifo"), os.O_WRONLY)
            process.send_signal(signal.SIGTERM)
            self.read_until(process.stderr, rb"stopping")
            os.close(held)
            self.assertEqual(process.wait(DEADLINE_S), 0)
            self.assertEqual(asker.wait(DEADLINE_S), 0)

    def test_run_fails_when_an_actor_used_up_its_restarts(self):
        said = self.zooid("run", "t.yaml", "--set", "actors.block={ broken: true, restart: { backoff_ms: 1, backoff_max_ms: 1, restarts: 2 } }",
                          expect=1).stderr
        self.assertRegex(said, r"info zooid stopping why=\"an actor used up its restarts\"")

    def test_run_names_the_actors_that_did_not_start(self):
        process = self.start("--set", "actors.block={ broken: true, restart: { backoff_ms: 60000, backoff_max_ms: 60000 } }")
        self.assertRegex(self.read_until(process.stdout, rb"ready in .*\n"),
                         r"(?m)^ready in \d+ ms, but these did not start and are tried again: block \(see the log\)\n\Z")
        self.stop(process)

    def test_run_takes_sets_and_refuses_bad_configuration(self):
        self.assertRegex(self.zooid("run", "t.yaml", "--set", "nodes.edge.actors=[prbe]", expect=2).stderr,
                         r"^--set nodes\.edge\.actors:1:2: there is no module `prbe`; did you mean `probe`\?\n$")
        self.assertEqual(self.zooid("run", "none.yaml", expect=2).stderr, "none.yaml: No such file or directory; name a topology file\n")
        self.assertFalse(os.path.exists(self.path("var")))

    def test_run_logs_json(self):
        process = self.run_node("--log", "json")
        self.stop(process)
        events = [json.loads(line)["event"] for line in process.stderr.read().decode().splitlines()]
        self.assertEqual(events[-2:], ["stopping", "stopped"])


class New(Case):
    def test_new_actor_makes_a_folder(self):
        self.zooid("new", "actor", "my_greeter2")
        self.assertEqual(sorted(os.listdir(self.path("my_greeter2"))),
                         ["CMakeLists.txt", "README.md", "my_greeter2.c", "my_greeter2_test.c", "topology.yaml"])
        for name in os.listdir(self.path("my_greeter2")):
            with open(self.path("my_greeter2", name), encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn("@name@", text)
            self.assertIn("my_greeter2", text)
        with open(self.path("my_greeter2", "my_greeter2.c"), encoding="utf-8") as file:
            self.assertLess(len(file.readlines()), 60)

    def test_new_actor_refuses_bad_names(self):
        for name in ("Greeter", "9lives", "my-greeter", "", "../x", "a" * 33, "system"):
            self.zooid("new", "actor", name, expect=2)
        self.zooid("new", "bridge", "x", expect=2)
        self.zooid("new", "actor", expect=2)
        self.assertEqual(os.listdir(self.folder), ["t.yaml"])

    def test_new_actor_refuses_a_folder_that_is_there(self):
        os.mkdir(self.path("greeter"))
        self.assertEqual(self.zooid("new", "actor", "greeter", expect=1).stderr,
                         "zooid new: greeter is there already; choose another name, or another folder\n")
        self.assertEqual(os.listdir(self.path("greeter")), [])


if __name__ == "__main__":
    unittest.main()
