"""Every test is run, every folder is explained."""

import re

TEST_FOLDERS = re.compile(r"weir_tests\(\s*\w+\s+FOLDER\s+(\S+)")
GUARD = "#pragma once"

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
    """README.md says what is in a folder and where to begin. Small folders may share one page: that of the nearest
    folder above them that has one, if it names each of them, as `name/`."""
    for folder in sorted({file.folder for file in tree.files.values() if _is_code(file)}):
        page, name = _nearest_page(tree, folder)
        if name and f"`{name}/`" not in page:
            yield folder, 1, "has no README.md, nor does the nearest one above name it"


def _is_code(file):
    return file.folder and (file.suffix in (".h", ".cc", ".py", ".cmake") or file.path.endswith("/CMakeLists.txt"))


def _nearest_page(tree, folder):
    """The text of the README that is nearest above the folder, and what it has to call the folder: nothing if it is the
    folder's own."""
    above = folder
    while above and f"{above}/README.md" not in tree.files:
        above = above.rpartition("/")[0]
    page = tree.files.get(f"{above}/README.md")
    return page.text if above else "", folder.removeprefix(above).strip("/")


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
