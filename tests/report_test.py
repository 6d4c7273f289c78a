#!/usr/bin/python3
#   report_test.py - what tests/report.py makes of a run: nothing that failed, or was left out in silence, may look well
import io
import os
import sys
import tempfile
import unittest
from contextlib import redirect_stdout

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
import report


def run(cases, skips=""):
    """(exit code, lines) of a report of such testcase elements."""
    with tempfile.TemporaryDirectory() as folder:
        path, listed = os.path.join(folder, "release.xml"), os.path.join(folder, "skips.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("<testsuite>" + "".join(cases) + "</testsuite>")
        with open(listed, "w", encoding="utf-8") as file:
            file.write(skips)
        out = io.StringIO()
        saved, sys.argv = sys.argv, ["report.py", "--skips", listed, path]
        try:
            with redirect_stdout(out):
                report.main()
        except SystemExit as end:
            return end.code, out.getvalue().splitlines()
        finally:
            sys.argv = saved


def case(name, status, output="", inside=""):
    return f'<testcase name="{name}" status="{status}">{inside}<system-out>{output}</system-out></testcase>'


CMOCKA = "[ RUN      ] test_a\n[       OK ] test_a\n[ RUN      ] test_b\n[  {} ] test_b\n[  PASSED  ] 1 test(s).\n"
SKIP = '<skipped message="SKIP_RETURN_CODE=77"/>'


class Report(unittest.TestCase):
    def test_report_counts_the_cases_of_a_program(self):
        self.assertEqual(run([case("a", "run", CMOCKA.format("     OK")), case("b", "run")]), (0, ["3 passed, 0 failed, 0 skipped"]))

    def test_report_fails_when_a_case_failed(self):
        code, lines = run([case("a", "fail", CMOCKA.format("FAILED "))])
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_report_fails_when_a_program_died_after_its_cases(self):
        code, lines = run([case("a", "fail", CMOCKA.format("     OK"))])
        self.assertEqual((code, lines[-1]), (1, "2 passed, 1 failed, 0 skipped"))

    def test_report_fails_when_a_program_was_not_run(self):
        self.assertEqual(run([case("a", "notrun")])[0], 1)
        self.assertEqual(run([case("a", "disabled")])[0], 1)

    def test_report_fails_when_nothing_was_run(self):
        self.assertEqual(run([])[0], 1)

    def test_report_fails_at_a_skip_that_is_not_listed(self):
        code, lines = run([case("a", "run", CMOCKA.format("SKIPPED"))])
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_report_counts_a_skip_that_is_listed(self):
        code, lines = run([case("a", "run", CMOCKA.format("SKIPPED"))], "a/test_b   why\n")
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))

    def test_report_counts_a_program_that_skipped_everything(self):
        output = "[ RUN      ] test_a\n[  SKIPPED ] test_a\n"
        self.assertEqual(run([case("a", "notrun", output, SKIP)])[0], 1)
        code, lines = run([case("a", "notrun", output, SKIP)], "a/test_a   why\n")
        self.assertEqual((code, lines[-1]), (0, "0 passed, 0 failed, 1 skipped"))


if __name__ == "__main__":
    harness.main()
