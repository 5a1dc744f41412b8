"""What each command does and answers; stdout for results, errors as ToolError."""

import os
import sys

from . import cluster, jars, launch, records, topics
from .errors import ToolError, EXIT_NOT_RUNNING, EXIT_USAGE
from .settings import parse_properties


def start(broker, asked):
    if asked.version:
        jars.check_version(asked.version)
    wish = launch.Wish(
        asked.version,
        asked.port,
        asked.advertise,
        parse_properties(asked.property),
        asked.fresh,
    )
    if not asked.nodes and not cluster.members(broker.folder):
        _say_started([launch.start(broker, wish)])
        return
    if asked.port or asked.advertise:
        raise ToolError("--port and --advertise are for a single broker", EXIT_USAGE)
    _say_started(cluster.start(broker.folder, wish, asked.nodes, asked.relays))


def _say_started(nodes):
    for started in nodes:
        how = "runs already" if started.seconds is None else f"ready after {started.seconds:.1f} s"
        _say(f"kafka {started.settings.version}, pid {started.pid}, {how}")
    if len(nodes) == 1:
        _print_addresses(nodes[0].settings)
    else:
        _say(f"bootstrap: {','.join(started.settings.bootstrap for started in nodes)}")


def stop(broker, _):
    for node, pid in cluster.stop(_brokers(broker)):
        _say(f"stopped pid {pid}" if pid else f"no broker runs in {node.folder}")


def kill(broker, _):
    killed = [pid for pid in [node.kill() for node in _brokers(broker)] if pid]
    if not killed:
        raise ToolError(f"nothing to kill: no broker runs in {broker.folder}", EXIT_NOT_RUNNING)
    for pid in killed:
        _say(f"killed pid {pid}")


def status(broker, asked):
    return max(_status(node, asked) for node in _brokers(broker))


def _brokers(broker):
    """The nodes of the cluster in this folder, or the one broker that it is."""
    return cluster.members(broker.folder) or [broker]


def _status(broker, asked):
    stored = broker.settings()
    running = broker.find()
    if asked.bootstrap:
        if not running or not stored:
            raise ToolError(f"no broker runs in {broker.folder}", EXIT_NOT_RUNNING)
        _say(stored.bootstrap)
        return 0
    if running:
        healthy = stored and broker.answers(stored)
        _say("state: running" if healthy else "state: running but does not answer clients")
        _say(f"pid: {running.pid}")
    else:
        _say("state: not running" if stored else "state: none was ever started here")
    if stored:
        _say(f"version: {stored.version}")
        _print_addresses(stored)
    _say(f"dir: {broker.folder}")
    return 0 if running else EXIT_NOT_RUNNING


def _say(text):
    """To stdout; a reader that has seen enough (`| head -1`) is no failure."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_addresses(stored):
    _say(f"bootstrap: {stored.bootstrap}")
    if stored.advertised_port:
        _say(f"advertised: 127.0.0.1:{stored.advertised_port}")


def topic_create(broker, asked):
    topics.create(broker, asked.name, asked.partitions, topics.parse_config(asked.config))
    _say(f"created {asked.name}")


def topic_list(broker, _):
    for name in topics.names(broker):
        _say(name)


def topic_describe(broker, asked):
    _say("\n".join(topics.describe(broker, asked.name)))


def topic_delete(broker, asked):
    topics.delete(broker, asked.name)
    _say(f"deleted {asked.name}")


def produce(broker, asked):
    records.produce(broker, asked.topic, asked.key_separator, asked.partition)


def consume(broker, asked):
    records.consume(
        broker,
        asked.topic,
        not asked.uncommitted,
        asked.count,
        asked.keys,
        asked.follow,
        asked.partition,
    )
