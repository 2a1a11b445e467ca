"""Packet captures as data frames, by libpcapmill, which reads them with every core.

    import pcapmill

    capture = pcapmill.analyze("x.pcap")
    capture.flows.to_pandas()          # or .to_polars(), .to_arrow(), .to_duckdb()
    capture.summary["packets"]

Every table is an attribute, and what `pcapmill analyze` writes as CSV; man pcapmill-tables(5) tells what is in it.
Times are integers of nanoseconds (first_ts_ns) and, behind the other columns, timestamps (first_ts). A table can
be given to whatever takes Arrow's PyCapsule interface, as pyarrow.table() and polars.DataFrame() do.

The library is looked for as $PCAPMILL_LIBRARY, else as the system finds libpcapmill.so.0. While it works, other
threads of Python run.
"""
import ctypes
import json
import os
from ctypes import POINTER, byref, c_bool, c_char, c_char_p, c_int, c_int64, c_size_t, c_uint, c_uint32, c_uint64
from ctypes import c_void_p

__version__ = "0.1.0"
__all__ = ["Error", "Analysis", "Table", "analyze"]


class Error(Exception):
    """What could not be done, as one sentence; `status` is enum pm_status of pcapmill.h."""

    def __init__(self, error):
        super().__init__(error.message.decode("utf-8", "replace"))
        self.status = error.status


# ---- structures of pcapmill.h and arrow.h ---------------------------------------------------------------------------

class _Error(ctypes.Structure):
    _fields_ = [("status", c_int), ("message", c_char * 1024)]


class _Options(ctypes.Structure):
    _fields_ = [("threads", c_uint), ("intervals_ns", c_int64 * 4), ("origin", c_int), ("origin_ns", c_int64),
                ("idle_timeout_ns", c_int64), ("key_vlan", c_bool), ("key_tunnel", c_bool), ("flow_columns", c_int),
                ("tunnels", c_int), ("tables", c_char_p), ("packets", c_bool), ("splt", c_uint), ("filter", c_char_p),
                ("dedup", c_uint), ("top", c_uint), ("strict", c_bool), ("progress", c_void_p),
                ("progress_context", c_void_p), ("stop", c_void_p), ("measure", c_bool), ("run_bytes", c_uint64),
                ("window_bytes", c_uint64), ("batch_packets", c_uint), ("edge_packets", c_uint32),
                ("hash_seed", c_uint64)]


class _TableInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("description", c_char_p), ("columns", c_void_p), ("n_columns", c_size_t),
                ("rows", c_uint64)]


class _Stream(ctypes.Structure):
    pass


_Release = ctypes.CFUNCTYPE(None, POINTER(_Stream))
_Stream._fields_ = [("get_schema", c_void_p), ("get_next", c_void_p), ("get_last_error", c_void_p),
                    ("release", _Release), ("private_data", c_void_p)]


def _load():
    library = ctypes.CDLL(os.environ.get("PCAPMILL_LIBRARY", "libpcapmill.so.0"))
    for name, result, *arguments in (
            ("pm_version", c_char_p),
            ("pm_options_init", None, POINTER(_Options)),
            ("pm_analyze", c_int, POINTER(c_char_p), c_size_t, POINTER(_Options), POINTER(c_void_p), POINTER(_Error)),
            ("pm_analysis_free", None, c_void_p),
            ("pm_analysis_json", c_void_p, c_void_p),
            ("pm_table_count", c_size_t, c_void_p),
            ("pm_table_get", _TableInfo, c_void_p, c_size_t),
            ("pm_table_arrow", c_int, c_void_p, c_size_t, POINTER(_Stream), POINTER(_Error))):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    found = library.pm_version().decode()
    if found != __version__:
        raise ImportError(f"libpcapmill is version {found}, and this module is for {__version__}")
    return library


_library = _load()
_libc = ctypes.CDLL(None)
_libc.free.argtypes = [c_void_p]

# ---- streams that Python hands on -----------------------------------------------------------------------------------

_CAPSULE = b"arrow_array_stream"
_Destructor = ctypes.CFUNCTYPE(None, c_void_p)
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = ctypes.py_object, [c_void_p, c_char_p, _Destructor]
_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.restype, _capsule_pointer.argtypes = c_void_p, [c_void_p, c_char_p]
_streams = {}  # address -> stream, as long as its capsule lives


@_Destructor
def _end_capsule(capsule):
    """Whoever took the stream has cleared `release`."""
    stream = _streams.pop(_capsule_pointer(capsule, _CAPSULE))
    if stream.release:
        stream.release(byref(stream))


