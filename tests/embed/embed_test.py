#!/usr/bin/python3
"""usage: embed_test.py PROGRAM SOURCE: run it, and look at what it printed and how long its source is"""
import json
import subprocess
import sys

program, source = sys.argv[1:]
done = subprocess.run([program], stdout=subprocess.PIPE, timeout=25, text=True, check=True)
lines = done.stdout.splitlines()
assert lines[:2] == ['reply {"total":40}', 'reply {"total":42}'], lines
failure = json.loads(lines[2].removeprefix("failure "))
assert failure["name"] == "invalid" and failure["errors"][0]["pointer"] == "/by", lines
assert lines[3:] == ["stopped clean"], lines
with open(source, encoding="utf-8") as file:
    length = sum(1 for _ in file)
assert length <= 60, f"{length} lines; it is to show how little is needed"
