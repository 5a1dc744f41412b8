#!/usr/bin/env python3
"""Damages a small tree in every way that a rule is there for and expects exactly that rule to say so."""

import unittest

import banned
import layout
import sizes
import walls
from tree import File, Tree


def found(rule, *files):
    """(path, line) of what `rule` finds in a tree of these (path, text) pairs."""
    return [(path, line) for path, line, _ in rule(Tree(File(path, text) for path, text in files))]


class Walls(unittest.TestCase):
    def test_an_include_upwards_is_found(self):
        text = '#pragma once\n#include "runtime/base/status.h"\n#include "runtime/task/task.h"\n'
        self.assertEqual(found(walls.dependencies_point_one_way, ("state/table.h", text)), [("state/table.h", 3)])

    def test_an_include_downwards_is_not(self):
        self.assertEqual(found(walls.dependencies_point_one_way,
                               ("environment/main.cc", '#include "runtime/engine/engine.h"\n')), [])

    def test_a_folder_without_a_place_is_found(self):
        self.assertEqual(found(walls.dependencies_point_one_way, ("extras/a.cc", "")), [("extras/a.cc", 1)])

    def test_the_demo_shares_no_code_with_the_engine(self):
        self.assertEqual(found(walls.dependencies_point_one_way,
                               ("tools/demo_support/a.cc", '#include "runtime/base/status.h"\n')),
                         [("tools/demo_support/a.cc", 1)])

    def test_the_order_of_folders_is_an_order(self):
        self.assertEqual(found(walls.order_of_folders_has_no_cycle), [])

    def test_a_library_in_an_installed_header_is_found(self):
        files = [("state/a.h", "#include <rocksdb/db.h>\n"), ("state/b.cc", "#include <rocksdb/db.h>\n")]
        self.assertEqual(found(walls.headers_hide_libraries, *files), [("state/a.h", 1)])

    def test_a_private_header_may_have_it_but_no_installed_one_may_include_that(self):
        files = [("cmake/install.cmake", "set(WEIR_PRIVATE_HEADERS\n  state/a.h)\n"),
                 ("state/a.h", "#include <rocksdb/db.h>\n"), ("state/b.h", '#include "state/a.h"\n')]
        self.assertEqual(found(walls.headers_hide_libraries, *files), [("state/b.h", 1)])


class Sizes(unittest.TestCase):
    def test_a_long_header_is_found(self):
        path = "state/a.h"
        self.assertEqual(found(sizes.files_are_small, (path, "\n" * sizes.HEADER_LINES_MAX)), [])
        self.assertEqual(len(found(sizes.files_are_small, (path, "\n" * (sizes.HEADER_LINES_MAX + 1)))), 1)

    def test_a_long_line_is_found(self):
        line = "x" * (sizes.LINE_CHARACTERS_MAX + 1)
        self.assertEqual(found(sizes.lines_are_short, ("state/a.cc", f"\n{line}\n")), [("state/a.cc", 2)])


class Banned(unittest.TestCase):
    def assert_banned(self, path, call):
        self.assertEqual(found(banned.banned_calls, (path, f"void F() {{\n  {call};\n}}\n")), [(path, 2)], call)

    def test_each_call_is_found(self):
        self.assert_banned("tests/unit/a_test.cc", "std::this_thread::sleep_for(kPause)")
        self.assert_banned("state/a.cc", "usleep(5)")
        for call in ("rand()", "std::random_device seed", "std::chrono::system_clock::now()"):
            self.assert_banned("tests/unit/a_test.cc", call)
        for call in ("std::chrono::steady_clock::now()", "std::hash<int>{}(1)", "std::exit(1)", "exit(1)",
                     "printf(\"x\")", "std::cout << 1"):
            self.assert_banned("runtime/engine/a.cc", call)

    def test_comments_literals_and_like_names_are_not(self):
        text = ('// exit(1) is for programs, std::cout too\nF("rand()");\noperand();\nsnprintf(a, b, c);\n'
                "on_exit(1);\nthis->exit(2);\n")
        self.assertEqual(found(banned.banned_calls, ("runtime/engine/a.cc", text)), [])

    def test_a_program_may_exit(self):
        self.assertEqual(found(banned.banned_calls, ("environment/main.cc", "std::_Exit(1);\n")), [])

    def test_each_exception_is_still_needed(self):
        tree = Tree.read()
        for path, part in banned.ALLOWED:
            self.assertIn(path, tree.files)
            self.assertIn(part, tree.files[path].text, path)

    def test_leftovers_are_found(self):
        self.assertEqual(found(banned.nothing_is_left_over, ("README.md", "# A\nTO" "DO: more\n")), [("README.md", 2)])

    def test_machine_paths_are_found(self):
        for path in ("/wo" "rk/main", "/ro" "ot/x", "/tm" "p/w/y"):
            self.assertEqual(found(banned.no_machine_paths, ("a.md", f"see {path} for more\n")), [("a.md", 1)], path)
        self.assertEqual(found(banned.no_machine_paths, ("a.md", "job/work/x /tmp/weir-1 /working <dir>/work\n")), [])


class Layout(unittest.TestCase):
    LISTS = ("tests/CMakeLists.txt", "weir_tests(unit_a FOLDER unit/a LABELS unit)\nadd_test(style/b_test.py)\n")

    def test_an_unregistered_test_is_found(self):
        files = [self.LISTS, ("tests/unit/a/x_test.cc", ""), ("tests/unit/b/x_test.cc", ""),
                 ("tests/style/b_test.py", ""), ("tests/style/c_test.py", "")]
        self.assertEqual(found(layout.every_test_is_in_a_target, *files),
                         [("tests/unit/b/x_test.cc", 1), ("tests/style/c_test.py", 1)])

    def test_a_folder_without_readme_is_found(self):
        files = [("README.md", "`state/`"), ("state/a.cc", ""), ("operators/a.h", ""), ("operators/README.md", ""),
                 ("tools/own/a.py", "")]
        self.assertEqual(found(layout.every_folder_has_a_readme, *files), [("state", 1), ("tools/own", 1)])

    def test_small_folders_share_the_nearest_page_above_if_it_names_each(self):
        files = [("tests/README.md", "`unit/` `unit/state/`"), ("tests/unit/README.md", "`graph/` `deep/b/`"),
                 ("tests/unit/graph/a.cc", ""), ("tests/unit/state/a.cc", ""), ("tests/unit/deep/b/a.cc", "")]
        self.assertEqual(found(layout.every_folder_has_a_readme, *files), [("tests/unit/state", 1)])

    def test_an_unguarded_header_is_found(self):
        self.assertEqual(found(layout.headers_are_guarded, ("state/a.h", "int a;\n")), [("state/a.h", 1)])

    def test_a_drawer_is_found(self):
        files = [("state/string_utils.h", ""), ("state/implied.h", "")]
        self.assertEqual(found(layout.names_say_what_is_inside, *files), [("state/string_utils.h", 1)])


if __name__ == "__main__":
    unittest.main()
