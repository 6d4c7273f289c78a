#!/usr/bin/python3
#   header_test.py - what header.py makes of a public header: each comment where it belongs, and no declaration touched
import os
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tests"))
import harness
import header

FIRST = "//  zooid/x.h - what it is"


def read(*lines):
    """(lines behind the first comment and its empty line, complaints)"""
    wrong = []
    out = header.Header("zooid/x.h", "\n".join([FIRST, "", *lines]) + "\n", wrong.append).read().split("\n")
    return [line for line in out[2:] if line and line != "/** @} */"], wrong


def bare(text):
    """A header without its comments and white space."""
    return re.sub(r"\s", "", re.sub(r'//[^\n]*|/\*.*?\*/|("(?:\\.|[^"\\])*")', lambda found: found[1] or "", text, flags=re.DOTALL))


class Test(unittest.TestCase):
    def reads(self, lines, wanted, complaints=()):
        self.assertEqual(read(*lines), (list(wanted), list(complaints)))


class Place(Test):
    def test_comment_above_is_of_the_next_declaration(self):
        self.reads(["//  Queue it.", "//  And go on.", "ZOOID_EXPORT int", "    zooid_tell (int to,", "                int from);"],
                   ["/** Queue it.", " *  And go on. */", "ZOOID_EXPORT int", "    zooid_tell (int to,", "                int from);"])

    def test_comment_above_is_shared_by_declarations_of_a_row(self):
        self.reads(["//  Bind.", "void a (int);", "void b (int);", "//  Read.", "#define C(x) (x)", "#define D(x) (x)"],
                   ["/** Bind. */", "void a (int);", "/** Bind. */ void b (int);", "/** Read. */", "#define C(x) (x)", "/** Read. */ #define D(x) (x)"])

    def test_comment_above_is_not_shared_past_an_empty_line_or_by_longer_declarations(self):
        lines = ["void b (int);", "ZOOID_EXPORT void", "    c (int);", "//  Read.", "#define D(x) \\", "    (x)", "#define E 1",
                 "//  F.", "void f (void);"]
        self.reads(["//  Bind.", "void a (int);", "", *lines],
                   ["/** Bind. */", "void a (int);", *lines[:3], "/** Read. */", *lines[4:7], "/** F. */", "void f (void);"])

    def test_comment_behind_is_of_all_that_its_row_declares(self):
        self.reads(["//  It.", "typedef struct {", "    char *a, b [2];     //  Two", "    int (*run) (int a, int b);  //  Call",
                    "    const struct y { int a, b; } *c;     //  Pair", "} x_t;"],
                   ["/** It. */", "typedef struct {", "    char *a, /**< @brief Two */ b [2]; /**< @brief Two */",
                    "    int (*run) (int a, int b); /**< @brief Call */", "    const struct { int a, b; } *c; /**< @brief Pair */", "} x_t;"])

    def test_comment_behind_goes_on_in_its_column(self):
        self.reads(["//  It.", "struct x {", "    int a;      //  One,", "                //  and more", "    //  Above.", "    int b;", "};"],
                   ["/** It. */", "struct x {", "    int a; /**< @brief One, and more */", "/** @brief Above. */",
                    "    int b;", "};"])

    def test_comment_behind_the_last_row_of_a_member_is_of_it(self):
        self.reads(["//  It.", "struct x {", "    int (*a) (int b,", "              int c);       //  Call", "};"],
                   ["/** It. */", "struct x {", "    int (*a) (int b,", "              int c); /**< @brief Call */", "};"])

    def test_comment_above_a_member_is_shared_like_any(self):
        self.reads(["//  It.", "struct x {", "    //  Both.", "    int a;", "    int b;", "    int c;      //  Alone", "    int d;", "};"],
                   ["/** It. */", "struct x {", "/** @brief Both. */", "    int a;", "/** @brief Both. */     int b;",
                    "    int c; /**< @brief Alone */", "    int d;", "};"])

    def test_comment_behind_a_brace_has_titles_of_columns(self):
        self.reads(["//  Types.", "typedef enum {      //  C type  JSON", "    A = 1,          //  bool    true, false",
                    "    B               //  char *  string", "} x_t;"],
                   ["/** Types. */", "typedef enum {", "    A = 1, /**< @brief C type: bool; JSON: true, false */",
                    "    B /**< @brief C type: char \\*; JSON: string */", "} x_t;"])

    def test_enumerators_that_share_a_row_can_be_linked(self):
        self.reads(["//  Both.", "typedef enum { A = 1, B } x_t;"],
                   ["/** Both. */", "typedef enum { A = 1, /**< @brief &zwj; */ B  /**< @brief &zwj; */} x_t;"])
        self.reads(["//  All.", "enum {", "    A, B,", "    C,     //  One", "};"],
                   ["/** All. */", "enum {", "    A, /**< @brief &zwj; */ B, /**< @brief &zwj; */", "    C, /**< @brief One */", "};"])

    def test_comments_within_a_function_are_left_out(self):
        begin, end = ["static inline bool", "x (int a)", "{"], ["}", "//  Next.", "void y (void);"]
        self.reads(["//  Is it?", *begin, "    //  Why", "    return a == '\"';     //  So", *end],
                   ["/** Is it? */", *begin, "    return a == '\"';", "}", "/** Next. */", "void y (void);"])


