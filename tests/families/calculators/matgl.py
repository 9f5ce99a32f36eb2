"""The calculator of matgl on a checkpoint of before version 4.

Our adapter exchanges TensorNet's weights and gives M3GNet another sum. Here it is done the other way round, with the
package's own code untouched: the edges of TensorNet's embedding are turned, and M3GNet's convolution is called on turned
edges with the weights of the two ends exchanged.
"""

from pathlib import Path

import matgl
import torch
from matgl.ext.ase import PESCalculator


def calculator(spec):
    potential = matgl.load_model(Path(spec["file"]).parent)
    model = potential.model
    if hasattr(model, "tensor_embedding"):
        model.tensor_embedding.aggregate = at_the_end(model.tensor_embedding)
    else:
        for layer in model.graph_layers:
            on_turned_edges(layer.conv)
    return PESCalculator(potential)


def at_the_end(embedding):
    """Sum at the end: forward hands over the starts, so the ends are noted when it is called."""
    own, ends = embedding.aggregate, []
    embedding.register_forward_pre_hook(lambda module, inputs: ends.append(inputs[1][1]))
    return lambda messages, index, dim_size: own(messages, ends.pop(), dim_size)


def on_turned_edges(conv):
    own = conv.node_update_
    for branch in (conv.node_update_func.layers, conv.node_update_func.gates):
        weight = branch[0].weight
        third = conv.node_weight_func.out_features
        with torch.no_grad():
            weight.copy_(torch.cat([weight[:, third : 2 * third], weight[:, :third], weight[:, 2 * third :]], dim=1))

    def turned(edge_index, *rest):
        return own(edge_index.flip(0), *rest)

    conv.node_update_ = turned
