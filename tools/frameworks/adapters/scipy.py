"""SciPy."""

import numpy as np
from scipy import ndimage, signal

from tools.frameworks import arrays

PACKAGES = ("scipy",)
IMAGE = arrays.IMAGE[0, :, :, 0]
KERNEL, EVEN = arrays.KERNEL[:, :, 0, 0], arrays.EVEN_KERNEL[:, :, 0, 0]
ROW, FIRST = np.array([1, 2, 3, 4]), np.array([1, 0, 0, 0, 0])  # reads two pixels before
CALLS = {
    "convolve": ("signal.convolve2d(x, w, 'valid')", IMAGE, KERNEL),
    "correlate": ("signal.correlate2d(x, w, 'valid')", IMAGE, KERNEL),
    "correlate same": ("signal.correlate2d(x, w, 'same')", IMAGE, EVEN),
    "convolve same": ("signal.convolve2d(x, w, 'same')", IMAGE, EVEN),
    "full": ("signal.convolve2d(x, w)", IMAGE, KERNEL),
    "ndimage even": ("ndimage.correlate(x, w, mode='constant')", IMAGE, EVEN),
    "ndimage reflect": ("ndimage.correlate1d(x, w, mode='reflect')", ROW, FIRST),
    "ndimage mirror": ("ndimage.correlate1d(x, w, mode='mirror')", ROW, FIRST),
    "ndimage nearest": ("ndimage.correlate1d(x, w, mode='nearest')", ROW, FIRST),
    "ndimage wrap": ("ndimage.correlate1d(x, w, mode='wrap')", ROW, FIRST),
}


def results():
    """Yield name, call, output and arrays of each result."""
    for name, (call, x, w) in CALLS.items():
        output = eval(call, {"signal": signal, "ndimage": ndimage, "x": x, "w": w})
        yield name, call, output, {"input": x, "weight": w}
