#!/usr/bin/python3
#   page.py - what doxygen reads instead of a page of the documentation: `page.py FILE`, from the top of the tree
#
#   Links lead from file to file, as they do wherever the tree is shown. Here they become references: to the page, or to
#   the group of a public header (header.py). What is not part of the reference is not linked; what a header declares
#   is, where it stands as code. A page stands below the README of its folder, and that below the one above it.
import glob
import os
import re
import sys

import header

MAIN = "README.md"
HEADERS = "runtime/include/zooid"
LINK = re.compile(r"(?<!!)\[((?:`[^`]*`|[^\[\]`])*)\]\(([^)\s#]*)[^)\s]*\)")


def is_page(path):
    return path == MAIN or path.startswith("docs/") and path.endswith(".md") and os.path.isfile(path)


def label(path):
    return "index" if path == MAIN else "page_" + re.sub(r"\W", "_", path[:-3])


def parent(path):
    folder, name = os.path.split(path)
    return os.path.join(os.path.dirname(folder) if name == "README.md" else folder, "README.md")


def declared():
    """What stands in the public headers, outside of comments."""
    names = set()
    for name in glob.glob(f"{HEADERS}/*.h"):
        with open(name, encoding="utf-8") as file:
            names.update(*(re.findall(r"\w+", header.ROW.match(line)[1]) for line in file.read().split("\n")))
    return {name for name in names if name.lower().startswith("zooid_")}


def page(path, text, names):
    below = set()

    def link(found):
        title, target = found.groups()
        if re.match(r"\w+:", target):
            return found.group()
        target = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
        group = re.fullmatch(HEADERS + r"(?:/(\w+)\.h)?", target)
        if os.path.isdir(target):
            target += "/README.md"
        if not group and not is_page(target):
            return title
        title = title.replace("`", "")
        if group:
            return f'@ref header_{group[1]} "{title}"' if group[1] else f'<a href="modules.html">{title}</a>'
        first = parent(target) == path and target not in below
        below.add(target)
        return f'{"@subpage" if first else "@ref"} {label(target)} "{title}"'

    def name(found):
        known = found[1] in names or found[1].startswith("file:")
        return f"<code>{header.prose(found[1], header.CODE)}</code>" if known else found[0]

    pieces = re.split(r"(^```.*?^```)", text, flags=re.DOTALL | re.MULTILINE)
    pieces[::2] = [re.sub(r"`(\w+|file:[^`]+)`", name, LINK.sub(link, piece)) for piece in pieces[::2]]
    return re.sub(r"\A(# .*)", rf"\1 {{#{'mainpage' if path == MAIN else label(path)}}}", "".join(pieces))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(page(os.path.relpath(sys.argv[1]), file.read(), declared()))
