"""Writes events.tfevents with TensorBoard's own library: pip install tensorboard; python events.py."""
import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
import struct


def record(event):
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


scalars = [Summary.Value(tag=tag, simple_value=value) for tag, value in [("loss/training", 0.25), ("accuracy", -3)]]
events = [
    Event(wall_time=1.5, file_version="brain.Event:2"),
    Event(wall_time=2.5, step=300, summary=Summary(value=scalars)),
]
path = pathlib.Path(__file__).with_name("events.tfevents")
path.write_bytes(b"".join(record(event) for event in events))

# What TensorBoard reads from it.
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

accumulator = EventAccumulator(str(path))
accumulator.Reload()
assert [(e.step, e.value) for e in accumulator.Scalars("loss/training")] == [(300, 0.25)]
assert [(e.step, e.value) for e in accumulator.Scalars("accuracy")] == [(300, -3)]