# ---- what users see -------------------------------------------------------------------------------------------------

class Table:
    """One table of an analysis."""

    def __init__(self, analysis, number):
        info = _library.pm_table_get(analysis._pointer, number)
        self._analysis, self._number = analysis, number
        self.name, self.description = info.name.decode(), info.description.decode()
        self.rows = info.rows

    def __len__(self):
        return self.rows

    def __repr__(self):
        return f"<pcapmill.Table {self.name}: {self.rows} rows, {self.description}>"

    def __arrow_c_stream__(self, requested_schema=None):
        """Arrow's PyCapsule interface. The types are ours, whatever is requested."""
        stream, error = _Stream(), _Error()
        if _library.pm_table_arrow(self._analysis._pointer, self._number, byref(stream), byref(error)) != 0:
            raise Error(error)
        _streams[ctypes.addressof(stream)] = stream
        return _new_capsule(ctypes.addressof(stream), _CAPSULE, _end_capsule)

    def to_arrow(self):
        """A pyarrow.Table."""
        import pyarrow
        return pyarrow.RecordBatchReader._import_from_c_capsule(self.__arrow_c_stream__()).read_all()

    def to_pandas(self):
        """A pandas.DataFrame; a text that does not apply is None."""
        return self.to_arrow().to_pandas()

    def to_polars(self):
        """A polars.DataFrame."""
        import polars
        return polars.from_arrow(self.to_arrow())

    def to_duckdb(self, connection=None):
        """A relation of DuckDB, of its default connection or another one."""
        import duckdb
        return (connection or duckdb).from_arrow(self.to_arrow())


class Analysis:
    """What was found: every table as an attribute, `tables` by name, and `summary`, which is summary.json."""

    def __init__(self, pointer):
        self._pointer = pointer
        text = _library.pm_analysis_json(pointer)
        if text is None:
            raise MemoryError
        self.summary = json.loads(ctypes.string_at(text))
        _libc.free(text)
        self.tables = {}
        for number in range(_library.pm_table_count(pointer)):
            table = Table(self, number)
            self.tables[table.name] = table

    def __getattr__(self, name):
        try:
            return self.__dict__["tables"][name]
        except KeyError:
            raise AttributeError(f"there is no table {name!r}: {', '.join(self.__dict__.get('tables', ()))}") from None

    def __dir__(self):
        return [*super().__dir__(), *self.tables]

    def __del__(self):
        if self.__dict__.get("_pointer"):
            _library.pm_analysis_free(self._pointer)


def _choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return choices.index(value)


def _whole(name, value, most):
    """ctypes would cut it in silence."""
    number = round(value)
    if not 0 <= number <= most:
        raise ValueError(f"{name} is out of range: {value!r}")
    return number


def _text(name, value):
    if value is not None and "\0" in value:
        raise ValueError(f"{name} holds a zero byte")
    return None if value is None else value.encode()


def analyze(*captures, threads=0, filter=None, tables=None, packets=False, columns="basic", interval=1.0,
            idle_timeout=120.0, tunnels="outer", dedup=0, splt=0, strict=False):
    """Reads captures, which are one record in the order given, as `pcapmill analyze` does; times are in seconds.

    `tables`: names joined by ','; with a '+' before them, these too. `columns`: of flows, basic, tcp or all.
    `tunnels`: outer or inner. `packets`: the table of packets as well. `filter`: as in tcpdump. Damaged records are
    told in summary["damage"]; with `strict` they are an Error.
    """
    options, error, pointer = _Options(), _Error(), c_void_p()
    _library.pm_options_init(byref(options))
    options.packets, options.strict = packets, strict
    options.threads = _whole("threads", threads, 2**32 - 1)
    options.splt, options.dedup = _whole("splt", splt, 2**32 - 1), _whole("dedup", dedup, 2**32 - 1)
    options.filter, options.tables = _text("filter", filter), _text("tables", tables)
    options.flow_columns = _choice("columns", columns, ["basic", "tcp", "all"])
    options.tunnels = _choice("tunnels", tunnels, ["outer", "inner"])
    options.intervals_ns[0] = _whole("interval", interval * 1e9, 2**63 - 1)
    options.idle_timeout_ns = _whole("idle_timeout", idle_timeout * 1e9, 2**63 - 1)
    paths = (c_char_p * len(captures))(*(os.fsencode(path) for path in captures))
    if _library.pm_analyze(paths, len(captures), byref(options), byref(pointer), byref(error)) != 0:
        raise Error(error)
    return Analysis(pointer.value)
