"""Which folder may include which; design: dependencies point one way."""

BASE = ["runtime/base"]
CONTRACTS = [*BASE, "runtime/reflect", "runtime/io"]
CORE = [*CONTRACTS, "runtime/time", "state", "runtime/channel", "runtime/checkpoint", "runtime/task", "runtime/graph"]
CONNECTORS = ["connectors/format", "connectors/log", "connectors/memory", "connectors/kafka", "connectors/file",
              "connectors/generator"]
LIBRARIES = [*CORE, "runtime/engine", "operators", *CONNECTORS]

# A folder may include itself and what stands here. A folder below a named one belongs to it.
MAY_INCLUDE = {
    "runtime/base": [],
    "runtime/reflect": BASE,
    "state": [*BASE, "runtime/reflect"],
    "runtime/io": BASE,
    "runtime/time": [*BASE, "runtime/io"],
    "runtime/channel": [*BASE, "runtime/io"],
    "runtime/checkpoint": [*BASE, "runtime/io"],
    "runtime/task": [*CONTRACTS, "runtime/time", "state", "runtime/channel", "runtime/checkpoint"],
    "runtime/graph": [*CONTRACTS, "runtime/time", "state", "runtime/channel", "runtime/checkpoint", "runtime/task"],
    "runtime/engine": CORE,
    "operators": CORE,
    "connectors/format": CONTRACTS,
    "connectors/log": CONTRACTS,
    "connectors/memory": CONTRACTS,
    "connectors/kafka": [*CORE, "operators", "connectors/log", "connectors/format"],
    "connectors/file": [*CORE, "operators", "connectors/format"],
    "connectors/generator": [*CORE, "operators"],
    "environment": LIBRARIES,
    # A job sees what a user sees.
    "examples": [*BASE, "operators", "environment", "connectors/kafka", "connectors/file", "connectors/generator"],
    "benchmarks": [*LIBRARIES, "environment"],
    # Neither the events nor the judgement may come from what they measure.
    "benchmarks/nexmark/generator": [],
    "benchmarks/nexmark/oracle": [],
    # The demo judges the engine from outside: it shares no code with it.
    "tools": [],
    "tests": [*LIBRARIES, "environment", "tools", "benchmarks",
              "benchmarks/nexmark/generator", "benchmarks/nexmark/oracle"],
}

# Libraries that no installed header may include, whatever includes it.
HIDDEN_LIBRARIES = ["spdlog/", "rocksdb/", "librdkafka/", "simdjson", "fmt/", "yaml-cpp/", "CLI/", "openssl/", "zlib.h"]
BOOST_IN_HEADERS = ["boost/pfr/core.hpp", "boost/unordered/unordered_flat_map.hpp", "boost/unordered/unordered_flat_set.hpp"]
LIBRARY_FOLDERS = ["runtime", "state", "operators", "connectors", "environment"]


def owner(path):
    """The named folder that `path` is in, None if there is none."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        if (folder := "/".join(parts[:length])) in MAY_INCLUDE:
            return folder
    return None


def dependencies_point_one_way(tree):
    """No folder includes what stands above it."""
    for file in tree.sources:
        if (folder := owner(file.path)) is None:
            yield file.path, 1, f"{file.folder}/ has no place in the order of folders (tests/style/walls.py)"
            continue
        for line, quote, path in file.includes:
            target = owner(path)
            if quote == '"' and target != folder and target not in MAY_INCLUDE[folder]:
                yield file.path, line, (f'includes "{path}", but {folder}/ may use only ' +
                                        (", ".join(MAY_INCLUDE[folder]) or "itself"))


def order_of_folders_has_no_cycle(_tree):
    """The table above is an order: what a folder may include may not include it."""
    for folder, targets in MAY_INCLUDE.items():
        for target in targets:
            if target not in MAY_INCLUDE:
                yield "tests/style/walls.py", 1, f"{folder} may include {target}, which is no folder in the table"
            elif folder in _reached_from(target):
                yield "tests/style/walls.py", 1, f"{folder} and {target} may include each other"


def headers_hide_libraries(tree):
    """An installed header needs nothing but the standard library and the two parts of Boost."""
    hidden = private_headers(tree)
    for file in tree.below(*LIBRARY_FOLDERS):
        if file.suffix != ".h" or file.path in hidden:
            continue
        for line, quote, path in file.includes:
            if path in hidden:
                yield file.path, line, f"includes {path}, which is not installed (cmake/install.cmake)"
            elif quote == "<" and path.startswith(tuple(HIDDEN_LIBRARIES)):
                yield file.path, line, (f"includes <{path}>: forward-declare and include it in the .cc, or name the "
                                        "header in WEIR_PRIVATE_HEADERS of cmake/install.cmake")
            elif path.startswith("boost/") and path not in BOOST_IN_HEADERS:
                yield file.path, line, f"includes <{path}>; of Boost only {' and '.join(BOOST_IN_HEADERS)}"


def private_headers(tree):
    """Those that cmake/install.cmake leaves out."""
    text = tree.files["cmake/install.cmake"].text if "cmake/install.cmake" in tree.files else ""
    _, _, rest = text.partition("set(WEIR_PRIVATE_HEADERS")
    return {word for word in rest.partition(")")[0].split() if word.endswith(".h")}


def _reached_from(folder, seen=None):
    seen = set() if seen is None else seen
    for target in MAY_INCLUDE.get(folder, []):
        if target not in seen:
            seen.add(target)
            _reached_from(target, seen)
    return seen
