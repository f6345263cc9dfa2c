"""A seal on an HDF5 file that is written at once: the hash of all its bytes, looked at before HDF5 reads any.

It stands in the user block, which HDF5 leaves to who writes a file, so that every reader of HDF5 opens it as any other.
(A damaged file can keep the HDF5 library busy for ever, in one call that nothing interrupts.)
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO

from ..errors import FileFormatError

__all__ = ["USER_BLOCK", "require_seal", "seal"]

#: Bytes of the user block: the smallest that HDF5 allows.
USER_BLOCK = 512
_MARK = b"spikesim seal, blake2b of what follows the first 512 bytes: "
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PIECE = 2**20


def seal(path: str | os.PathLike[str]) -> None:
    """Write the hash of a closed file into its user block (``h5py.File(..., userblock_size=USER_BLOCK)``)."""
    with open(path, "r+b") as file:
        digest = _hash(file)
        file.seek(0)
        file.write(_MARK + digest + b"\n")
        file.flush()
        os.fsync(file.fileno())


def require_seal(path: str | os.PathLike[str]) -> None:
    """Refuse a file whose bytes are not those that it was sealed with; a file without a seal is older, or no HDF5 file.

    Raises
    ------
    FileFormatError
        If they are not.
    """
    with open(path, "rb") as file:
        head, next_bytes = file.read(USER_BLOCK), file.read(len(_HDF5))
        if head.startswith(_HDF5) or (next_bytes != _HDF5 and not head.startswith(_MARK)):
            return
        if not head.startswith(_MARK) or head[len(_MARK) :].split(b"\n")[0] != _hash(file):
            name = os.fsdecode(path)
            raise FileFormatError(f"{name!r} is damaged: its contents do not have the digest that it states")


def _hash(file: BinaryIO) -> bytes:
    """The hash of what follows the user block."""
    found = hashlib.blake2b(digest_size=16)
    file.seek(USER_BLOCK)
    while piece := file.read(_PIECE):
        found.update(piece)
    return found.hexdigest().encode()
