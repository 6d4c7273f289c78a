#!/usr/bin/python3
#   source_test.py - the rules of the tree, read from the sources: who includes whom, what every folder has, what no file has
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
STANDARD = {name + ".h" for name in "assert ctype errno float inttypes limits math stdalign stdarg stdatomic stdbool stddef stdint "
                                    "stdio stdlib string time".split()}
#   What bridges share is written once, beside them.
SHARED = {"bridges": "bridges/route/"}
#   120 is the aim; tables may be wider where that keeps a row on a line.
COLUMNS = 160
CODE = (".c", ".h", ".py", ".sh", ".js", ".ts", ".tsx", ".css", ".html")
#   Folders whose parent's README speaks for them.
PART_OF_PARENT = re.compile(r"^(\.ci|runtime/include(/.*)?|runtime/cmake|.*/(seeds|assets|parts)(/.*)?|docs/guide)$")


def tracked():
    """What is, or is about to be, in git."""
    names = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=harness.ROOT, check=True, capture_output=True).stdout
    return [name for name in names.decode().split("\0") if name and os.path.isfile(os.path.join(harness.ROOT, name))]


def read(name):
    with open(os.path.join(harness.ROOT, name), encoding="utf-8", errors="replace") as file:
        return file.read()


FILES = tracked()
SOURCES = [name for name in FILES if name.endswith((".c", ".h"))]


def module_folder(name):
    """actors/iot of actors/iot/store/x.c; gateway of gateway/x.c."""
    parts = name.split("/")
    return parts[0] if parts[0] == "gateway" else "/".join(parts[:2])


def includes(name):
    return INCLUDE.findall(read(name))


def resolve(name, header):
    """The file of ours that a quoted include means: beside it, or by its name somewhere in the tree."""
    beside = os.path.normpath(os.path.join(os.path.dirname(name), header))
    if beside in FILES:
        return [beside]
    return [other for other in SOURCES if other == header or other.endswith("/" + header)]


class Source(unittest.TestCase):
    def none(self, wrong, rule):
        if wrong:
            self.fail(rule + ":\n" + "\n".join(f"  {row}" for row in wrong))

    def test_tree_has_sources(self):
        self.assertGreater(len(SOURCES), 50)

    def test_modules_include_only_the_public_headers_and_their_own(self):
        wrong = []
        for name in SOURCES:
            if name.split("/")[0] not in ("actors", "bridges", "gateway"):
                continue
            own = [module_folder(name) + "/", SHARED.get(name.split("/")[0], module_folder(name))]
            for kind, header in includes(name):
                if header.startswith("zooid/"):
                    if "runtime/include/" + header not in FILES:
                        wrong.append(f"{name}: {header}: no public header")
                    continue
                found = resolve(name, header)
                if kind == '"' and not found:
                    wrong.append(f"{name}: {header}: not found")
                if found and not any(other.startswith(folder) for other in found for folder in own):
                    wrong.append(f"{name}: {header} is of {found[0]}")
        self.none(wrong, "a module may include <zooid/...>, the system's headers and its own")

    def test_runtime_includes_no_module(self):
        wrong = [f"{name}: {header}" for name in SOURCES if name.startswith("runtime/") for kind, header in includes(name)
                 if kind == '"' and not any(other.startswith("runtime/") for other in resolve(name, header))]
        self.none(wrong, "the runtime knows no actor, bridge or gateway")

    def test_core_includes_nothing_of_the_node(self):
        wrong = []
        for name in SOURCES:
            if not name.startswith(("runtime/core/", "runtime/record/")):
                continue
            for kind, header in includes(name):
                if header in ("zooid/node.h", "sqlite3.h", "libfyaml.h", "sodium.h"):
                    wrong.append(f"{name}: {header}")
                elif kind == '"' and not any(other.startswith(("runtime/core/", "runtime/record/")) for other in resolve(name, header)):
                    wrong.append(f"{name}: {header}")
        self.none(wrong, "libzooid never includes what belongs to libzooid_node")

    def test_public_headers_include_only_c_and_each_other(self):
        wrong = [f"{name}: {header}" for name in SOURCES if name.startswith("runtime/include/") for _, header in includes(name)
                 if header not in STANDARD and not header.startswith("zooid/")]
        self.none(wrong, "a public header includes no third party's")

    def test_no_file_is_longer_than_800_lines(self):
        long = [f"{name}: {read(name).count(chr(10))}" for name in FILES if name.endswith(CODE) and read(name).count("\n") > 800]
        self.none(long, "look for the second noun")

    def test_every_folder_has_a_readme(self):
        folders = {"/".join(name.split("/")[:depth]) for name in FILES for depth in range(1, name.count("/") + 1)}
        bare = sorted(folder for folder in folders if not PART_OF_PARENT.match(folder) and folder + "/README.md" not in FILES)
        self.none(bare, "a README.md of at most a screen")

    def test_no_file_names_a_place_of_one_machine(self):
        places = re.compile("/(?:" + "|".join(("wor" + "k", "ro" + "ot", "hom" + r"e/\w+")) + r")/[\w.]|/tm" + r"p/z\b")
        wrong = [f"{name}:{number}: {line.strip()[:100]}" for name in FILES if not name.endswith((".png", ".lock"))
                 for number, line in enumerate(read(name).split("\n"), 1) if places.search(line)]
        self.none(wrong, "no path of a machine")

    def test_no_test_sleeps(self):
        naps = re.compile(r"\b(?:" + "|".join(("u?sleep", "(?:clock_)?nanosleep", r"zclock_sleep", r"time\.sleep", "waitForTimeout")) + r") ?\(")
        wrong = [f"{name}:{number}: {line.strip()}" for name in FILES
                 if name.endswith((".c", ".py", ".js")) and (name.startswith("tests/") or name.endswith("_test.c"))
                 for number, line in enumerate(read(name).split("\n"), 1) if naps.search(line)]
        self.none(wrong, "wait for an event with a deadline")

    def test_lines_are_laid_out_alike(self):
        strip = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
        glued = re.compile(r"\b[A-Za-z_]\w*\(")
        wrong = []
        for name in FILES:
            if not name.endswith(CODE):
                continue
            lines = read(name).split("\n")
            wrong += [f"{name}:{number}: {what}" for number, line in enumerate(lines, 1)
                      for what, found in (("a tab", "\t" in line), ("white space at its end", line != line.rstrip()),
                                          (f"{len(line)} columns", len(line) > COLUMNS)) if found]
            if lines[-1]:
                wrong.append(f"{name}: no end of its last line")
            if name in SOURCES:
                bare = strip.sub('""', read(name)).split("\n")
                wrong += [f"{name}:{number}: no space before the parenthesis: {line.strip()[:80]}" for number, line in enumerate(bare, 1)
                          if not line.lstrip().startswith("#") and glued.search(line)]
        self.none(wrong, "white space")

    def test_links_of_the_documentation_lead_somewhere(self):
        link = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
        wrong = [f"{name}: {target}" for name in FILES if name.endswith(".md") for target in link.findall(read(name))
                 if "://" not in target and not os.path.exists(os.path.join(harness.ROOT, os.path.dirname(name), target))]
        self.none(wrong, "a link to nothing")

    def test_no_word_promises_later_work(self):
        words = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b")
        wrong = [f"{name}:{number}: {line.strip()[:100]}" for name in FILES if name.endswith(CODE) or os.path.basename(name) == "dev"
                 for number, line in enumerate(read(name).split("\n"), 1) if words.search(line)]
        self.none(wrong, "what is to do is in the list of issues")


if __name__ == "__main__":
    harness.main()
