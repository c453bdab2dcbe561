"""Finds defects in photographs of products: libiuf from Python.

    model = iuf.Model("run")
    judgement = model.judge("part.png")       # a path, the bytes of an image file, or a numpy array
    judgement.verdict, judgement.score        # "defect", 12.3
    judgement.map                             # anomaly scores as a numpy array

The library is the one in this package, or the one that the environment variable IUF_LIBRARY names, or the system's. Any
number of threads may judge by one model; none holds Python's lock meanwhile. numpy is needed for arrays alone.
"""
import ctypes
import os
import pathlib

__all__ = ["Error", "Judgement", "Model", "Region", "set_threads", "version"]

_ABI = 1


class Error(Exception):
    """What the library says was wrong, where, and what to do."""


class _Summary(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in ("verdict", "width", "height", "map_side")]
    _fields_ += [
        (name, ctypes.c_double)
        for name in ("score", "threshold", "scaled_score", "confidence", "novelty", "map_low", "map_high")
    ]
    _fields_ += [("regions", ctypes.c_size_t)]
    _fields_ += [(name, ctypes.c_char_p) for name in ("verdict_name", "object", "fits_better")]


class Region(ctypes.Structure):
    """A place that is a defect: its box (x, y, width, height) and area in pixels of the photograph, and its peak."""

    _fields_ = [(name, ctypes.c_int64) for name in ("x", "y", "width", "height", "area", "peak_x", "peak_y")]
    _fields_ += [("peak", ctypes.c_double)]

    def __repr__(self):
        return f"Region(x={self.x}, y={self.y}, width={self.width}, height={self.height}, area={self.area})"


class _Object(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("threshold", ctypes.c_double), ("false_alarms", ctypes.c_double)]
    _fields_ += [("images", ctypes.c_int64), ("calibration_images", ctypes.c_int64)]


_GRAY8, _RGB8, _BGR8, _RGBA8, _BGRA8, _GRAY16 = range(1, 7)
_NORMAL, _REPLACE, _VARIANT = 1, 2, 4
_Progress = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64)
_Note = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)


