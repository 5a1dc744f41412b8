"""Records from stdin to a topic and from a topic to stdout, by kcat in place of this process."""

import os

from . import jars, topics
from .errors import ToolError, EXIT_USAGE


def produce(broker, name, key_separator, partition):
    """One record a non-empty line; what precedes the separator is the key, placed as by Java."""
    command = _kcat(broker, name, partition) + [
        "-P",
        "-X",
        "topic.partitioner=murmur2_random",
        "-X",
        "enable.idempotence=true",
    ]
    if key_separator:
        command += ["-K", key_separator]
    _become(command)


def consume(broker, name, committed, count, keys, follow, partition):
    """Prints one record a line, from the beginning to what was the end, or on and on."""
    isolation = "read_committed" if committed else "read_uncommitted"
    command = _kcat(broker, name, partition) + [
        "-C",
        "-o",
        "beginning",
        "-X",
        f"isolation.level={isolation}",
    ]
    if follow:
        command.append("-u")
    else:
        command += ["-e", "-X", "fetch.wait.max.ms=20"]
    if count is not None:
        command += ["-c", str(count)]
    if keys:
        command += ["-K", "\\t"]
    _become(command)


def _kcat(broker, name, partition):
    jars.need("kcat")
    with broker.connect() as connection:
        known = len(topics.require(connection, broker, name)["partitions"])
    if partition is not None and partition >= known:
        raise ToolError(
            f"topic '{name}' has no partition {partition}; it has 0 to {known - 1}", EXIT_USAGE
        )
    port = broker.settings().internal_port
    command = ["kcat", "-q", "-F", os.devnull, "-b", f"127.0.0.1:{port}", "-t", name]
    return command if partition is None else command + ["-p", str(partition)]


def _become(command):
    os.execvp(command[0], command)
