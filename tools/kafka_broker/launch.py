"""Starting a broker: version, ports, the process itself, and the wait until it answers."""

import base64
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass, field, replace

from . import jars, process
from .broker import Broker
from .errors import ToolError
from .settings import (
    LOG4J_PROPERTIES,
    Settings,
    free_port,
    is_free,
    server_properties,
    write_atomically,
)

START_SECONDS_MAX = 90
LAUNCHES_MAX = 4
LOG_LINES_SHOWN = 12
HEAP = ["-Xms256m", "-Xmx512m"]
NODE_HEAP = ["-Xms64m", "-Xmx256m"]  # of each node of a cluster


@dataclass
class Wish:
    """What a start was asked for; None = as the folder remembers it, else the default."""

    version: str | None = None
    port: int | None = None
    advertised_port: int | None = None
    properties: dict = field(default_factory=dict)
    fresh: bool = False
    member: Settings | None = None  # of a node of a new cluster: all of it, planned by cluster.py

    def differences(self, stored):
        """What of this a broker with settings `stored` does not fulfil, in words."""
        pairs = [
            ("--version", self.version, stored.version),
            ("--port", self.port, stored.port),
            ("--advertise", self.advertised_port, stored.advertised_port),
        ]
        pairs += [
            (f"--property {key}", value, stored.properties.get(key))
            for key, value in self.properties.items()
        ]
        found = [
            f"{name} {asked}" for name, asked, now in pairs if asked is not None and asked != now
        ]
        return (["--fresh"] if self.fresh else []) + found


@dataclass
class Started:
    settings: Settings
    pid: int
    seconds: float | None  # None: it ran already


class PortTaken(ToolError):
    """Another program took a port between our look at it and the broker's bind."""


def start(broker, wish):
    """Starts `broker` and waits until it answers its clients."""
    _refuse_foreign_folder(broker)
    broker.folder.mkdir(parents=True, exist_ok=True)
    with broker.lock():
        stored = broker.settings()
        running = broker.find()
        if running:
            with running:
                return _already_running(broker, wish, stored, running)
        if wish.fresh or not broker.has_data():
            _refuse_lone_node(broker, wish, stored)
            version = wish.version or jars.DEFAULT_VERSION
        else:
            _refuse_other_version(broker, wish, stored)
            version = stored.version
        java = jars.java_version()
        home = jars.provide(version)
        archive = jars.class_archive(home, java, lambda path: _record_classes(version, home, path))
        java_options = [f"-XX:SharedArchiveFile={archive}"] if archive else []
        began = time.monotonic()
        if wish.fresh:
            _delete_data(broker)
        settings, pid = _launch(broker, wish, stored, version, home, java_options)
        return Started(settings, pid, time.monotonic() - began)


def _already_running(broker, wish, stored, running):
    if not stored:
        raise ToolError(
            f"a broker of {broker.folder} still runs (pid {running.pid}) though its files were "
            f"deleted; run 'tools/kafka kill{broker.dir_option}' first"
        )
    differences = wish.differences(stored)
    if differences:
        raise ToolError(
            f"the broker in {broker.folder} already runs (pid {running.pid}), not with "
            f"{', '.join(differences)}; run 'tools/kafka stop{broker.dir_option}' first"
        )
    _wait_until_it_answers(broker, stored, running, log_from=0)
    return Started(stored, running.pid, None)


def _launch(broker, wish, stored, version, home, java_options):
    """Its clients know the port of a broker with data; only a new broker may try another one."""
    stored = stored if broker.has_data() else None
    known_port = wish.port or (stored.port if stored else None)
    if wish.member:
        known_port = wish.member.port
    for launch in range(1, LAUNCHES_MAX + 1):
        if known_port and not is_free(known_port):
            raise ToolError(
                f"port {known_port} of the broker in {broker.folder} is in use by another "
                "program; end that one, or give another port with --port"
            )
        settings = _plan(wish, stored, version, known_port or free_port(wish.advertised_port))
        settings.save(broker.settings_file)
        write_atomically(broker.properties_file, server_properties(settings, broker.data))
        write_atomically(broker.folder / "log4j.properties", LOG4J_PROPERTIES)
        try:
            _format(broker, settings, home, java_options)
            return settings, _run(broker, settings, home, java_options)
        except BaseException as error:
            if stored:  # a failed start leaves no trace but its log
                stored.save(broker.settings_file)
            else:
                shutil.rmtree(broker.data, ignore_errors=True)
            if not isinstance(error, PortTaken) or launch == LAUNCHES_MAX:
                raise


def _plan(wish, stored, version, port):
    if wish.member:
        return wish.member
    if stored and stored.controllers:  # the other nodes know all of its ports
        return replace(stored, port=port, properties={**stored.properties, **wish.properties})
    internal = free_port(port, wish.advertised_port)
    controller = free_port(port, wish.advertised_port, internal)
    if not stored:
        return Settings(
            version,
            new_cluster_id(),
            port,
            internal,
            controller,
            wish.advertised_port,
            wish.properties,
        )
    return Settings(
        version,
        stored.cluster_id,
        port,
        internal,
        controller,
        wish.advertised_port or stored.advertised_port,
        {**stored.properties, **wish.properties},
    )


