"""Where Kafka comes from: its published jars, fetched once by Maven into a cache folder.

`<cache>/kafka-<version>/lib/*.jar` is either complete or absent: Maven writes into a temporary
folder that is renamed at the end. One lock for the cache keeps parallel fetches apart. Beside the
jars lies `classes-<java>.jsa`, the classes a broker loads in the form Java maps at once; it halves
the CPU time of a start. It is made once by running a scratch broker; empty means it failed.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .errors import ToolError, EXIT_USAGE
from .process import clean_environment

# Kafka version -> its slf4j binding.
VERSIONS = {"3.9.1": "slf4j-reload4j", "4.1.0": "slf4j-simple"}
DEFAULT_VERSION = "3.9.1"
ATTEMPTS = 3
JAVA_MIN = 17
COPY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>weir</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId>
      <version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>{slf4j}</artifactId><version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
"""


def check_version(version):
    if version not in VERSIONS:
        raise ToolError(
            f"unknown Kafka version '{version}'; known are {', '.join(VERSIONS)}", EXIT_USAGE
        )


def cache_dir():
    return Path(os.environ.get("WEIR_CACHE_DIR") or Path.home() / ".cache" / "weir").resolve()


def java_version():
    """The version of the Java on PATH, as text; refuses one that is missing or too old."""
    if not shutil.which("java"):
        raise ToolError("there is no 'java' on PATH; run tools/setup")
    answer = subprocess.run(
        ["java", "-version"], env=clean_environment(), capture_output=True, text=True, check=False
    )
    found = re.search(r'version "((\d+)[^"]*)"', answer.stderr)
    if not found or int(found[2]) < JAVA_MIN:
        what = f"Java {found[1]}" if found else "of unknown version"
        raise ToolError(
            f"'java' on PATH is {what}, Kafka needs {JAVA_MIN} or newer; run tools/setup"
            " and remove the older one from PATH"
        )
    return found[1]


def need(program):
    if not shutil.which(program):
        raise ToolError(f"there is no '{program}' on PATH; run tools/setup")


def provide(version):
    """The folder of this Kafka version, fetched from Maven's repository if it is not there yet."""
    home = cache_dir() / f"kafka-{version}"
    if (home / "lib").is_dir():
        return home
    need("mvn")
    with _cache_lock():
        if not (home / "lib").is_dir():
            _fetch(version, home)
    return home


def class_archive(home, java, record):
    """The class archive of `home` for this Java, None if it cannot be had.

    `record(path)` runs a broker that writes it; called at most once for a cache folder.
    """
    archive = home / f"classes-{java}.jsa"
    if not archive.exists():
        with _cache_lock():
            if not archive.exists():
                _record(archive, record)
    return archive if archive.stat().st_size else None


def _record(archive, record):
    print("preparing faster starts (once, about 10 s)", file=sys.stderr)
    _sweep(archive.parent, "recording-")
    scratch = Path(tempfile.mkdtemp(prefix="recording-", dir=archive.parent))
    try:
        recorded = scratch / "classes.jsa"
        try:
            record(recorded)
        except ToolError as error:
            print(f"that failed, starts will take about a second longer: {error}", file=sys.stderr)
            recorded.unlink(missing_ok=True)
        recorded.touch()
        recorded.replace(archive)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep(folder, prefix):
    """Removes what killed processes left; the caller holds the cache lock."""
    for left_over in folder.glob(prefix + "*"):
        shutil.rmtree(left_over, ignore_errors=True)


def _fetch(version, home):
    _sweep(home.parent, "fetching-")
    print(f"fetching Kafka {version} into {home} (once, about 60 MB)", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix="fetching-", dir=home.parent))
    folder.chmod(0o755)
    try:
        (folder / "pom.xml").write_text(POM.format(version=version, slf4j=VERSIONS[version]))
        for attempt in range(1, ATTEMPTS + 1):
            problem = _run_maven(folder)
            if not problem and not (folder / "lib" / f"kafka_2.13-{version}.jar").exists():
                problem = f"Maven brought no kafka_2.13-{version}.jar"
            if not problem:
                break
            print(f"attempt {attempt} of {ATTEMPTS} failed: {problem}", file=sys.stderr)
            if attempt == ATTEMPTS:
                raise ToolError(
                    f"Kafka {version} could not be fetched by Maven ({problem}); check the"
                    " network and ~/.m2/settings.xml, then start again"
                )
            time.sleep(2 * attempt)
        folder.rename(home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_maven(folder):
    """None, or in one line why Maven failed."""
    command = [
        "mvn",
        "-q",
        "-B",
        "-U",
        "-Dstyle.color=never",
        f"{COPY_PLUGIN}:copy-dependencies",
        "-DoutputDirectory=lib",
    ]
    with open(folder / "maven.log", "w+") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            failed = process.wait()
        except BaseException:  # interrupted: Maven must not go on alone
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        log.seek(0)
        errors = [line for line in log if "[ERROR]" in line] or [f"[ERROR] exit code {failed}"]
    return _cause(errors[0]) if failed else None


def _cause(line):
    """The first and the last part of Maven's "this: because: because: ... -> [Help 1]"."""
    parts = line.partition("[ERROR]")[2].partition("->")[0].strip().split(": ")
    return parts[0][:150] if len(parts) == 1 else f"{parts[0][:150]}: {parts[-1][:150]}"


@contextlib.contextmanager
def _cache_lock():
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another process that fetches Kafka", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
