"""Small files, short lines."""

HEADER_LINES_MAX = 220
SOURCE_LINES_MAX = 400
TEST_LINES_MAX = 600
LINE_CHARACTERS_MAX = 152  # The aim is 100; what is longer than 120 is to be wrapped when next touched.
TEXT_LINES_MAX = 400     # Python, CMake


def files_are_small(tree):
    """A file that has outgrown its limit has two subjects."""
    for file in tree.files.values():
        limit = _limit(file)
        if limit and len(file.lines) > limit:
            yield file.path, limit, f"has {len(file.lines)} lines, more than {limit}: split it by subject"


def lines_are_short(tree):
    """No line needs a wide window."""
    for file in tree.files.values():
        if _limit(file) is None:
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > LINE_CHARACTERS_MAX:
                yield file.path, number, f"has {len(line)} characters, more than {LINE_CHARACTERS_MAX}: wrap it"


def _limit(file):
    if file.suffix == ".h":
        return HEADER_LINES_MAX
    if file.suffix == ".cc":
        return TEST_LINES_MAX if file.path.startswith("tests/") else SOURCE_LINES_MAX
    if file.suffix in (".py", ".cmake") or file.path.endswith("CMakeLists.txt"):
        return TEXT_LINES_MAX
    return None
