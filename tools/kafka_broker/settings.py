"""The configuration of one broker: what is remembered between starts, its ports and its files."""

import json
import os
import random
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .errors import ToolError, EXIT_USAGE

HOST = "127.0.0.1"
FIRST_PORT = 20000  # up to the kernel's ephemeral range: nobody's outgoing connection sits there

# Three listeners: clients come in at PLAINTEXT (perhaps through a proxy, see `advertised`), the
# broker writes transaction markers to itself at INTERNAL, so that a proxy disturbs clients only.
# Nodes of one cluster may be told to come through relays to all three.
OWNED_PROPERTIES = {
    "process.roles": "",
    "node.id": "",
    "controller.quorum.voters": "",
    "log.dirs": "",
    "log.dir": "",
    "listeners": "--port",
    "advertised.listeners": "--advertise",
    "inter.broker.listener.name": "",
    "controller.listener.names": "",
    "listener.security.protocol.map": "",
}


@dataclass
class Settings:
    """One broker as its folder remembers it; a crash and restart keeps address and identity."""

    version: str
    cluster_id: str
    port: int
    internal_port: int
    controller_port: int
    advertised_port: int | None = None
    properties: dict = field(default_factory=dict)
    node_id: int = 1
    relayed_internal_port: int | None = None
    controllers: list = field(default_factory=list)  # of a cluster; empty: the broker is alone

    @property
    def bootstrap(self):
        return f"{HOST}:{self.port}"

    @property
    def voters(self):
        ports = self.controllers or [self.controller_port]
        return ",".join(f"{node}@{HOST}:{port}" for node, port in enumerate(ports, 1))

    @property
    def advertised(self):
        """Where clients and other nodes are told to come."""
        listeners = (
            f"PLAINTEXT://{HOST}:{self.advertised_port or self.port},"
            f"INTERNAL://{HOST}:{self.relayed_internal_port or self.internal_port}"
        )
        if not self.controllers:
            return listeners
        return f"{listeners},CONTROLLER://{HOST}:{self.controllers[self.node_id - 1]}"

    @property
    def replicas(self):
        """Of every partition for which nobody asks for another number."""
        return min(3, max(1, len(self.controllers)))

    @property
    def in_sync_min(self):
        """Of the replicas, for a record to count as written: a majority."""
        return self.replicas // 2 + 1

    def save(self, path):
        write_atomically(path, json.dumps(asdict(self), indent=2) + "\n")

    @staticmethod
    def load(path):
        """The settings stored at `path`, None if there are none."""
        try:
            return Settings(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise ToolError(
                f"{path} cannot be read ({error}); delete {path.parent} or use another --dir"
            )


def server_properties(settings, data_dir):
    """The text of server.properties."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": settings.node_id,
        "controller.quorum.voters": settings.voters,
        "listeners": f"PLAINTEXT://{HOST}:{settings.port},"
        f"INTERNAL://{HOST}:{settings.internal_port},"
        f"CONTROLLER://{HOST}:{settings.controller_port}",
        "advertised.listeners": settings.advertised,
        "inter.broker.listener.name": "INTERNAL",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,"
        "CONTROLLER:PLAINTEXT",
        "log.dirs": data_dir,
        "auto.create.topics.enable": "false",
        "default.replication.factor": settings.replicas,
        "min.insync.replicas": settings.in_sync_min,
        "offsets.topic.replication.factor": settings.replicas,
        "offsets.topic.num.partitions": 4,
        "group.initial.rebalance.delay.ms": 0,
        "transaction.state.log.replication.factor": settings.replicas,
        "transaction.state.log.min.isr": settings.in_sync_min,
        "transaction.state.log.num.partitions": 4,
        "transaction.max.timeout.ms": 900000,
        # Look every second (not every ten) for transactions whose time is over.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        "log.retention.ms": -1,
        "log.retention.bytes": -1,
        "log.cleaner.enable": "true",
        "log.cleaner.threads": 1,
        "log.cleaner.dedupe.buffer.size": 16777216,
        "num.io.threads": 2,
        "num.network.threads": 1,
        "num.recovery.threads.per.data.dir": 1,
        # After a crash the controller refuses the broker until its old session is over (9 s if not
        # set). The broker tries after about 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s: be over before 3.1.
        "broker.session.timeout.ms": 2400,
        "broker.heartbeat.interval.ms": 500,
    }
    if not settings.version.startswith("3."):
        lines["share.coordinator.state.topic.replication.factor"] = settings.replicas
        lines["share.coordinator.state.topic.min.isr"] = settings.in_sync_min
    lines.update(settings.properties)
    return "".join(f"{key}={value}\n" for key, value in lines.items())


# Read by 3.9; 4.x takes its log level from the command line (broker.py).
LOG4J_PROPERTIES = """\
log4j.rootLogger=WARN, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n
"""


def parse_properties(pairs):
    """`key=value` strings as a dict; refuses what this tool sets itself."""
    parsed = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = key.strip()
        if not equals or not key:
            raise ToolError(f"--property '{pair}' is not key=value", EXIT_USAGE)
        if key in OWNED_PROPERTIES:
            option = OWNED_PROPERTIES[key]
            way_out = f"use {option}" if option else "it cannot be given"
            raise ToolError(f"--property {key}: this tool sets it itself; {way_out}", EXIT_USAGE)
        parsed[key] = value.strip()
    return parsed


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the broker does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(*taken):
    """A port that nobody listens on now and that is none of `taken`."""
    limits = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    end = int(limits[0]) if int(limits[0]) > FIRST_PORT + 1000 else 65536
    for _ in range(1000):
        port = random.randrange(FIRST_PORT, end)
        if port not in taken and is_free(port):
            return port
    raise ToolError(f"no free port between {FIRST_PORT} and {end} on {HOST}; give one with --port")


def write_atomically(path, text):
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text)
    temporary.replace(path)
