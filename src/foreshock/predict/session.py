"""Session: a bundle's network loaded by ONNX Runtime, and what goes wrong with it. Knows no examples and no tables."""

from __future__ import annotations

from foreshock.bundle import Bundle
from foreshock.bundle.onnx_runtime import onnxruntime, ort_errors
from foreshock.errors import BundleError
from foreshock.predict.device import Device, settle

FAILURES: tuple[type[Exception], ...] = (
    ort_errors.Fail,
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


def open_session(bundle: Bundle, device: Device, threads: int) -> tuple[onnxruntime.InferenceSession, Device]:
    """Load a bundle's network on a device, with so many threads inside an operator.

    Raises:
        BundleError: ONNX Runtime cannot run the network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_mem_pattern = False  # the last batch is smaller: one pattern would not serve both
    options.log_severity_level = 4  # what goes wrong comes back as an error, not on stderr
    try:
        session = onnxruntime.InferenceSession(bundle.onnx, sess_options=options, providers=device.providers)
    except FAILURES as error:
        raise BundleError(
            f"network of {bundle.card.name}",
            f"ONNX Runtime {onnxruntime.__version__} cannot load it ({first_line(error)})",
            "export the model again",
        ) from error
    return session, settle(device, session.get_providers())


def first_line(error: Exception) -> str:
    """The beginning of what ONNX Runtime complains about."""
    return (str(error).strip().splitlines() or ["no reason given"])[0][:160].rstrip(".")
