"""What can be asked of tools/kafka, and what it answers."""

import argparse
import signal
import sys
from pathlib import Path

from . import jars, launch, records, topics
from .broker import Broker, DEFAULT_FOLDER
from .errors import ToolError, EXIT_FAILED, EXIT_NOT_RUNNING, EXIT_USAGE
from .settings import parse_properties

EXIT_CODES = """\
exit codes: 0 done, 1 failed, 2 wrong usage, 3 no broker runs (status, kill and all that use one)
environment: WEIR_CACHE_DIR where Kafka's jars are kept (default ~/.cache/weir)"""


def main(arguments):
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    asked = _parser().parse_args(arguments)
    try:
        return asked.run(Broker(asked.dir), asked) or 0
    except ToolError as error:
        print(f"kafka: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("kafka: interrupted; what was half started is ended", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"kafka: {error}; see 'tools/kafka status'", file=sys.stderr)
        return EXIT_FAILED


def start(broker, asked):
    if asked.version:
        jars.check_version(asked.version)
    started = launch.start(broker, launch.Wish(asked.version, asked.port, asked.advertise,
                                               parse_properties(asked.property), asked.fresh))
    how = "runs already" if started.seconds is None else f"ready after {started.seconds:.1f} s"
    print(f"kafka {started.settings.version}, pid {started.pid}, {how}")
    _print_addresses(started.settings)


def stop(broker, _):
    pid = broker.stop()
    print(f"stopped pid {pid}" if pid else f"no broker runs in {broker.folder}")


def kill(broker, _):
    pid = broker.kill()
    if not pid:
        raise ToolError(f"nothing to kill: no broker runs in {broker.folder}", EXIT_NOT_RUNNING)
    print(f"killed pid {pid}")


def status(broker, asked):
    stored = broker.settings()
    running = broker.find()
    if asked.bootstrap:
        if not running:
            raise ToolError(f"no broker runs in {broker.folder}", EXIT_NOT_RUNNING)
        print(stored.bootstrap)
        return 0
    if not running:
        print("state: not running" if stored else "state: none was ever started here")
    else:
        print("state: running" if broker.answers(stored) else "state: running but does not answer clients")
        print(f"pid: {running.pid}")
    if stored:
        print(f"version: {stored.version}")
        _print_addresses(stored)
    print(f"dir: {broker.folder}")
    return 0 if running else EXIT_NOT_RUNNING


def _print_addresses(stored):
    print(f"bootstrap: {stored.bootstrap}")
    if stored.advertised_port:
        print(f"advertised: 127.0.0.1:{stored.advertised_port}")


def topic_create(broker, asked):
    topics.create(broker, asked.name, asked.partitions, topics.parse_config(asked.config))
    print(f"created {asked.name}")


def topic_list(broker, _):
    for name in topics.names(broker):
        print(name)


def topic_describe(broker, asked):
    print("\n".join(topics.describe(broker, asked.name)))


def topic_delete(broker, asked):
    topics.delete(broker, asked.name)
    print(f"deleted {asked.name}")


def produce(broker, asked):
    records.produce(broker, asked.topic, asked.key_separator, asked.partition)


def consume(broker, asked):
    records.consume(broker, asked.topic, not asked.uncommitted, asked.count, asked.keys, asked.follow,
                    asked.partition)


def _parser():
    parser = _Parser(prog="kafka", description="A local Kafka broker: one process, one folder, no containers.",
                     epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter)
    _add_dir(parser, DEFAULT_FOLDER)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    command = _add(commands, "start", start, "run a broker; returns when it answers, says where")
    command.add_argument("--version", help=f"{' or '.join(jars.VERSIONS)}; default {jars.DEFAULT_VERSION}, "
                                           "or what the data was written by")
    command.add_argument("--port", type=_port, help="where clients connect; default: a free one, then kept")
    command.add_argument("--advertise", type=_port, metavar="PORT",
                         help="tell clients this port instead (a proxy listens there); kept")
    command.add_argument("--property", action="append", default=[], metavar="KEY=VALUE",
                         help="a line for server.properties; repeatable; kept")
    command.add_argument("--fresh", action="store_true", help="delete all data of this folder first")

    _add(commands, "stop", stop, "end the broker cleanly and wait")
    _add(commands, "kill", kill, "end the broker as a crash would (SIGKILL)")
    command = _add(commands, "status", status, "pid, version, bootstrap and folder")
    command.add_argument("--bootstrap", action="store_true", help="print host:port only")

    topic = commands.add_parser("topic", help="create, list, describe, delete topics")
    actions = topic.add_subparsers(required=True, metavar="ACTION", parser_class=_Parser)
    command = _add(actions, "create", topic_create, "returns when it can be written to")
    command.add_argument("name")
    command.add_argument("--partitions", type=_positive, default=1, metavar="N", help="default 1")
    command.add_argument("--config", action="append", default=[], metavar="KEY=VALUE",
                         help="for example cleanup.policy=compact; repeatable")
    _add(actions, "list", topic_list, "names, one a line, without Kafka's own")
    _add(actions, "describe", topic_describe, "settings, partitions, offsets").add_argument("name")
    _add(actions, "delete", topic_delete, "with all its records").add_argument("name")

    command = _add(commands, "produce", produce, "records from stdin, one a line")
    command.add_argument("topic")
    command.add_argument("--key-separator", metavar="C", help="what stands before it on a line is the key")
    command.add_argument("--partition", type=_natural, metavar="N", help="default: by key, else random")

    command = _add(commands, "consume", consume, "records to stdout, from the beginning to the end")
    command.add_argument("topic")
    command.add_argument("--from-beginning", action="store_true", help="the default")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--committed", action="store_true", help="no records of open or aborted transactions (default)")
    which.add_argument("--uncommitted", action="store_true", help="all records")
    command.add_argument("--count", type=_positive, metavar="N", help="at most N records")
    command.add_argument("--keys", action="store_true", help="print key, tab, value")
    command.add_argument("--follow", action="store_true", help="go on at the end and wait for more")
    command.add_argument("--partition", type=_natural, metavar="N", help="this partition only")
    return parser


class _Parser(argparse.ArgumentParser):
    """Answers wrong usage with one line."""

    def error(self, message):
        print(f"kafka: {message}; see '{self.prog.replace('kafka', 'tools/kafka', 1)} --help'", file=sys.stderr)
        sys.exit(EXIT_USAGE)


def _add(commands, name, run, text):
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    _add_dir(command, argparse.SUPPRESS)
    return command


def _add_dir(parser, default):
    parser.add_argument("--dir", type=Path, default=default, metavar="D",
                        help="the broker's folder; default .weir/kafka in the repository")


def _number(text, low, high, what):
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise argparse.ArgumentTypeError(f"'{text}' is not {what}")
    return value


def _port(text):
    return _number(text, 1, 65535, "a port (1 to 65535)")


def _positive(text):
    return _number(text, 1, 2**31 - 1, "a positive whole number")


def _natural(text):
    return _number(text, 0, 2**31 - 1, "a whole number from 0")


def _interrupt(*_):
    raise KeyboardInterrupt
