#!/usr/bin/python3
#   dev_test.py - `./dev run --brokers` on a terminal: Ctrl-C is for the node, and the brokers are ended behind it
#
#   A checkout of its own: the script, links to what it reads, and a build that is there already. So its var/ is private.
import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness


class Dev(unittest.TestCase):
    def checkout(self, folder):
        shutil.copy(os.path.join(harness.ROOT, "dev"), folder)
        for name in ("deploy", "webapp"):
            os.symlink(os.path.join(harness.ROOT, name), os.path.join(folder, name))
        os.mkdir(os.path.join(folder, "build"))
        os.symlink(os.path.join(harness.BUILD, "bin"), os.path.join(folder, "build", "bin"))
        with open(os.path.join(folder, "build", "build.ninja"), "w", encoding="utf-8") as file:
            file.write("build product: phony\nbuild nats_watch: phony\n")
        return os.path.join(folder, "dev")

    def children(self, pid):
        """{name of the program: pid}"""
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            pids = [int(child) for child in file.read().split()]
        names = {}
        for child in pids:
            with open(f"/proc/{child}/comm", encoding="utf-8") as file:
                names[file.read().strip()] = child
        return names

    def begin(self, folder, terminal):
        process = harness.Process([harness.program("setsid"), "--ctty", "--wait", self.checkout(folder), "run", "--brokers",
                                   "--set", "actors.gateway.listen=[\"http://127.0.0.1:0\"]"], stdin=terminal)
        os.close(terminal)
        return process

    def assert_ended(self, process, folder, pids):
        self.assertEqual(process.child.wait(harness.DEADLINE), 0, process.text())
        for name, pid in pids.items():
            with self.assertRaises(ProcessLookupError, msg=name):
                os.kill(pid, 0)
        self.assertFalse(os.path.exists(os.path.join(folder, "var", "brokers.json")))
        process.reader.join(harness.DEADLINE)
        self.assertNotRegex("\n".join(process.lines), r"\bbroker_(lost|unreachable)\b")

    def test_run_with_brokers_ends_them_behind_the_node(self):
        for how in ("Ctrl-C", "the end of the terminal"):
            with self.subTest(how), harness.scratch() as folder:
                master, terminal = os.openpty()
                with self.begin(folder, terminal) as process:
                    try:
                        process.wait_line(r"^ready in \d+ ms")
                        process.wait_line(r"\bmqtt broker_connected\b")
                        process.wait_line(r"\bnats broker_connected\b")
                        with open(os.path.join(folder, "var", "brokers.json"), encoding="utf-8") as file:
                            self.assertEqual(set(json.load(file)), {"mqtt", "nats"})
                        (script,) = self.children(process.pid).values()
                        pids = self.children(script)
                        self.assertEqual(set(pids), {"mosquitto", "nats-server", "zooid"})
                        #   A terminal's signals go to the whole group in the foreground.
                        groups = {name: os.getpgid(pid) for name, pid in pids.items()}
                        self.assertEqual(groups["zooid"], os.getpgid(script))
                        self.assertNotIn(os.getpgid(script), (groups["mosquitto"], groups["nats-server"]))
                        if how == "Ctrl-C":
                            os.write(master, b"\x03")
                            process.child.wait(harness.DEADLINE)
                    finally:
                        os.close(master)        #  What is left ends by this
                        process.child.wait(harness.DEADLINE)
                    self.assert_ended(process, folder, pids)


if __name__ == "__main__":
    harness.main()
