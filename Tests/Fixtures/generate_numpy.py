"""Writes numpy.npz, an archive as NumPy compresses it, which DatasetsTests/Tables/FormatTests reads."""

import os

import numpy as np

np.savez_compressed(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "numpy.npz"),
    x=np.array([[1.5, 2], [3, 4]], dtype=np.float32),
    y=np.array([7, -8], dtype=np.int64),
)