class Group(Test):
    def test_first_comment_describes_the_file_and_a_group(self):
        wrong = []
        text = "//  zooid/x.h - what it is\n//\n//  More.\n#ifndef X\n"
        self.assertEqual(header.Header("a/zooid/x.h", text, wrong.append).read().split("\n"), [
            "/** @file zooid/x.h \\ilinebr @brief What it is. */ /** @defgroup header_x zooid/x.h \\ilinebr @brief What it is.",
            " *  ", " *  More. \\ilinebr @{ */", "#ifndef X", "/** @} */", ""])
        self.assertEqual(wrong, [])

    def test_section_is_a_group_until_the_next(self):
        self.reads(["//  ---- tell and ask", "", "//  ---- time and chance: not ours", ""],
                   ["/** @defgroup header_x_tell_and_ask Tell and ask \\ilinebr  \\ilinebr @{ */",
                    "/** @} */ /** @defgroup header_x_time_and_chance Time and chance \\ilinebr @brief Not ours. \\ilinebr @{ */"])


class Words(Test):
    def prose(self, text, wanted):
        self.assertEqual(header.prose(text), wanted)

    def test_names_are_links(self):
        self.prose("ZOOID_FULL: as zooid_ask (see zooid/log.h). [any]", '@ref ZOOID_FULL "ZOOID_FULL": as @ref zooid_ask "zooid_ask" '
                   '(see @ref header_log "zooid/log.h"). @ref header_result "[any]"')

    def test_variables_of_the_environment_are_no_names(self):
        self.prose("ZOOID_WIRE=1, zooid_module_NAME, libzooid_x", "ZOOID_WIRE=1, zooid_module_NAME, libzooid_x")

    def test_code_is_code_with_its_links(self):
        self.prose("`T **x_p` and *ret_why: `return zooid_fail (x)`",
                   '<code>T \\*\\*x_p</code> and <code>\\*ret_why</code>: <code>return @ref zooid_fail "zooid_fail" (x)</code>')

    def test_nothing_else_is_a_command(self):
        self.prose('< 0 & > 1, 50%, #x, a@b, \\n, --set, _fail, 2 * 3, file:1, "@ * `"',
                   '\\< 0 \\& \\> 1, 50\\%, \\#x, a\\@b, \\\\n, \\--set, \\_fail, 2 \\* 3, %file:1, "\\@ * `"')

    def test_example_is_code(self):
        self.assertEqual(header.described(["So:", "", "    a (b);", "", "    c (*d);", "", "And on"]),
                         ["So:", "@code{.c}", "    a (b);", "", "    c (*d);", "@endcode", "And on"])
        self.assertEqual(header.described(["So:", "", "    a (b);"]), ["So:", "@code{.c}", "    a (b); \\ilinebr @endcode"])

    def test_definitions_are_a_list(self):
        self.assertEqual(header.described(["All:", "", "Results    0 done.", "           < 0 a fault", "Threads    one", "", "More"]),
                         ["All:", "", "<dl><dt>Results</dt><dd>0 done.", "\\< 0 a fault", "</dd><dt>Threads</dt><dd>one", "</dd></dl>", "More"])


class Complaint(Test):
    def complains(self, lines, at, words):
        out, wrong = read(*lines)
        self.assertEqual(len(wrong), 1, wrong)
        self.assertRegex(wrong[0], rf"^zooid/x\.h:{at + 2}: .*{words}")

    def test_comment_above_nothing_is_wrong(self):
        self.complains(["//  Of what?", "", "void a (void);"], 1, "above nothing")
        self.complains(["//  It.", "struct x {", "    int a;      //  One", "    //  Of what?", "};"], 4, "above nothing")

    def test_comment_behind_nothing_is_wrong(self):
        self.complains(["//  It.", "struct x {", "    int a;      //  One", "};    //  What?"], 4, "behind the end")
        self.complains(["//  It.", "int", "    a (void);      //  What?"], 3, "behind the end")

    def test_enumeration_without_a_comment_is_wrong(self):
        self.complains(["enum { A = 1 };"], 1, "without a comment")
        self.complains(["//  It.", "enum {", "    A,     //  One", "    B", "};"], 4, "without a comment")

    def test_first_comment_that_names_another_file_or_is_none_is_wrong(self):
        wrong = []
        header.Header("zooid/y.h", FIRST + "\n", wrong.append).read()
        header.Header("zooid/x.h", "int a;\n", wrong.append).read()
        self.assertEqual([row[:12] for row in wrong], ["zooid/y.h:1:", "zooid/x.h:1:"])


class Tree(Test):
    def test_no_declaration_is_touched_and_every_line_keeps_its_number(self):
        folder = os.path.join(harness.ROOT, "runtime/include/zooid")
        names = [name for name in sorted(os.listdir(folder)) if name.endswith(".h")]
        self.assertGreater(len(names), 10)
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            text = re.sub(r"(?m)^( .*\bstruct) \w+ \{", r"\1 {", text)
            out = header.Header(name, text, lambda what: None).read()
            self.assertEqual(bare(out), bare(text), name)
            for number, (before, behind) in enumerate(zip(text.split("\n"), out.split("\n")), 1):
                self.assertEqual(re.sub(r"^ \*.*|/\*\*.*?(?:\*/|$)|\s", "", behind), bare(before), f"{name}:{number}")


if __name__ == "__main__":
    harness.main()
