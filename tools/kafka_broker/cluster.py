"""Several brokers that form one cluster; each is a broker and a controller.

A cluster is a folder of brokers' folders, `node-1`, `node-2` and so on. Each of these is a broker as
any other (broker.py), which remembers what it needs to find the others: one can be killed and
started again alone.
"""

import concurrent.futures
from pathlib import Path

from . import jars, launch
from .broker import Broker
from .errors import ToolError, EXIT_USAGE
from .settings import Settings, free_port

NODES_MAX = 9
RELAYS_PER_NODE = 3
KILL_AGAIN_SECONDS = 0.2


def members(folder):
    """Its brokers, node 1 first; none if `folder` holds no cluster."""
    nodes = [Broker(path) for path in Path(folder).glob("node-[1-9]")]
    return sorted((node for node in nodes if node.settings()), key=lambda node: node.folder.name)


def start(folder, wish, nodes, relays):
    """Starts all nodes that do not run, together: one alone would wait for the others. Answers
    with what each became, node 1 first."""
    brokers = members(folder)
    if brokers and not wish.fresh:
        _refuse_another_shape(folder, brokers, nodes, relays)
        wishes = [wish] * len(brokers)
    else:
        nodes = nodes or len(brokers)
        if (Path(folder) / "broker.json").exists():
            raise ToolError(f"{folder} holds a single broker; give a new or empty --dir")
        brokers = [Broker(Path(folder) / f"node-{node}") for node in range(1, nodes + 1)]
        wishes = _plan(wish, nodes, relays)
    with concurrent.futures.ThreadPoolExecutor(len(brokers)) as pool:
        starts = [pool.submit(launch.start, *pair) for pair in zip(brokers, wishes)]
        try:
            return [each.result() for each in starts]
        except BaseException:  # without all of them it is not what was asked for
            while concurrent.futures.wait(starts, KILL_AGAIN_SECONDS).not_done:
                for broker in brokers:
                    broker.kill()
            raise


def stop(brokers):
    """Pairs of broker and the pid that was ended, None where none ran. All at once: the last ones
    have no majority any more that could take over from them."""
    with concurrent.futures.ThreadPoolExecutor(len(brokers)) as pool:
        return list(zip(brokers, pool.map(Broker.stop, brokers)))


def _refuse_another_shape(folder, brokers, nodes, relays):
    if (nodes and nodes != len(brokers)) or relays:
        raise ToolError(
            f"{folder} holds a cluster of {len(brokers)} nodes, which keeps its shape; leave out "
            "--nodes and --relays, give another --dir, or delete the data with --fresh"
        )


def _plan(wish, nodes, relays):
    """What each node is to be. All is decided before the first one starts: they name each other."""
    if relays and len(relays) != RELAYS_PER_NODE * nodes:
        raise ToolError(
            f"--relays: {RELAYS_PER_NODE * nodes} ports are needed, {RELAYS_PER_NODE} a node",
            EXIT_USAGE,
        )
    taken = list(relays)
    for _ in range(RELAYS_PER_NODE * nodes):
        taken.append(free_port(*taken))
    own = _by_node(taken[len(relays) :])
    told = _by_node(relays) if relays else [(None, None, None)] * nodes
    controllers = [there[2] or here[2] for here, there in zip(own, told)]
    cluster_id = launch.new_cluster_id()
    version = wish.version or jars.DEFAULT_VERSION
    return [
        launch.Wish(
            version=version,
            fresh=wish.fresh,
            member=Settings(
                version,
                cluster_id,
                *here,
                advertised_port=there[0],
                properties=wish.properties,
                node_id=node,
                relayed_internal_port=there[1],
                controllers=controllers,
            ),
        )
        for node, (here, there) in enumerate(zip(own, told), 1)
    ]


def _by_node(ports):
    return [tuple(ports[i : i + RELAYS_PER_NODE]) for i in range(0, len(ports), RELAYS_PER_NODE)]
