"""A real single-node Kafka broker on this machine, without containers. Standard library only.

Reading order: command_line (what can be asked), broker (life of one broker in one folder),
settings (its configuration and ports), process (finding and ending exactly that process),
jars (where Kafka itself comes from), topics and records (using it), wire (the protocol).
"""
