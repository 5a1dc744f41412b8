#!/usr/bin/env python3
"""Holds the source tree to its rules, one ctest test a rule.

usage: check.py [--list] [RULE...]       without a rule: all of them
"""

import sys

import banned
import layout
import sizes
import walls
from tree import Tree

RULES = {rule.__name__: rule for rule in (
    walls.dependencies_point_one_way,
    walls.order_of_folders_has_no_cycle,
    walls.headers_hide_libraries,
    sizes.files_are_small,
    sizes.lines_are_short,
    banned.banned_calls,
    banned.nothing_is_left_over,
    banned.no_machine_paths,
    layout.every_test_is_in_a_target,
    layout.every_folder_has_a_readme,
    layout.headers_are_guarded,
    layout.names_say_what_is_inside,
)}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(RULES))
        return 0
    if unknown := [name for name in arguments if name not in RULES]:
        print(f"style: no rule is called {', '.join(unknown)}; there are {', '.join(RULES)}", file=sys.stderr)
        return 2
    tree = Tree.read()
    found = 0
    for name in arguments or RULES:
        for path, line, problem in RULES[name](tree):
            print(f"{path}:{line}: {problem} [{name}]")
            found += 1
    print(f"style: {found} violations" if found else f"style: {len(tree.files)} files, nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
