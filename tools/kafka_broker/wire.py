"""The few requests of the Kafka protocol that the tool needs, over one plain socket.

A JVM admin call takes 1.5 s of CPU, one of these a few milliseconds. All versions used here are
the newest ones without tagged fields that Kafka 3.9 and 4.1 both still answer.
"""

import socket
import struct

CLIENT_ID = "weir-tools"
KAFKA_NAMES = {
    3: "unknown topic or partition",
    5: "leader not available",
    7: "request timed out",
    17: "invalid topic name",
    36: "topic already exists",
    37: "invalid number of partitions",
    38: "invalid replication factor",
    40: "invalid configuration",
    41: "not the controller",
    44: "policy violation",
}


class KafkaError(Exception):
    """An answer of the broker that says no; `code` is the protocol's error code."""

    def __init__(self, code, message=None):
        super().__init__(message or KAFKA_NAMES.get(code, f"error code {code}"))
        self.code = code


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def number(self, layout, value):
        self.bytes += struct.pack(">" + layout, value)
        return self

    def text(self, value):
        if value is None:
            return self.number("h", -1)
        raw = value.encode()
        self.number("h", len(raw))
        self.bytes += raw
        return self

    def array(self, items, write):
        if items is None:
            return self.number("i", -1)
        self.number("i", len(items))
        for item in items:
            write(item)
        return self


class Reader:
    def __init__(self, raw):
        self.raw = raw
        self.at = 0

    def number(self, layout):
        value = struct.unpack_from(">" + layout, self.raw, self.at)[0]
        self.at += struct.calcsize(">" + layout)
        return value

    def text(self):
        length = self.number("h")
        if length < 0:
            return None
        self.at += length
        return self.raw[self.at - length : self.at].decode()

    def array(self, read):
        return [read() for _ in range(self.number("i"))]


class Connection:
    """One connection to one broker. Not for use by several threads. Failures are OSError."""

    def __init__(self, port, host="127.0.0.1", timeout=10.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _call(self, api_key, api_version, body):
        self.correlation += 1
        request = Writer().number("h", api_key).number("h", api_version)
        request.number("i", self.correlation).text(CLIENT_ID)
        request.bytes += body.bytes
        self.socket.sendall(struct.pack(">i", len(request.bytes)) + request.bytes)
        size = struct.unpack(">i", self._receive(4))[0]
        reader = Reader(self._receive(size))
        if reader.number("i") != self.correlation:
            raise OSError("the answer belongs to another request")
        return reader

    def _receive(self, size):
        chunks = bytearray()
        while len(chunks) < size:
            chunk = self.socket.recv(size - len(chunks))
            if not chunk:
                raise ConnectionError("the broker closed the connection")
            chunks += chunk
        return bytes(chunks)

    def metadata(self, topics=None):
        """Cluster id, brokers and `topics` (None = all); never creates a topic."""
        body = Writer()
        body.array(topics, body.text).number("?", False)
        reader = self._call(3, 4, body)

        def broker():
            return {
                "id": reader.number("i"),
                "host": reader.text(),
                "port": reader.number("i"),
                "rack": reader.text(),
            }

        def partition():
            return {
                "error": reader.number("h"),
                "index": reader.number("i"),
                "leader": reader.number("i"),
                "replicas": reader.array(lambda: reader.number("i")),
                "in_sync": reader.array(lambda: reader.number("i")),
            }

        def topic():
            return {
                "error": reader.number("h"),
                "name": reader.text(),
                "internal": reader.number("?"),
                "partitions": reader.array(partition),
            }

        reader.number("i")  # throttle time
        brokers = reader.array(broker)
        cluster = reader.text()
        controller = reader.number("i")
        return {
            "brokers": brokers,
            "cluster": cluster,
            "controller": controller,
            "topics": reader.array(topic),
        }

    def create_topic(self, name, partitions, config, timeout_ms=15000):
        body = Writer().number("i", 1).text(name).number("i", partitions).number("h", -1)
        body.array([], None)  # no manual assignment
        body.array(sorted(config.items()), lambda pair: body.text(pair[0]).text(pair[1]))
        reader = self._call(19, 4, body.number("i", timeout_ms).number("?", False))
        reader.number("i")  # throttle time
        for _, code, message in reader.array(
            lambda: (reader.text(), reader.number("h"), reader.text())
        ):
            if code:
                raise KafkaError(code, message)

    def delete_topic(self, name, timeout_ms=15000):
        body = Writer().number("i", 1).text(name).number("i", timeout_ms)
        reader = self._call(20, 1, body)
        reader.number("i")  # throttle time
        for _, code in reader.array(lambda: (reader.text(), reader.number("h"))):
            if code:
                raise KafkaError(code)

    def topic_config(self, name):
        """The settings given to this topic itself (not the broker's defaults)."""
        set_on_topic = 1
        body = Writer().number("i", 1).number("b", 2).text(name).number("i", -1).number("?", False)
        reader = self._call(32, 1, body)

        def setting():
            entry = (
                reader.text(),
                reader.text(),
                reader.number("?"),
                reader.number("b"),
                reader.number("?"),
            )
            reader.array(lambda: (reader.text(), reader.text(), reader.number("b")))  # synonyms
            return entry

        reader.number("i"), reader.number("i")  # throttle time, one result
        code, message = reader.number("h"), reader.text()
        if code:
            raise KafkaError(code, message)
        reader.number("b"), reader.text()  # type and name of the resource
        return {
            name: value
            for name, value, _, source, _ in reader.array(setting)
            if source == set_on_topic
        }

    def offsets(self, topic, partitions, timestamp, committed):
        """Partition -> offset; `timestamp` -1 = end, -2 = start, else the first one not before."""
        body = Writer().number("i", -1).number("b", 1 if committed else 0)
        body.number("i", 1).text(topic)
        body.array(partitions, lambda index: body.number("i", index).number("q", timestamp))
        reader = self._call(2, 2, body)
        reader.number("i"), reader.number("i"), reader.text()  # throttle time, one topic, its name
        found = {}
        for index, code, _, offset in reader.array(
            lambda: (reader.number("i"), reader.number("h"), reader.number("q"), reader.number("q"))
        ):
            if code:
                raise KafkaError(code)
            found[index] = offset
        return found
