#!/usr/bin/python3
#   page_test.py - what page.py makes of the links of a page
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tests"))
import harness
import page


class Page(unittest.TestCase):
    def setUp(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(harness.ROOT)

    def reads(self, path, text, wanted):
        self.assertEqual(page.page(path, text, page.declared()), wanted)

    def test_title_has_a_label_of_the_path(self):
        self.reads("docs/guide/README.md", "# A guide\n# No title\n", "# A guide {#page_docs_guide_README}\n# No title\n")
        self.reads("README.md", "# Zooid\n", "# Zooid {#mainpage}\n")

    def test_link_to_a_page_is_a_reference(self):
        self.reads("docs/guide/bridges.md", "[it](topology.md#keys), [top](../../README.md)",
                   '@ref page_docs_guide_topology "it", @ref index "top"')

    def test_first_link_to_a_page_of_the_folder_puts_it_below_the_readme(self):
        self.reads("docs/guide/README.md", "[it](topology.md), [it](topology.md), [up](../README.md), [protocol](../protocol)",
                   '@subpage page_docs_guide_topology "it", @ref page_docs_guide_topology "it", @ref page_docs_README "up", '
                   '@ref page_docs_protocol_README "protocol"')
        self.reads("docs/README.md", "[protocol](protocol/)", '@subpage page_docs_protocol_README "protocol"')

    def test_link_to_a_header_is_a_reference(self):
        self.reads("docs/README.md", "[`zooid/actor.h`](../runtime/include/zooid/actor.h), [all](../runtime/include/zooid)",
                   '@ref header_actor "zooid/actor.h", <a href="modules.html">all</a>')

    def test_name_that_a_header_declares_is_a_reference_where_it_is_code(self):
        self.reads("docs/README.md", "`zooid_ask`, zooid_ask, `ZOOID_FULL`, `zooid_none`, `ZOOID_WIRE`, `zooid_ask (x)`, `file:1: no`",
                   '<code>@ref zooid_ask "zooid_ask"</code>, zooid_ask, <code>@ref ZOOID_FULL "ZOOID_FULL"</code>, `zooid_none`, '
                   "`ZOOID_WIRE`, `zooid_ask (x)`, <code>%file:1: no</code>")

    def test_link_to_what_is_not_part_of_it_is_text(self):
        self.reads("README.md", "[licence](LICENSE), [tests](tests/README.md), [`runtime`](runtime)", "licence, tests, `runtime`")

    def test_other_links_and_images_and_code_stay(self):
        text = "[x](https://example.org/a.md) ![A path](docs/architecture/path.svg)\n```c\n[it](topology.md) `zooid_ask`\n```\n"
        self.reads("docs/README.md", text, text)


if __name__ == "__main__":
    harness.main()
