"""Which hardware a model may run on, by name, and what stands in the way of a GPU.

onnxruntime's own list of providers names what it was built with, not what works here (it says CUDA
on a machine without a GPU). So a GPU is asked for only where its driver and libraries can be
loaded; whether it then works is known from the session alone.
"""

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

CPU: Final = "cpu"
AUTO: Final = "auto"

PROVIDERS: Final = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    CPU: "CPUExecutionProvider",
}
"""Our names for onnxruntime's, the preferred first."""

_CUDA_LIBRARIES: Final = {
    "linux": ("libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcudnn.so.9"),
    "win32": ("nvcuda.dll", "cudart64_13.dll", "cublasLt64_13.dll", "cudnn64_9.dll"),
}


@dataclass(frozen=True, slots=True)
class Prospect:
    """A provider, and why it cannot be asked for where it cannot."""

    name: str
    obstacle: str | None
    """None where nothing is known to stand in the way; else a sentence with its cure."""


def loadable(library: str) -> bool:
    """Whether the system finds and loads a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def prospects(
    built: Sequence[str],
    *,
    platform: str = sys.platform,
    can_load: Callable[[str], bool] = loadable,
) -> tuple[Prospect, ...]:
    """All providers of this build of onnxruntime, the preferred first, CPU last.

    Args:
        built: onnxruntime's own list, by its own names.
        platform: As ``sys.platform``.
        can_load: Whether a shared library can be loaded.
    """
    found = []
    for name, provider in PROVIDERS.items():
        if provider not in built:
            continue
        obstacle = None
        if name in {"cuda", "tensorrt"}:
            obstacle = _cuda_obstacle(platform, can_load)
            if name == "tensorrt" and obstacle is None:
                library = "nvinfer_10.dll" if platform == "win32" else "libnvinfer.so.10"
                if not can_load(library):
                    obstacle = f"TensorRT is not installed ({library}); CUDA does without it."
        found.append(Prospect(name, obstacle))
    return tuple(found)


def candidates(wanted: str, known: Sequence[Prospect]) -> tuple[str, ...]:
    """The providers to try, in order; CPU is always the last resort.

    Args:
        wanted: ``auto``, or the one provider to use if it works.
        known: As :func:`prospects` gives them.
    """
    open_ones = [prospect.name for prospect in known if prospect.obstacle is None]
    # TensorRT builds its engine for minutes on first use, so it has to be asked for by name.
    chosen = (
        [name for name in open_ones if name == wanted]
        if wanted != AUTO
        else [name for name in open_ones if name != "tensorrt"]
    )
    return (*(name for name in chosen if name != CPU), CPU)


def _cuda_obstacle(platform: str, can_load: Callable[[str], bool]) -> str | None:
    driver, *libraries = _CUDA_LIBRARIES.get(platform, ("",))
    if not driver or not can_load(driver):
        return "There is no NVIDIA graphics driver here; the CPU plays everything."
    missing = [library for library in libraries if not can_load(library)]
    if missing:
        return (
            f"The graphics card is there, but {', '.join(missing)} is missing."
            " Cure: python -m pip install 'onnxruntime-gpu[cuda,cudnn]'"
        )
    return None
