"""What can be asked of tools/kafka; what is done then is in actions.py."""

import argparse
import signal
import sys
from pathlib import Path

from . import actions, cluster, jars
from .broker import Broker, DEFAULT_FOLDER
from .errors import ToolError, EXIT_FAILED, EXIT_USAGE

EXIT_CODES = """\
exit codes: 0 done, 1 failed, 2 wrong usage, 3 no broker runs (status, kill and all that use one)
environment: WEIR_CACHE_DIR where Kafka's jars are kept (default ~/.cache/weir)"""


def main(arguments):
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
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


def _parser():
    parser = _Parser(
        prog="kafka",
        description="A local Kafka broker: one process, one folder, no containers.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_dir(parser, DEFAULT_FOLDER)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    _add_broker_commands(commands)
    _add_topic_commands(commands)
    _add_record_commands(commands)
    return parser


def _add_broker_commands(commands):
    command = _add(
        commands, "start", actions.start, "run a broker; returns when it answers, says where"
    )
    command.add_argument(
        "--version",
        help=f"{' or '.join(jars.VERSIONS)}; default {jars.DEFAULT_VERSION}, "
        "or what the data was written by",
    )
    command.add_argument(
        "--port", type=_port, help="where clients connect; default: a free one, then kept"
    )
    command.add_argument(
        "--advertise",
        type=_port,
        metavar="PORT",
        help="tell clients this port instead (a proxy listens there); kept",
    )
    command.add_argument(
        "--property",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a line for server.properties; repeatable; kept",
    )
    command.add_argument(
        "--fresh", action="store_true", help="delete all data of this folder first"
    )
    command.add_argument(
        "--nodes",
        type=_nodes,
        metavar="N",
        help="a cluster of N brokers in D/node-1, D/node-2, ...; each is a folder like any other",
    )
    command.add_argument(
        "--relays",
        type=_ports,
        default=[],
        metavar="P,P,P,...",
        help="of a new cluster, three ports a node: tell clients, brokers and controllers to reach "
        "it there (relays listen, and pass on to its own ports); kept",
    )

    _add(commands, "stop", actions.stop, "end the broker cleanly and wait")
    _add(commands, "kill", actions.kill, "end the broker as a crash would (SIGKILL)")
    command = _add(commands, "status", actions.status, "pid, version, bootstrap and folder")
    command.add_argument("--bootstrap", action="store_true", help="print host:port only")


def _add_topic_commands(commands):
    topic = commands.add_parser("topic", help="create, list, describe, delete topics")
    verbs = topic.add_subparsers(required=True, metavar="ACTION", parser_class=_Parser)
    command = _add(verbs, "create", actions.topic_create, "returns when it can be written to")
    command.add_argument("name")
    command.add_argument("--partitions", type=_positive, default=1, metavar="N", help="default 1")
    command.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="for example cleanup.policy=compact; repeatable",
    )
    _add(verbs, "list", actions.topic_list, "names, one a line, without Kafka's own")
    _add(verbs, "describe", actions.topic_describe, "settings, partitions, offsets").add_argument(
        "name"
    )
    _add(verbs, "delete", actions.topic_delete, "with all its records").add_argument("name")


def _add_record_commands(commands):
    command = _add(commands, "produce", actions.produce, "records from stdin, one a line")
    command.add_argument("topic")
    command.add_argument(
        "--key-separator", metavar="C", help="what stands before it on a line is the key"
    )
    command.add_argument(
        "--partition", type=_natural, metavar="N", help="default: by key, else random"
    )

    command = _add(
        commands, "consume", actions.consume, "records to stdout, from the beginning to the end"
    )
    command.add_argument("topic")
    command.add_argument("--from-beginning", action="store_true", help="the default")
    which = command.add_mutually_exclusive_group()
    which.add_argument(
        "--committed",
        action="store_true",
        help="no records of open or aborted transactions (default)",
    )
    which.add_argument("--uncommitted", action="store_true", help="all records")
    command.add_argument("--count", type=_positive, metavar="N", help="at most N records")
    command.add_argument("--keys", action="store_true", help="print key, tab, value")
    command.add_argument("--follow", action="store_true", help="go on at the end and wait for more")
    command.add_argument("--partition", type=_natural, metavar="N", help="this partition only")


class _Parser(argparse.ArgumentParser):
    """Answers wrong usage with one line."""

    def error(self, message):
        print(
            f"kafka: {message}; see '{self.prog.replace('kafka', 'tools/kafka', 1)} --help'",
            file=sys.stderr,
        )
        sys.exit(EXIT_USAGE)


def _add(commands, name, run, text):
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    _add_dir(command, argparse.SUPPRESS)
    return command


def _add_dir(parser, default):
    parser.add_argument(
        "--dir",
        type=Path,
        default=default,
        metavar="D",
        help="the broker's folder; default .weir/kafka in the repository",
    )


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


def _ports(text):
    return [_port(word) for word in text.split(",")]


def _nodes(text):
    return _number(text, 2, cluster.NODES_MAX, f"a number of nodes (2 to {cluster.NODES_MAX})")


def _positive(text):
    return _number(text, 1, 2**31 - 1, "a positive whole number")


def _natural(text):
    return _number(text, 0, 2**31 - 1, "a whole number from 0")


def _interrupt(*_):
    raise KeyboardInterrupt
