"""ONNX Runtime, which predicts."""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from . import WORKLOADS

version = onnxruntime.__version__


class Model:
    """Nodes in a row, each fed by the one before it."""

    def __init__(self):
        self.nodes, self.weights, self.last = [], [], "x"
        self.random = np.random.default_rng(0)

    def add(self, operator, *shapes, **attributes):
        names = [f"w{len(self.weights) + k}" for k in range(len(shapes))]
        for name, shape in zip(names, shapes):
            self.weights.append(numpy_helper.from_array(self.random.normal(0, 0.05, shape).astype(np.float32), name))
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [self.last, *names], [result], **attributes))
        self.last = result

    def add_dense(self, sizes):
        for index, (width, units) in enumerate(zip(sizes, sizes[1:])):
            if index > 0:
                self.add("Relu")
            self.add("Gemm", (width, units), (units,))

    def add_convolution(self, inputs, outputs, padding):
        self.add("Conv", (outputs, inputs, 5, 5), (outputs,), pads=[padding] * 4)
        self.add("Relu")
        self.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])


def build(name, threads):
    """What makes one prediction of a workload, and the number of parameters."""
    workload = WORKLOADS[name]
    model = Model()
    if workload.network == "lenet":
        shape = [workload.batch, 1, 28, 28]
        model.add_convolution(1, 6, padding=2)
        model.add_convolution(6, 16, padding=0)
        model.add("Flatten")
        model.add_dense((400, 120, 84, 10))
    else:
        shape = [workload.batch, workload.sizes[0]]
        model.add_dense(workload.sizes)
    graph = helper.make_graph(
        model.nodes, name, [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(model.last, TensorProto.FLOAT, [workload.batch, 10])], model.weights)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    batch = {"x": model.random.normal(size=shape).astype(np.float32)}
    count = sum(int(np.prod(weight.dims)) for weight in model.weights)
    return lambda: session.run(None, batch), count
