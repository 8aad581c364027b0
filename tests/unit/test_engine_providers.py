"""Which hardware is asked for, and which is not."""

import pytest

from bridge.engine.providers import CPU, PROVIDERS, Prospect, candidates, prospects

GPU_BUILD = ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider")


def test_a_machine_without_a_driver_is_not_asked_for_its_gpu():
    found = {part.name: part.obstacle for part in prospects(GPU_BUILD, can_load=lambda _: False)}
    assert found["cpu"] is None
    assert "driver" in found["cuda"]
    assert candidates("auto", prospects(GPU_BUILD, can_load=lambda _: False)) == (CPU,)


def test_a_driver_without_its_libraries_is_named_with_its_cure():
    def only_the_driver(library):
        return library in {"libcuda.so.1", "nvcuda.dll"}

    for platform in ("linux", "win32"):
        found = prospects(GPU_BUILD, platform=platform, can_load=only_the_driver)
        cuda = next(part for part in found if part.name == "cuda")
        assert "cudnn" in cuda.obstacle
        assert "pip install" in cuda.obstacle


def test_a_whole_cuda_is_tried_before_the_cpu():
    found = prospects(GPU_BUILD, platform="linux", can_load=lambda _: True)
    assert candidates("auto", found) == ("cuda", "cpu")


def test_tensorrt_is_used_only_where_it_is_asked_for():
    found = prospects(GPU_BUILD, platform="linux", can_load=lambda _: True)
    assert candidates("tensorrt", found) == ("tensorrt", "cpu")


@pytest.mark.parametrize("wanted", [*PROVIDERS, "auto"])
def test_the_cpu_is_always_the_last_resort(wanted):
    assert candidates(wanted, [Prospect("cuda", "no driver"), Prospect("cpu", None)]) == ("cpu",)


def test_what_the_build_does_not_have_is_no_prospect():
    assert [part.name for part in prospects(("CPUExecutionProvider",))] == ["cpu"]
