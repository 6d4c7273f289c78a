#!/usr/bin/python3
"""From `cmake --install` to an answer by HTTP: what somebody does who begins an actor of their own.

Environment: BUILD (a build folder of this project), GENERATOR, SANITIZE (may be empty)
"""
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

DEADLINE_S = 50
BEGAN = time.monotonic()


def left():
    return max(0.1, DEADLINE_S - (time.monotonic() - BEGAN))


def say(text):
    print(f"{time.monotonic() - BEGAN:6.2f} s  {text}", flush=True)


def call(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, timeout=left(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def read_until(stream, pattern):
    seen = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not re.search(pattern, seen):
            part = os.read(stream.fileno(), 4096) if selector.select(left()) else b""
            if not part:
                sys.exit(f"no {pattern!r}, but {seen!r}")
            seen += part
    return seen.decode()


def ask_by_http(said):
    address = re.search(r"gateway listens on (http://\S+)", said)
    if not address:
        sys.exit(f"the gateway does not say where it listens: {said!r}")
    url = f"{address.group(1)}/api/greeter/hello?name=Ada"
    with urllib.request.urlopen(url, timeout=left()) as response:
        return url, json.load(response)


def run(zooid, folder, has_gateway):
    sets = ['actors.gateway.listen=["http://127.0.0.1:0"]'] if has_gateway else ["nodes.local.actors=[greeter]"]
    with subprocess.Popen([zooid, "run", "topology.yaml", "--set", *sets], cwd=folder, stdout=subprocess.PIPE) as process:
        try:
            said = read_until(process.stdout, rb"ready in \d+ ms\n")
            say(said.splitlines()[-1])
            if has_gateway:
                url, answer = ask_by_http(said)
                say(f"GET {url}: {answer}")
                assert answer == {"text": "Hello, Ada!", "count": 1}, answer
            #   The control socket answers too, and it is the same actor.
            answer = json.loads(call(zooid, "ask", "greeter.hello", '{"name": "Alan"}', cwd=folder))
            assert answer == {"text": "Hello, Alan!", "count": 2 if has_gateway else 1}, answer
            process.send_signal(signal.SIGTERM)
            assert process.wait(left()) == 0, process.returncode
        finally:
            if process.poll() is None:
                process.kill()


def main():
    scratch = tempfile.mkdtemp(prefix="zooid-new-actor-")
    try:
        prefix, folder = os.path.join(scratch, "prefix"), os.path.join(scratch, "greeter")
        call("cmake", "--install", os.environ["BUILD"], "--prefix", prefix)
        zooid = os.path.join(prefix, "bin", "zooid")
        say("installed")
        call(zooid, "new", "actor", "greeter", cwd=scratch)
        flags = os.environ.get("SANITIZE", "")
        call("cmake", "-S", folder, "-B", f"{folder}/build", "-G", os.environ["GENERATOR"], f"-DCMAKE_PREFIX_PATH={prefix}",
             *([f"-DCMAKE_C_FLAGS=-fsanitize={flags}"] if flags else []))
        call("cmake", "--build", f"{folder}/build")
        say("built")
        call("ctest", "--test-dir", f"{folder}/build", "--output-on-failure")
        say("tested")
        modules = [name for _, _, names in os.walk(prefix) for name in names]
        run(zooid, folder, "libzooid_gateway.so" in modules)
        say("stopped")
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
