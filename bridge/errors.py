"""Every fault that Clipbridge can name, as a sentence a musician understands.

An error is raised where it is noticed and answered in one place (``daemon.dispatch`` for requests,
``bridge.__main__`` for the command line). Its text says what was got and what was needed; its
``code`` is what travels over the wire and never changes.
"""


class BridgeError(Exception):
    """The root of all faults; its text is shown to the musician as it is."""

    code: str = "internal"


class BadRequestError(BridgeError):
    """A request whose values make no sense: out of range, of the wrong type, too few."""

    code = "bad-request"


class UnknownAddressError(BadRequestError):
    """An OSC address that this protocol does not have."""

    code = "unknown-address"


class VersionError(BridgeError):
    """The two sides speak different versions of the protocol."""

    code = "version"


class UnknownClipError(BadRequestError):
    """A request names a clip that was never sent, or was sent in part only."""

    code = "unknown-clip"


class ChecksumError(BridgeError):
    """A clip arrived, but not the clip that was sent."""

    code = "checksum"


class NoNotesError(BadRequestError):
    """A clip without a note to work on."""

    code = "no-notes"


class TooLongError(BadRequestError):
    """A clip, or a queue, beyond what the bridge can hold."""

    code = "too-long"


class BusyError(BridgeError):
    """The queue is full."""

    code = "busy"


class CancelledError(BridgeError):
    """The musician, or a newer request of the same device, called the job off."""

    code = "cancelled"


class DeadlineError(BridgeError):
    """A job took longer than it may."""

    code = "timeout"


class ModelMissingError(BridgeError):
    """A model that the tool needs is not installed, or its files are damaged."""

    code = "model-missing"


class ModelFailedError(BridgeError):
    """A model was run and failed."""

    code = "model-failed"


class MidiFileError(BridgeError):
    """A MIDI file that cannot be read or written; the text names the file and the fault."""

    code = "midi-file"


class SettingError(BridgeError):
    """A setting that does not exist or has a value that cannot be."""

    code = "setting"


class PortTakenError(BridgeError):
    """No port could be opened, or another bridge of this user is running."""

    code = "port-taken"


class DataMissingError(BridgeError):
    """Training data that is not there; the text says where to get it."""

    code = "data-missing"


class ExportError(BridgeError):
    """A network that may not become a shipped model: nothing was written."""

    code = "export"
