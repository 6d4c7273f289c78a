#!/usr/bin/python3
#   report.py - what a run of the tests came to, read from CTest's JUnit files
#
#   A test program that prints its cases in cmocka's form counts by case, any other as one. A skip that is not on the
#   list is a failure. The last line is the sum, alone.
import argparse
import re
import sys
import xml.etree.ElementTree

CASE = re.compile(r"^\[\s*(OK|SKIPPED|FAILED|ERROR)\s*\] (?!\d+ test)([A-Za-z_]\w*)(.*)$", re.MULTILINE)


def cases(path):
    """(name, passed | failed | skipped, output) of each case in one file."""
    for element in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name, status = element.get("name"), element.get("status")
        output = element.findtext("system-out") or ""
        found = {}
        for word, case, _ in CASE.findall(output):
            word = {"OK": "passed", "SKIPPED": "skipped"}.get(word, "failed")
            if found.get(case) != "failed":
                found[case] = word
        if status == "run" and found:
            yield from ((f"{name}/{case}", word, output) for case, word in found.items())
        elif status == "run":
            yield name, "passed", output
        elif status == "notrun" and "SKIP_RETURN_CODE" in "".join(part.get("message", "") for part in element.iter("skipped")):
            yield from ((f"{name}/{case}", "skipped", output) for case in found or ["all"])
        else:
            #   The cases of a program that failed: those it had passed count, and it as a whole did not.
            yield from ((f"{name}/{case}", word, output) for case, word in found.items())
            if "failed" not in found.values():
                yield name, "failed", output


def allowed(path):
    """The names on the list of skips; behind a name is why."""
    with open(path, encoding="utf-8") as file:
        return {line.split()[0] for line in file if line.strip() and not line.startswith("#")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--skips")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    count = {"passed": 0, "failed": 0, "skipped": 0}
    listed = allowed(options.skips) if options.skips else set()
    for path in options.files:
        suite = path.rsplit("/", 1)[-1].removesuffix(".xml")
        shown = set()
        for name, word, output in cases(path):
            if word == "skipped" and options.skips and name not in listed:
                print(f"{suite}: {name}: skipped, and not on {options.skips}")
                word = "failed"
            elif word == "skipped" and not options.brief:
                print(f"{suite}: {name}: skipped")
            elif word == "failed":
                print(f"{suite}: {name}: FAILED")
                test = name.split("/")[0]
                if options.brief and test not in shown:
                    shown.add(test)
                    print("\n".join("    " + line for line in output.splitlines()[-80:]))
            count[word] += 1
    if not sum(count.values()):
        print("no test ran")
        count["failed"] = 1
    print("    " * options.brief + "{passed} passed, {failed} failed, {skipped} skipped".format(**count), flush=True)
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
