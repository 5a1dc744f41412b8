"""Where input comes from and output goes to: topics of a broker of our own, or folders."""

from kafka_broker import launch
from kafka_broker.broker import Broker
from kafka_broker.errors import ToolError
from kafka_broker.topics import create as create_topic
from kafka_broker.wire import Connection, KafkaError

from .errors import DemoError

OUTPUT_PARTITIONS = 4


class KafkaSide:
    """REQUIRES: start() before anything else; stop() always."""

    name = "Kafka"
    setup_options = ()

    def __init__(self, job, folder, version):
        self.job = job
        self.version = version
        self.broker = Broker(folder / "kafka")
        self.connection = None
        self.bootstrap = None

    def start(self):
        try:
            started = launch.start(self.broker, launch.Wish(version=self.version))
            create_topic(self.broker, self.job.input, self.job.partitions, {})
            create_topic(self.broker, self.job.output, OUTPUT_PARTITIONS, {})
        except ToolError as error:
            raise DemoError(str(error), self.broker.log)
        self.bootstrap = started.settings.bootstrap
        self.connection = Connection(started.settings.internal_port)
        return f"Kafka {started.settings.version} at {self.bootstrap}, ready after {started.seconds:.1f} s"

    def stop(self):
        if self.broker.folder.exists():
            self.broker.kill()

    def load_options(self):
        return ["--bootstrap", self.bootstrap, "--target", self.job.input]

    def verify_options(self):
        return ["--bootstrap", self.bootstrap, "--input", self.job.input, "--output", self.job.output]

    def late_options(self, _):
        return ["--late", self.job.late]

    def job_options(self):
        return ["-D", f"kafka.bootstrap.servers={self.bootstrap}"]

    def job_environment(self):
        return {self.job.variable("INPUT"): self.job.input, self.job.variable("OUTPUT"): self.job.output}

    def unfinished(self):
        """What a job that was just killed leaves behind: the transaction that is open."""
        stable, end = self._ends()
        return OpenTransaction(end - stable)

    def committed(self, counted):
        """Records in the output, as the job counted them: without a full read nobody knows it better."""
        return counted

    def has_settled(self):
        """No transaction is open."""
        stable, end = self._ends()
        return stable == end

    def _ends(self):
        try:
            return tuple(sum(self.connection.offsets(self.job.output, range(OUTPUT_PARTITIONS), -1, committed).values())
                         for committed in (True, False))
        except (OSError, KafkaError) as error:
            raise DemoError(f"the broker does not answer: {error}", self.broker.log)


class OpenTransaction:
    def __init__(self, records):
        self.records = records

    def redone(self, last_known, restored):
        """Records that the next life did again; none if the transaction turned out to be committed."""
        return 0 if restored > last_known else self.records

    def adopted(self, last_known, restored):
        """Records that became output although no life said so."""
        return self.records if restored > last_known else 0


class FilesSide:
    """The same without Kafka: lines of files in, whole files out."""

    name = "files"
    setup_options = ("--no-java",)

    def __init__(self, job, folder):
        self.job = job
        self.folder = folder / "files"
        self.input = self.folder / job.input
        self.output = self.folder / job.folder_output
        self.lines = {}

    def start(self):
        self.input.mkdir(parents=True)
        return f"folders below {self.folder}"

    def stop(self):
        pass

    def load_options(self):
        return ["--target", self.input]

    def verify_options(self):
        return ["--input", self.input, "--output", self.output]

    def late_options(self, checkpoints):
        return ["--late", checkpoints / self.job.name / "late"]

    def job_options(self):
        return []

    def job_environment(self):
        return {self.job.variable("FOLDER"): str(self.folder)}

    def unfinished(self):
        """What a job that was just killed leaves behind: files not yet published, <task>-<epoch> by name."""
        return UnpublishedFiles({path: (int(path.name.split("-")[1]), count_lines(path))
                                 for path in self.output.glob(".inprogress/*/*/*/*-*")})

    def committed(self, _):
        """Lines of all published files; those never change."""
        for path in self.output.glob("part-*"):
            if path not in self.lines:
                self.lines[path] = count_lines(path)
        return sum(self.lines.values())

    def has_settled(self):
        return True


class UnpublishedFiles:
    def __init__(self, files):
        self.files = files

    def redone(self, _, restored):
        return sum(lines for epoch, lines in self.files.values() if epoch > restored)

    def adopted(self, _last_known, _restored):
        return 0


def count_lines(path):
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0   # Published or cleared away in the meantime.
