"""The files of the source tree, as the rules see them."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", ".git", ".weir", "__pycache__", ".pytest_cache", "node_modules"}
SOURCES = {".h", ".cc"}
TEXTS = SOURCES | {".py", ".cmake", ".txt", ".md", ".json", ".sh", ".supp", ".yaml", ".in", ""}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.MULTILINE)
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


@dataclass(frozen=True)
class File:
    """One file: its path inside the tree (with slashes) and what is in it."""

    path: str
    text: str

    @property
    def folder(self):
        return self.path.rpartition("/")[0]

    @property
    def suffix(self):
        name = self.path.rpartition("/")[2]
        return "." + name.rpartition(".")[2] if "." in name[1:] else ""

    @property
    def is_source(self):
        return self.suffix in SOURCES

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        """The text with comments and string literals blanked out; lines stay where they are."""
        return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), self.text)

    @cached_property
    def includes(self):
        """(line number, '"' or '<', path) of each."""
        return [(self.text.count("\n", 0, match.start(2)) + 1, match[1], match[2])
                for match in INCLUDE.finditer(self.text)]


class Tree:
    """All text files of ours. Tests of the rules make one of `File`s of their own."""

    def __init__(self, files):
        self.files = {file.path: file for file in files}

    @staticmethod
    def read(root=ROOT):
        return Tree(File(path.relative_to(root).as_posix(), text) for path, text in _texts(root))

    @property
    def sources(self):
        return [file for file in self.files.values() if file.is_source]

    def below(self, *folders):
        return [file for file in self.files.values() if file.path.startswith(tuple(f"{name}/" for name in folders))]


def _texts(folder):
    for entry in sorted(folder.iterdir()):
        if entry.name in NOT_OURS or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.suffix in TEXTS:
            try:
                yield entry, entry.read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):
                continue   # No text, or an editor's temporary file that has just gone.
