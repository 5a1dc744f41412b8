"""Calls that have a replacement here, and leftovers."""

import re
from dataclasses import dataclass

LIBRARIES = ("runtime/", "state/", "operators/", "connectors/", "environment/")
BELOW_ENVIRONMENT = LIBRARIES[:-1]
SOURCES_OF_OURS = LIBRARIES + ("tests/", "examples/")


@dataclass(frozen=True)
class Ban:
    """`pattern` may not stand in the code of files below `where`."""

    pattern: re.Pattern
    where: tuple
    instead: str


def _ban(pattern, where, instead):
    return Ban(re.compile(pattern), where, instead)


BANS = [
    _ban(r"std::this_thread::sleep|(?<![\w.>:])u?sleep\s*\(|\bnanosleep\s*\(", LIBRARIES + ("tests/",),
         "a timer of the executor or ManualClock; in a test wait for the condition itself"),
    _ban(r"(?<![\w.>])s?rand\s*\(\)?|\bstd::random_device\b|\bdrand48\b", SOURCES_OF_OURS,
         "runtime/base/random.h, so that a simulation can replay it"),
    _ban(r"\bsystem_clock::now\b", SOURCES_OF_OURS, "WallClock or Clock of runtime/base/clock.h"),
    _ban(r"\bsteady_clock::now\b", LIBRARIES, "Clock of runtime/base/clock.h"),
    _ban(r"(?<![\w.>])(?:std::)?_?(?:exit|_Exit|quick_exit)\s*\(", BELOW_ENVIRONMENT,
         "return a Status: only a program ends the process"),
    _ban(r"\bstd::hash\s*<", LIBRARIES, "runtime/base/hash.h: equal on every machine and build"),
    _ban(r"(?<![\w.>])(?:std::)?(?:f?printf|puts)\s*\(|\bstd::c(?:out|err|log)\b", BELOW_ENVIRONMENT,
         "runtime/base/log.h: the library never prints"),
    _ban(r"\bstd::regex\b", LIBRARIES, "a few lines of string_view"),
    _ban(r"\busing\s+namespace\s+std\s*;", SOURCES_OF_OURS + ("benchmarks/", "tools/"), "names with std::"),
]

# (path, part of the line) -> why it may stay.
ALLOWED = {
    ("runtime/base/clock.h", "clock::now"): "the one place that reads the machine's clocks",
    ("runtime/base/ids.h", "std::hash"): "ids in the standard library's own maps, never placement",
    ("runtime/base/status.cc", "std::fprintf"): "a broken invariant is said before the process aborts",
    ("runtime/task/threaded_executor.cc", "steady_clock::now"): "the executor of real threads, which is such a seam",
    ("connectors/kafka/kafka_producer.cc", "std::this_thread::sleep_for(kWhile)"):
        "nothing tells when the client's timer has fired",
    ("connectors/kafka/kafka_admin.cc", "std::this_thread::sleep_for(kRetryPause)"):
        "blocking calls by contract: they run on a queue's thread or in a tool, never on a worker",
    ("tests/contract/broker/broker_contract.h", "system_clock::now"): "names of topics that no earlier run has used",
    ("tests/support/run_scale.h", "system_clock::now"): "a seed where none is given; printed",
    ("tests/fault/harness/job_life.cc", "nanosleep(&kLookPause"):
        "whether another process has stopped can only be looked at again; bounded",
}

LEFTOVERS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.\-/>])/(?:wo" r"rk|ro" r"ot|ho" r"me/\w+)(?=[/\s\"'`,;:)]|$)|/tm" r"p/w/")


def banned_calls(tree):
    """What has a replacement is not called."""
    for file in tree.sources:
        for ban in BANS:
            if not file.path.startswith(ban.where):
                continue
            for match in ban.pattern.finditer(file.code):
                line = file.code.count("\n", 0, match.start()) + 1
                if not _is_allowed(file, line):
                    yield file.path, line, f"'{match[0].strip()}': use {ban.instead}"


def nothing_is_left_over(tree):
    """No note to oneself stays in the tree; open work belongs to an issue."""
    yield from _search(tree, LEFTOVERS, "do it or open an issue")


def no_machine_paths(tree):
    """Nothing depends on where one machine keeps the tree."""
    yield from _search(tree, MACHINE_PATHS, "derive it from the tree's root or take it as an argument")


def _search(tree, pattern, instead):
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            if match := pattern.search(line):
                yield file.path, number, f"'{match[0]}': {instead}"


def _is_allowed(file, line):
    return any(path == file.path and part in file.lines[line - 1] for path, part in ALLOWED)
