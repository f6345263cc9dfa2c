"""The cache of compiled loops on disk: one file an overload, named by all that it depends on.

What stands in the cache is executed.  A folder or a file that others than those who may change the source can write to
is not used; a file is verified before it is read, and made again when it is damaged.  Numba's own index of overloads
is not used: two processes that write it at once can exchange the loops of two models.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from ..errors import SpikesimWarning

__all__ = ["cached", "has_place", "is_kept"]

_PACKAGE = Path(__file__).parent.parent

#: Rooms and files that loops of others may have compiled in; a loop of any room may have its own room compiled in.
_COMPILED = ("jit", "program", "engine")
_FILES = ("random.py", "network/pieces.py", "network/recipe.py", "plasticity/dependence.py")

_DIGEST = 32  # bytes of the SHA-256 behind the data


@functools.cache
def _source_stamp(room: str) -> str:
    """Hash of all that a loop of a room may have compiled in: Numba itself only watches the file of the function."""
    rooms = dict.fromkeys((*_COMPILED, room) if room else _COMPILED)
    digest = hashlib.sha256()
    for file in (
        *map(_PACKAGE.joinpath, _FILES),
        *(f for name in rooms for f in sorted((_PACKAGE / name).rglob("*.py"))),
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _room(file: str) -> str:
    """The room of a file of the package; "" of any other."""
    with contextlib.suppress(ValueError):
        first, *below = Path(os.path.abspath(file)).relative_to(_PACKAGE).parts
        return first if below else ""
    return ""


@functools.cache
def _warn(what: str) -> None:
    """Say something once."""
    warnings.warn(f"cache of compiled loops: {what}", SpikesimWarning, stacklevel=2)


def exposed(path: str, source: str) -> str:
    """Return why others could have put code at `path`, the cache of what stands in folder `source`; "" if they cannot.

    Who may change the source may change the cache: its owner, and its group where that may write there.
    """
    if not hasattr(os, "geteuid"):  # Windows: what a user's profile holds is the user's
        return ""
    found, origin = os.stat(path), os.stat(source)
    if found.st_uid not in (os.geteuid(), origin.st_uid, 0):
        return f"belongs to user {found.st_uid}"
    if found.st_mode & 0o002:
        return "may be written to by everybody"
    if found.st_mode & 0o020 and not (origin.st_mode & 0o020 and origin.st_gid == found.st_gid):
        return f"may be written to by all of group {found.st_gid}"
    return ""


class _Files(IndexDataCacheFile):
    """The files of one function."""

    def __init__(self, folder: str, base: str, stamp: Any, source: str) -> None:
        super().__init__(folder, base, stamp)
        self._base, self._source = base, source
        self._stamp = hashlib.sha256(repr((numba.__version__, stamp)).encode()).hexdigest()[:12]

    def _name(self, key: Any) -> str:
        return f"{self._base}.{self._stamp}.{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}.nbc"

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)
        return data + hashlib.sha256(data).digest()

    def trusted(self) -> bool:
        """Whether nobody else can have put anything here."""
        folder = self._cache_path
        with contextlib.suppress(OSError):
            why = exposed(folder, self._source)
            above = os.stat(os.path.dirname(folder)).st_mode
            if not why and above & 0o1002 == 0o0002 and hasattr(os, "geteuid"):
                why = "stands in a folder that everybody may write to"
            if not why:
                return True
            _warn(
                f"{folder} {why} and is not used, because what stands there is executed; "
                f"take their permission (chmod go-w) or name a folder of your own in NUMBA_CACHE_DIR"
            )
        return False

    def holds(self, key: Any) -> bool:
        """Whether something was kept for `key`."""
        return os.path.exists(self._data_path(self._name(key)))

    def load(self, key: Any) -> Any:
        """Return what was kept for `key`, None if there is nothing to be trusted."""
        name = self._name(key)
        path = self._data_path(name)
        if not os.path.exists(path) or not self.trusted():
            return None
        if why := exposed(path, self._source):
            return _warn(f"{path} {why} and is not used; remove it")
        data = Path(path).read_bytes()
        if hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
            return _warn(f"{path} is damaged; compiled again")
        kept, found = self._load_data(name)
        return found if kept == key else None

    def save(self, key: Any, data: Any) -> None:
        """Keep `data` for `key`, and forget what an earlier source was compiled to."""
        if not self.trusted():
            return
        name = self._name(key)
        self._save_data(name, (key, data))
        os.chmod(self._data_path(name), 0o644)  # whatever the umask says
        for file in Path(self._cache_path).glob(f"{self._base}.*.nb[ci]"):
            if not file.name.startswith(f"{self._base}.{self._stamp}."):
                with contextlib.suppress(OSError):
                    file.unlink()


class _Cache(FunctionCache):
    """Numba's cache of a function, in files of ours; done without where that is not possible."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = (self._impl.locator.get_source_stamp(), _source_stamp(_room(function.__code__.co_filename)))
        source = os.path.dirname(os.path.abspath(function.__code__.co_filename))
        source = source if os.path.isdir(source) else os.path.dirname(os.path.abspath(__file__))
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp, source)
        with contextlib.suppress(OSError):  # Numba has just made it, as wide as the umask allows
            if os.stat(self._cache_path).st_mode & 0o022 and not os.listdir(self._cache_path):
                os.chmod(self._cache_path, 0o755)

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        config = numba.config
        flags = (config.BOUNDSCHECK, config.OPT, config.DEBUGINFO_DEFAULT, sys.flags.optimize)
        return (*super()._index_key(sig, codegen), flags)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load what was kept; of Numba's machinery only its runtime, for all else is for compiling and takes 0.15 s."""
        try:
            importlib.import_module("numba.cpython.hashing")  # gives the linker symbols, as the runtime does
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        except ModuleNotFoundError:  # compiled for the same equations in a module that this process cannot import
            return None
        except Exception as error:  # of another build of Numba or LLVM
            return _warn(f"a loop in {self._cache_path} cannot be loaded ({type(error).__name__}); compiled again")

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk, a read-only folder: the next process compiles again
            super().save_overload(sig, data)


def cached(owner: Any, function: Callable[..., Any]) -> None:
    """Give a dispatcher or a C function a cache on disk, where there is a place for one."""
    with contextlib.suppress(RuntimeError):
        owner._cache = _Cache(function)


def has_place(owner: Any) -> bool:
    """Return whether what a dispatcher compiles is kept on disk, for other processes too."""
    return isinstance(owner._cache, _Cache) and owner._cache._cache_file.trusted()


def is_kept(owner: Any, kinds: tuple[Any, ...]) -> bool:
    """Return whether a dispatcher's loop for arguments of these types stands on disk."""
    cache = owner._cache
    return bool(cache._cache_file.holds(cache._index_key(kinds, owner.targetctx.codegen())))
