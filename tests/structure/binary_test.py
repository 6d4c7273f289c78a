#!/usr/bin/python3
#   binary_test.py - the rules of the tree, read from what was built: what is linked, exported, imported and hardened
import glob
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness

CLIENTS = re.compile(r"lib(mosquitto|nats|hiredis|rabbitmq|websockets|cjose|curl)")
LIBRARIES = [os.path.join(harness.BUILD, "lib", name) for name in ("libzooid.so", "libzooid_node.so")]
MODULES = sorted(glob.glob(os.path.join(harness.BUILD, "lib", "zooid", "libzooid_*.so")))
#   What an actor has from its context: time, chance, threads, the network.
FORBIDDEN = set("""time clock clock_gettime gettimeofday rand random srand srandom rand_r drand48 getrandom getentropy
    randombytes_buf randombytes_random pthread_create thrd_create socket connect accept poll select epoll_wait sleep usleep
    nanosleep clock_nanosleep""".split())


def output(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def symbols(path, which):
    rows = (line.split() for line in output("nm", "-D", which, path).splitlines())
    names = (row[-1].split("@")[0] for row in rows if row and row[-2] not in ("w", "v", "A"))
    return {name for name in names if not name.startswith("__odr_asan")}    # Marks of the address sanitizer


class Binary(unittest.TestCase):
    def test_command_is_linked_with_no_broker_client(self):
        linked = output("ldd", harness.ZOOID)
        self.assertIn("libzooid", linked)
        self.assertIsNone(CLIENTS.search(linked), linked)

    def test_libraries_export_only_their_own_names(self):
        for path in LIBRARIES:
            foreign = {name for name in symbols(path, "--defined-only") if not name.startswith("zooid_")}
            self.assertFalse(foreign, path)

    def test_modules_export_their_descriptor_alone(self):
        self.assertGreaterEqual(len(MODULES), 7)
        for path in MODULES:
            name = os.path.basename(path)[len("libzooid_"):-len(".so")]
            self.assertEqual(symbols(path, "--defined-only"), {"zooid_module_" + name.replace("-", "_")}, path)

    def test_modules_are_never_unloaded(self):
        for path in MODULES:
            self.assertIn("NODELETE", output("readelf", "-d", path), path)

    def test_actors_take_time_and_chance_from_their_context(self):
        actors = [path for path in MODULES if re.search(r"_(iot|analytics|auth|simulator)\.so$", path)]
        self.assertEqual(len(actors), 4)
        for path in actors:
            self.assertFalse(symbols(path, "--undefined-only") & FORBIDDEN, path)

    def test_everything_is_hardened(self):
        for path in [harness.ZOOID] + LIBRARIES + MODULES:
            dynamic = output("readelf", "-W", "-d", "-l", "-h", path)
            self.assertIn("GNU_RELRO", dynamic, path)
            self.assertRegex(dynamic, r"BIND_NOW|Flags: NOW", path)
            self.assertRegex(dynamic, r"GNU_STACK\s+\S+ \S+ \S+ \S+ \S+ RW ", path)
            self.assertIn("DYN (", dynamic, path)


if __name__ == "__main__":
    harness.main()
