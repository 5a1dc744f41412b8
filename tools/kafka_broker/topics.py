"""Creating, listing, describing and deleting topics."""

import time

from .errors import ToolError, EXIT_USAGE
from .wire import KafkaError

SETTLE_SECONDS_MAX = 15
ALREADY_EXISTS = 36


def parse_config(pairs):
    parsed = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise ToolError(f"--config '{pair}' is not key=value", EXIT_USAGE)
        parsed[key.strip()] = value.strip()
    return parsed


def create(broker, name, partitions, config):
    """Returns once every partition can be written to."""
    with broker.connect() as connection:
        try:
            connection.create_topic(name, partitions, config)
        except KafkaError as error:
            way_out = (
                "; delete it first or take another name"
                if error.code == ALREADY_EXISTS
                else "; correct it and try again"
            )
            raise ToolError(f"topic '{name}' was not created in {broker.folder}: {error}{way_out}")
        _wait(name, lambda: _partitions_led(connection, name) == partitions)


def names(broker):
    with broker.connect() as connection:
        return sorted(
            topic["name"] for topic in connection.metadata()["topics"] if not topic["internal"]
        )


def require(connection, broker, name):
    """The metadata of a topic; refuses one that does not exist."""
    topic = connection.metadata([name])["topics"][0]
    if topic["error"]:
        raise ToolError(
            f"topic '{name}' in {broker.folder}: {KafkaError(topic['error'])}; 'tools/kafka topic "
            f"list{broker.dir_option}' shows those that exist, 'topic create' makes one"
        )
    return topic


def describe(broker, name):
    """Lines of text: configuration, then a table of partitions with their offsets."""
    with broker.connect() as connection:
        topic = require(connection, broker, name)
        partitions = sorted(topic["partitions"], key=lambda partition: partition["index"])
        indexes = [partition["index"] for partition in partitions]
        starts = connection.offsets(name, indexes, timestamp=-2, committed=False)
        stable = connection.offsets(name, indexes, timestamp=-1, committed=True)
        ends = connection.offsets(name, indexes, timestamp=-1, committed=False)
        lines = [f"topic: {name}", f"partitions: {len(indexes)}"]
        lines += [
            f"config: {key}={value}" for key, value in sorted(connection.topic_config(name).items())
        ]
    lines.append("partition leader start committed-end end")
    lines += [
        f"{partition['index']:9} {partition['leader']:6} {starts[partition['index']]:5} "
        f"{stable[partition['index']]:13} {ends[partition['index']]:3}"
        for partition in partitions
    ]
    return lines


def delete(broker, name):
    """Returns once the topic is gone for clients too."""
    with broker.connect() as connection:
        require(connection, broker, name)
        try:
            connection.delete_topic(name)
        except KafkaError as error:
            raise ToolError(
                f"topic '{name}' in {broker.folder} was not deleted: {error}; try again"
            )
        _wait(name, lambda: connection.metadata([name])["topics"][0]["error"])


def _partitions_led(connection, name):
    partitions = connection.metadata([name])["topics"][0]["partitions"]
    return sum(1 for partition in partitions if partition["leader"] >= 0)


def _wait(name, is_done):
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while not is_done():
        if time.monotonic() > deadline:
            raise ToolError(
                f"topic '{name}': the broker did not finish within {SETTLE_SECONDS_MAX} s; look "
                "again with 'tools/kafka topic list'"
            )
        time.sleep(0.01)