def _format(broker, settings, home, java_options):
    if broker.has_data():
        return
    command = [
        "java",
        "-XX:TieredStopAtLevel=1",
        *java_options,
        *_class_path(broker, home),
        "kafka.tools.StorageTool",
        "format",
        "--cluster-id",
        settings.cluster_id,
        "--config",
        str(broker.properties_file),
        "--ignore-formatted",
    ]
    answer = subprocess.run(
        command,
        cwd=broker.folder,
        env=process.clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise ToolError(f"Kafka could not prepare {broker.data}:\n{_last_lines(answer.stdout)}")


def _run(broker, settings, home, java_options):
    """Runs the broker until it answers and returns its pid; on any failure it is ended again."""
    log_from = broker.log.stat().st_size if broker.log.exists() else 0
    command = [
        "java",
        process.mark(broker.folder),
        *(NODE_HEAP if settings.controllers else HEAP),
        "-XX:+ExitOnOutOfMemoryError",
        *java_options,
        *_class_path(broker, home),
        process.MAIN_CLASS,
        str(broker.properties_file),
    ]
    child = None
    try:
        with open(broker.log, "ab") as log:
            child = subprocess.Popen(
                command,
                cwd=broker.folder,
                env=process.clean_environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        with process.own(child) as running:
            write_atomically(broker.pid_file, f"{child.pid}\n")
            _wait_until_it_answers(broker, settings, running, log_from)
        return child.pid
    except BaseException:
        if child:
            child.kill()
            child.wait()
        else:
            time.sleep(0.2)  # interrupted while it came to life: its command line is readable soon
            broker.kill()
        broker.pid_file.unlink(missing_ok=True)
        raise


def _wait_until_it_answers(broker, settings, running, log_from):
    deadline = time.monotonic() + START_SECONDS_MAX
    while not broker.answers(settings):
        if running.wait(seconds=0.05):
            end = _end_of_log(broker, log_from)
            if "Address already in use" in end:
                raise PortTaken(
                    f"another program took a port of the broker in {broker.folder} while it "
                    "started; start again, or give another port with --port"
                )
            raise ToolError(f"the broker ended while it started; {end}")
        if time.monotonic() > deadline:
            raise ToolError(
                f"the broker (pid {running.pid}) does not answer after {START_SECONDS_MAX} s; "
                f"run 'tools/kafka kill{broker.dir_option}'; {_end_of_log(broker, log_from)}"
            )


def _record_classes(version, home, path):
    """Runs a scratch broker that writes its loaded classes to `path` when it ends (see jars.py)."""
    broker = Broker(path.parent / "broker")
    broker.folder.mkdir()
    _launch(broker, Wish(), None, version, home, [f"-XX:ArchiveClassesAtExit={path}"])
    broker.stop()


def _refuse_foreign_folder(broker):
    if broker.settings_file.exists() or not broker.folder.exists():
        return
    if not broker.folder.is_dir():
        raise ToolError(f"{broker.folder} is not a folder; give another --dir")
    strangers = sorted(entry.name for entry in broker.folder.iterdir() if entry.name != "lock")
    if strangers:
        raise ToolError(
            f"{broker.folder} holds no broker but other things ({', '.join(strangers[:3])}); give "
            "a new or empty --dir"
        )


def _refuse_lone_node(broker, wish, stored):
    if stored and stored.controllers and not wish.member:
        raise ToolError(
            f"{broker.folder} is a node of the cluster in {broker.folder.parent} and has no data; "
            f"run 'tools/kafka start --fresh --dir {broker.folder.parent}'"
        )


def _refuse_other_version(broker, wish, stored):
    if wish.version and wish.version != stored.version:
        raise ToolError(
            f"{broker.folder} holds data of Kafka {stored.version}, not {wish.version}; leave out "
            "--version, give another --dir, or delete the data with --fresh"
        )


def _delete_data(broker):
    if broker.data.exists():
        shutil.rmtree(broker.data)
    broker.log.unlink(missing_ok=True)


def _class_path(broker, home):
    """Classes and logging of every Java program run here."""
    simple = "-Dorg.slf4j.simpleLogger."
    return [
        f"-Dlog4j.configuration=file:{broker.folder}/log4j.properties",
        "-Dlog4j2.statusLoggerLevel=OFF",
        f"{simple}defaultLogLevel=warn",
        f"{simple}showDateTime=true",
        f"{simple}dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS",
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
        "-cp",
        f"{home}/lib/*",
    ]


def new_cluster_id():
    """A random id as Kafka writes them: a UUID in URL-safe base64, no dash first."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _end_of_log(broker, log_from):
    try:
        with open(broker.log, "rb") as log:
            log.seek(log_from)
            end = _last_lines(log.read().decode(errors="replace"))
    except OSError as error:
        end = f"  {error}"
    return f"the end of {broker.log}:\n{end}"


def _last_lines(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("\tat ")]
    return "\n".join("  " + line[:240] for line in lines[-LOG_LINES_SHOWN:]) or "  (nothing)"
