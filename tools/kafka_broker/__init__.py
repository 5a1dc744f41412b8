"""Real Kafka brokers on this machine, without containers. Standard library only.

Reading order: command_line (what can be asked), actions (what is answered), broker (one broker in
one folder), launch (starting it), cluster (several that know each other), settings (its
configuration and ports), process (finding and ending exactly that process), jars (where Kafka comes
from), topics and records (using it), wire (the protocol).
"""
