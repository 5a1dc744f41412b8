"""Every test is run, every folder is explained."""

import re

TEST_FOLDERS = re.compile(r"weir_tests\(\s*\w+\s+FOLDER\s+(\S+)")
GUARD = "#pragma once"

# Folders whose README stands elsewhere, and why.
EXPLAINED_ELSEWHERE = {
    "tools/kafka_broker": "tools/README.md is for users, __init__.py gives the reading order",
    "benchmarks": "one page for all benchmarks",
    "tests": "tests/README.md has a line for each folder; larger ones have a page of their own",
    "tools/test_shares": "tools/README.md is for users, __init__.py gives the reading order",
}


def every_test_is_in_a_target(tree):
    """A *_test.cc below no folder that tests/CMakeLists.txt names would never run, nor would a *_test.py."""
    registered = tree.files["tests/CMakeLists.txt"].text
    folders = tuple(f"tests/{folder}/" for folder in TEST_FOLDERS.findall(registered))
    for path in tree.files:
        if path.endswith("_test.cc") and not path.startswith(folders):
            yield path, 1, "is in no weir_tests() of tests/CMakeLists.txt"
        elif path.startswith("tests/") and path.endswith("_test.py") and path.removeprefix("tests/") not in registered:
            yield path, 1, "is in no add_test() of tests/CMakeLists.txt"


def every_folder_has_a_readme(tree):
    """README.md says what is in a folder and where to begin."""
    folders = {file.folder for file in tree.files.values() if file.is_source or file.suffix == ".py"}
    for folder in sorted(folders):
        covered = any(folder == known or (folder + "/").startswith(known + "/") for known in EXPLAINED_ELSEWHERE)
        if f"{folder}/README.md" not in tree.files and not covered:
            yield folder, 1, "has no README.md"
    page = tree.files["tests/README.md"].text if "tests/README.md" in tree.files else ""
    for folder in sorted({"/".join(folder.split("/")[:2]) for folder in folders if folder.startswith("tests/")}):
        if f"`{folder.removeprefix('tests/')}/`" not in page:
            yield folder, 1, "is not named in tests/README.md"


def headers_are_guarded(tree):
    """Each header can be included twice."""
    for file in tree.sources:
        if file.suffix == ".h" and GUARD not in file.lines:
            yield file.path, 1, f"has no {GUARD}"


def names_say_what_is_inside(tree):
    """No file is a drawer for whatever has no place."""
    drawers = re.compile(r"(?:^|_)(?:utils?|helpers?|common|manager|impl|misc)(?:_test)?\.(?:h|cc|py)$")
    for path in tree.files:
        if drawers.search(path.rpartition("/")[2]):
            yield path, 1, "is named for no subject; name it after what it gives"
