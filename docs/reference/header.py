#!/usr/bin/python3
#   header.py - what doxygen reads instead of a public header: `header.py FILE`
#
#   Headers are written for people: plain comments without a command. What they are to doxygen follows from where they
#   stand:
#
#       the first block     what the file is: `zooid/NAME.h - what it is`, then more. It becomes a group, header_NAME
#       //  ---- title      a group within that one, of all that follows; it goes on behind a colon or a full stop
#       above               what the next declaration does; declarations of a row each, right behind it, share it
#       behind              what the members or enumerators of the row are; it may go on in rows of its own, in its
#                           column. Behind an opening brace: titles of its columns, which are two spaces apart
#
#   In a comment, `code`, "texts" and zooid_names are what they look like: a name that nothing declares is a warning.
#   Lines that are indented are an example behind an empty line, and go on with a definition behind a word with two
#   spaces after it.
#
#   Every line keeps its number. What doxygen would not miss is said here, on standard error, which ./dev takes for a
#   warning.
import os
import re
import sys

ROW = re.compile(r'((?:[^"\'/]|/(?!/)|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')*?)(\s*)(?://(?:  )?(.*))?$')
CODE = r'(?P<text>"[^"\n]*")|(?P<name>\b(?:zooid_[a-z0-9_]*[a-z0-9]|ZOOID_[A-Z0-9_]*[A-Z0-9])\b(?!=))'
TERM = r"(?P<code>`[^`]+`)|(?P<pointer>(?<![\w*])\*+[a-z]\w+)|(?P<any>\[any\])|\bzooid/(?P<header>\w+)\.h\b|" + CODE
EXAMPLE, DEFINITION = "    ", re.compile(r"([A-Z]\w+)  +(.*)")


def escape(text):
    """What doxygen would take for a command, a tag, a dash, or the address of a page."""
    return re.sub(r"\bfile:", "%file:", re.sub(r"--+|[\\@&$#<>%]", r"\\\g<0>", text))


def term(found):
    text = found[0]
    return {"code": lambda: f"<code>{prose(text[1:-1], CODE)}</code>",
            "pointer": lambda: f"<code>{prose(text, CODE)}</code>",
            "any": lambda: f'@ref header_result "{text}"',
            "header": lambda: f'@ref header_{found["header"]} "{text}"',
            "text": lambda: escape(text),
            "name": lambda: f'@ref {text} "{text}"'}[found.lastgroup]()


def prose(text, terms=TERM):
    """The text of a comment, with links."""
    done, at = "", 0
    for found in [*re.finditer(terms, text), None]:
        plain = text[at:found.start() if found else len(text)]
        done += re.sub(r"\*|(?<!\w)_", r"\\\g<0>", escape(plain)) + (term(found) if found else "")
        at = found.end() if found else at
    return done


def sentence(text):
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?" else ".")


def described(lines):
    """The lines of a comment, as many: prose, and the examples and definitions that are in it."""
    done, plain, inside = [], [], None
    ends = {None: "", EXAMPLE: "@endcode", DEFINITION: "</dd></dl>"}

    def flush():
        done.extend(prose("\n".join(plain)).split("\n") if plain else [])
        plain.clear()

    for line, behind in zip(lines, lines[1:] + [""]):
        definition = DEFINITION.match(line)
        if inside is EXAMPLE and (line or behind.startswith(EXAMPLE)):
            done.append(line)
        elif not line:
            flush()
            inside, ended = EXAMPLE if behind.startswith(EXAMPLE) else None, ends[inside]
            done.append(ended + ("@code{.c}" if inside else ""))
        elif definition:
            flush()
            done.append(("</dd>" if inside else "<dl>") + f"<dt>{definition[1]}</dt><dd>{prose(definition[2])}")
            inside = DEFINITION
        elif inside is DEFINITION:
            done.append(prose(line.strip()))
        else:
            plain.append(line)
    flush()
    done[-1] += (" \\ilinebr " if inside else "") + ends[inside]
    return done


def block(lines, first="", last=""):
    """A comment for doxygen, of as many lines."""
    lines = [" *  " + line for line in described(lines)]
    lines[0] = "/** " + first + lines[0][4:]
    lines[-1] += last + " */"
    return lines


def behind(row, text):
    """The row with the text behind each of what it declares: "int a, b;" is two."""
    parts, depth = [""], 0
    for sign in row:
        depth += (sign in "([{") - (sign in ")]}")
        parts[-1] += sign
        if sign in ",;" and depth == 0:
            parts.append("")
    return "".join(f"{part} /**< @brief {text} */" for part in parts if part.strip())


class Header:
    def __init__(self, path, text, complain):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.rows = [ROW.match(line).groups() for line in text.rstrip("\n").split("\n")]
        self.at = 0
        self.complain = lambda what, at: complain(f"{path}:{at + 1}: {what}")
        self.out = []
        self.groups = 0         # That are open
        self.inside = []        # What the open braces are: "struct", "union", "enum", "body"
        self.titles = []        # Of the columns of comments within them
        self.above = None       # The comment right above
        self.shared = None      # The comment above the row above, which goes on for rows like it
        self.begun = False      # The row above began a declaration and did not end it

    def comment(self):
        """The text of a row that is a comment and no more, else None."""
        return self.rows[self.at][2] if self.at < len(self.rows) and not self.rows[self.at][0] else None

    def read(self):
        if self.comment() is None:
            self.complain("it does not begin with a comment", 0)
        while self.at < len(self.rows):
            code, _, comment = self.rows[self.at]
            if not code and comment is not None:
                self.read_comment()
            elif not code:
                self.above = self.shared = None
                self.out.append("")
                self.at += 1
            elif code.startswith("#"):
                self.read_directive()
            else:
                self.read_row()
        return "\n".join(self.out + ["/** @} */"] * self.groups) + "\n"

    def read_comment(self):
        begin, lines = self.at, []
        while self.comment() is not None:
            lines.append(self.comment())
            self.at += 1
        if "body" in self.inside:
            self.out += [""] * len(lines)
        elif begin == 0:
            self.describe(lines)
        elif lines[0].startswith("---- "):
            self.divide(lines)
        else:
            if self.at == len(self.rows) or re.match(r"\s*(\}|$)", self.rows[self.at][0]):
                self.complain("a comment above nothing", begin)
            self.out += block(lines, "@brief " if self.inside else "")
            self.above = " ".join(lines)

    def describe(self, lines):
        name, _, brief = lines[0].partition(" - ")
        if name != f"zooid/{self.name}.h" or not brief:
            self.complain("the first line is to be `zooid/NAME.h - what it is`", 0)
        brief = f"\\ilinebr @brief {prose(sentence(brief))}"
        self.out += block([""] + lines[1:], f"@file zooid/{self.name}.h {brief} */ "
                          f"/** @defgroup header_{self.name} zooid/{self.name}.h {brief}", " \\ilinebr @{")
        self.groups = 1

    def divide(self, lines):
        title, more = re.match(r"-+ +(.*?)(?:[:.] +(.*))?$", lines[0]).groups()
        label = re.sub(r"\W+", "_", f"header_{self.name} {title}".lower())
        ended, brief = "@} */ /** " if self.groups > 1 else "", "@brief " if more else ""
        self.out += block([sentence(more or "")] + lines[1:],
                          f"{ended}@defgroup {label} {sentence(title)[:-1]} \\ilinebr {brief}", " \\ilinebr @{")
        self.groups = 2

    def read_directive(self):
        code, _, comment = self.rows[self.at]
        rows = [code]
        while rows[-1].endswith("\\"):
            rows.append(self.rows[self.at + len(rows)][0])
        if re.match(r"#\s*define\b", code):
            self.take(rows, comment, len(rows) == 1)
        self.out += rows
        self.at += len(rows)

    def read_row(self):
        code, _, comment = self.rows[self.at]
        opened = code.count("{") - code.count("}")
        if opened < 0:
            self.inside.pop()
            self.titles = []
        where = self.inside[-1] if self.inside else None
        first = not self.begun and opened >= 0
        self.begun = not (code.endswith(";") or where == "enum" or opened)
        whole = first and not self.begun and not opened
        kind = re.match(r"\s*(?:typedef\s+)?(struct|union|enum)\b[^(]*$", code)
        kind = kind[1] if kind else "body"
        rows, told = [code], True
        if where != "body":
            if first:
                told = self.take(rows, None if opened else comment, whole)
            if where and comment is not None and opened <= 0:
                self.member(rows, whole)
            elif comment is not None and not first:
                self.complain("a comment behind the end of a declaration", self.at)
            elif kind == "enum":    #   Several on a row, here and below: what is said of the whole is said of them
                rows[0] = re.sub(r"\{(.*)\}", lambda found: "{" + behind(found[1], "&zwj;") + "}", rows[0])
            elif where == "enum" and not told and code.count(",") > 1:
                rows[0], told = behind(code, "&zwj;"), True
            if not told and "enum" in (where, kind):
                self.complain("an enumeration, or an enumerator, without a comment", self.at)
        if opened > 0:
            self.inside.append(kind)
            self.titles = re.split(" {2,}", comment) if comment else []
        self.out += rows
        self.at += len(rows)

    def take(self, rows, comment, whole):
        """A declaration begins. The comment is above it, or behind it, or shared with the row above."""
        shared = self.shared if whole and self.above is None and comment is None else None
        text = shared if self.inside else comment or shared
        if text is not None:
            rows[0] = f"/** {'@brief ' if self.inside else ''}{prose(text)} */ {rows[0]}"
        told = self.above or comment or shared
        self.above, self.shared = None, (self.above or shared) if whole else None
        return told

    def member(self, rows, whole):
        """Put the comment behind a row, which may go on in rows of its own, behind each of what the row declares."""
        code, space, text = self.rows[self.at]
        while True:
            more, indent, comment = (self.rows + [("", "", None)])[self.at + len(rows)]
            if more or comment is None or len(indent) != len(code + space):
                break
            text += " " + comment
            rows.append("")
        if self.titles:
            text = "; ".join(f"{title}: {cell}" for title, cell in zip(self.titles, re.split(" {2,}", text)))
        #   One within another has a page of its own if it has a name, which doxygen links and does not write.
        rows[0] = re.sub(r"\b(struct|union) \w+ \{", r"\1 {", rows[0])
        rows[0] = behind(rows[0], prose(text)) if whole else f"{rows[0]} /**< @brief {prose(text)} */"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(Header(sys.argv[1], file.read(), lambda what: print(what, file=sys.stderr)).read())
