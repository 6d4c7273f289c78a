#!/usr/bin/python3
#   bench_test.py - every benchmark still runs, and says what it should in --json; no figure is judged here
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import harness


class Bench(unittest.TestCase):
    def test_benches_print_one_object_a_line(self):
        names = ["tell_one", "tell_two", "ask_one", "ask_two", "durable", "mqtt_websocket"]
        output = subprocess.run([sys.executable, os.path.join(HERE, "bench.py"), "--json", "--quick", "--runs", "1", *names],
                                check=True, capture_output=True, text=True).stdout
        rows = [json.loads(line) for line in output.splitlines()]
        self.assertEqual([row["bench"] for row in rows], names)
        for row in rows:
            self.assertEqual(set(row), {"bench", "work", "unit", "ours", "peer", "theirs", "ratio", "runs"})
            self.assertGreater(row["ours"], 0)

    def test_unknown_bench_is_bad_usage(self):
        self.assertEqual(subprocess.run([sys.executable, os.path.join(HERE, "bench.py"), "no_such"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    harness.main()