def _load():
    inside = pathlib.Path(__file__).parent / "libiuf.so"
    path = os.environ.get("IUF_LIBRARY") or (str(inside) if inside.exists() else f"libiuf.so.{_ABI}")
    library = ctypes.CDLL(path)
    handle, text, size, share = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_double
    out, int32, flags = ctypes.POINTER(ctypes.c_void_p), ctypes.c_int32, ctypes.c_uint32
    for name, result, arguments in (
        ("iuf_abi_version", int32, []),
        ("iuf_version", text, []),
        ("iuf_last_error", text, []),
        ("iuf_set_threads", int32, [int32]),
        ("iuf_model_load", int32, [text, out]),
        ("iuf_model_free", None, [handle]),
        ("iuf_model_reload", int32, [handle]),
        ("iuf_model_objects", size, [handle]),
        ("iuf_model_object", int32, [handle, size, ctypes.POINTER(_Object), size]),
        ("iuf_model_listen", int32, [handle, _Progress, _Note, handle]),
        ("iuf_judge_file", int32, [handle, text, text, out]),
        ("iuf_judge_encoded", int32, [handle, text, size, text, out]),
        ("iuf_judge_pixels", int32, [handle, handle, int32, int32, size, int32, text, out]),
        ("iuf_judgement_free", None, [handle]),
        ("iuf_judgement_summary", int32, [handle, ctypes.POINTER(_Summary), size]),
        ("iuf_judgement_region", int32, [handle, size, ctypes.POINTER(Region), size]),
        ("iuf_judgement_map", ctypes.POINTER(ctypes.c_float), [handle]),
        ("iuf_judgement_paint", int32, [handle, handle, size]),
        ("iuf_calibrate", int32, [handle, text, share]),
        ("iuf_calibrate_threshold", int32, [handle, text, share]),
        ("iuf_calibrate_images", int32, [handle, text, text, share, flags]),
        ("iuf_calibrate_back", int32, [handle, text]),
        ("iuf_add", int32, [handle, text, text, flags]),
        ("iuf_add_ignoring", int32, [handle, text, text, text, flags]),
        ("iuf_update", int32, [handle, text, text, flags]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    if library.iuf_abi_version() != _ABI:
        raise ImportError(f"{path}: its interface has version {library.iuf_abi_version()}, {_ABI} is needed")
    return library


_library = _load()


def _check(status):
    if status == 3:
        raise MemoryError(_library.iuf_last_error().decode("utf-8", "replace"))
    if status != 0:
        raise Error(_library.iuf_last_error().decode("utf-8", "replace"))


def _known(value):
    return None if value != value else value


def _name(text):
    return None if text is None else text.encode()


def version():
    """That of the library: "0.1.0"."""
    return _library.iuf_version().decode()


def set_threads(count):
    """Threads that one call may use; 0: one per core. Where several threads judge at once, 1 is the fastest."""
    _check(_library.iuf_set_threads(count))


class Judgement:
    """What is said about one photograph. What is not known is None."""

    def __init__(self, handle):
        self._handle = handle
        s = _Summary()
        _check(_library.iuf_judgement_summary(handle, ctypes.byref(s), ctypes.sizeof(s)))
        self.verdict = s.verdict_name.decode()
        self.score = s.score
        self.threshold, self.scaled_score, self.novelty = _known(s.threshold), _known(s.scaled_score), _known(s.novelty)
        self.confidence = s.confidence
        self.object = s.object.decode()
        self.fits_better = None if s.fits_better is None else s.fits_better.decode()
        self.width, self.height = s.width, s.height
        self.map_range = (s.map_low, s.map_high)
        self._side = s.map_side
        self.regions = [Region() for _ in range(s.regions)]
        for number, region in enumerate(self.regions):
            _check(_library.iuf_judgement_region(handle, number, ctypes.byref(region), ctypes.sizeof(region)))

    def __del__(self):
        _library.iuf_judgement_free(self._handle)

    def __repr__(self):
        return f"Judgement(verdict={self.verdict!r}, score={self.score!r}, object={self.object!r})"

    @property
    def map(self):
        """Anomaly scores over the whole photograph: a square float32 array; None where the method draws none."""
        import numpy

        if self._side == 0:
            return None
        data = _library.iuf_judgement_map(self._handle)
        return numpy.ctypeslib.as_array(data, (self._side, self._side)).copy()

    def painted(self, rgb):
        """A copy of the photograph (height x width x 3, uint8) with the map in colours over it."""
        import numpy

        image = numpy.array(rgb, dtype=numpy.uint8, order="C")
        if image.shape != (self.height, self.width, 3):
            raise ValueError(f"the photograph has {self.height} x {self.width} x 3 values, not {image.shape}")
        _check(_library.iuf_judgement_paint(self._handle, image.ctypes.data, 0))
        return image


class Model:
    """A model file, or the folder of a run."""

    def __init__(self, path):
        self._handle = ctypes.c_void_p()
        self._listeners = []
        _check(_library.iuf_model_load(os.fsencode(path), ctypes.byref(self._handle)))

    def __del__(self):
        if getattr(self, "_handle", None):
            _library.iuf_model_free(self._handle)

    def judge(self, image, object=None, bgr=False):
        """Judges a path, the bytes of an image file, or an array: height x width, or x 1, 3 or 4 of uint8 (`bgr`: blue
        first, as OpenCV has it), or height x width of uint16. Against the object of this name, or the one that fits
        best."""
        out = ctypes.c_void_p()
        if isinstance(image, (str, os.PathLike)):
            _check(_library.iuf_judge_file(self._handle, os.fsencode(image), _name(object), ctypes.byref(out)))
        elif isinstance(image, (bytes, bytearray, memoryview)):
            data = bytes(image)
            _check(_library.iuf_judge_encoded(self._handle, data, len(data), _name(object), ctypes.byref(out)))
        else:
            self._judge_array(image, object, bgr, out)
        return Judgement(out)

    def _judge_array(self, image, object, bgr, out):
        import numpy

        array = numpy.asarray(image)
        if array.ndim == 3 and array.shape[2] == 1:
            array = array[:, :, 0]
        if array.dtype == numpy.uint16 and array.ndim == 2:
            kind = _GRAY16
        elif array.dtype == numpy.uint8 and array.ndim == 2:
            kind = _GRAY8
        elif array.dtype == numpy.uint8 and array.ndim == 3 and array.shape[2] in (3, 4):
            kinds = {(3, False): _RGB8, (3, True): _BGR8, (4, False): _RGBA8, (4, True): _BGRA8}
            kind = kinds[array.shape[2], bool(bgr)]
        else:
            raise TypeError(
                "an image is height x width, or x 1, 3 or 4 of uint8, or height x width of uint16, not "
                f"{'x'.join(map(str, array.shape))} of {array.dtype}"
            )
        # Rows may be apart, as in a part of a picture; pixels of a row may not.
        pixel = array.itemsize * (array.shape[2] if array.ndim == 3 else 1)
        apart = (pixel,) if array.ndim == 2 else (pixel, array.itemsize)
        if array.size == 0 or array.strides[1:] != apart or array.strides[0] < pixel * array.shape[1]:
            array = numpy.ascontiguousarray(array)
        height, width = array.shape[:2]
        _check(
            _library.iuf_judge_pixels(
                self._handle, array.ctypes.data, width, height, array.strides[0], kind, _name(object), ctypes.byref(out)
            )
        )

    @property
    def objects(self):
        """What the model has learned: a dictionary for each object."""
        found = []
        for number in range(_library.iuf_model_objects(self._handle)):
            o = _Object()
            _check(_library.iuf_model_object(self._handle, number, ctypes.byref(o), ctypes.sizeof(o)))
            found.append(
                {
                    "name": o.name.decode(),
                    "threshold": _known(o.threshold),
                    "false_alarms": _known(o.false_alarms),
                    "images": o.images,
                    "calibration_images": o.calibration_images,
                }
            )
        return found

    def reload(self):
        """Takes the file as it is now, for a model that another process has changed."""
        _check(_library.iuf_model_reload(self._handle))

    def listen(self, progress=None, note=None):
        """Whom calls that change the model tell: progress(stage, done, total), which cancels by returning True, and
        note(text)."""
        listener = (
            _Progress(lambda _, stage, done, total: bool(progress and progress(stage.decode(), done, total))),
            _Note(lambda _, text: note(text.decode("utf-8", "replace")) if note else None),
        )
        self._listeners.append(listener)  # a call that runs may still tell the one before
        _check(_library.iuf_model_listen(self._handle, *listener, None))

    def calibrate(self, false_alarms=None, threshold=None, folder=None, object=None, replace=False, normal=False):
        """Another threshold, written to the model's file: for a share of false alarms, by a folder of later normal
        images, or this one."""
        if threshold is not None:
            if false_alarms is not None or folder is not None:
                raise ValueError("a threshold needs neither a share of false alarms nor images")
            _check(_library.iuf_calibrate_threshold(self._handle, _name(object), threshold))
        elif folder is not None:
            flags = _REPLACE * replace | _NORMAL * normal
            share = 0 if false_alarms is None else false_alarms
            _check(_library.iuf_calibrate_images(self._handle, _name(object), os.fsencode(folder), share, flags))
        elif false_alarms is not None:
            _check(_library.iuf_calibrate(self._handle, _name(object), false_alarms))
        else:
            raise ValueError("a share of false alarms, a threshold or a folder is needed")

    def calibrate_back(self, object=None):
        """Undoes the last change of a threshold."""
        _check(_library.iuf_calibrate_back(self._handle, _name(object)))

    def add(self, folder, name=None, normal=False, variant=False, ignore=None):
        """Learns one more object from a folder of its normal images, and writes the model's file. What is not black in
        the image file `ignore` is neither learned nor judged."""
        flags = _NORMAL * normal | _VARIANT * variant
        path = os.fsencode(folder)
        if ignore is None:
            _check(_library.iuf_add(self._handle, path, _name(name), flags))
        else:
            _check(_library.iuf_add_ignoring(self._handle, path, _name(name), os.fsencode(ignore), flags))

    def update(self, folder, object, normal=False, replace=False):
        """Learns more normal images of a known object, as under another lamp, and writes the model's file."""
        flags = _NORMAL * normal | _REPLACE * replace
        _check(_library.iuf_update(self._handle, os.fsencode(folder), _name(object), flags))
