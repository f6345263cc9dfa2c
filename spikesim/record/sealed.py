"""A seal on an HDF5 file that is written at once: the hash of all its bytes, looked at before HDF5 reads any.

It stands in the user block, which HDF5 leaves to who writes a file, so that every reader of HDF5 opens it as any other.
(A damaged file can keep the HDF5 library busy for ever, in one call that nothing interrupts.)
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO

from ..errors import FileFormatError

__all__ = ["USER_BLOCK", "require_seal", "seal", "sealed_as"]

#: Bytes of the user block: the smallest that HDF5 allows.
USER_BLOCK = 512
_MARK = b"spikesim seal, blake2b of what follows the first 512 bytes: "
_DIGITS = 32
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PIECE = 2**20


def seal(path: str | os.PathLike[str], kind: str = "") -> None:
    """Write the hash of a closed file into its user block (``h5py.File(..., userblock_size=USER_BLOCK)``).

    `kind` is a line of text that says what the file is without HDF5; the hash is of it too.
    """
    said = kind.encode() + b"\n" if kind else b""
    with open(path, "r+b") as file:
        block = _block(said, file)
        file.seek(0)
        file.write(block)
        file.flush()
        os.fsync(file.fileno())


def require_seal(path: str | os.PathLike[str]) -> bool:
    """Refuse a file whose bytes are not those that it was sealed with.

    Returns
    -------
    bool
        Whether it has a seal; a file that has none is older, or no HDF5 file.

    Raises
    ------
    FileFormatError
        If they are not.
    """
    with open(path, "rb") as file:
        head, next_bytes = file.read(USER_BLOCK), file.read(len(_HDF5))
        sealed = head.startswith(_MARK)
        if head.startswith(_HDF5) or (next_bytes != _HDF5 and not sealed):
            return False
        if head != _block(_said(head), file):
            name = os.fsdecode(path)
            raise FileFormatError(f"{name!r} is damaged: its contents do not have the digest that it states")
    return True


def sealed_as(path: str | os.PathLike[str]) -> str | None:
    """Return the kind that a seal names, None of a file without one; nothing is looked at but the seal."""
    with open(path, "rb") as file:
        head = file.read(USER_BLOCK)
    return _said(head).decode(errors="replace").strip("\n") if head.startswith(_MARK) else None


def _said(head: bytes) -> bytes:
    """What a user block says after its digest."""
    return head[len(_MARK) + _DIGITS + 1 :].rstrip(b"\0")


def _block(said: bytes, file: BinaryIO) -> bytes:
    """The user block: the mark, the hash of what it says and of all that follows it, and what it says."""
    found = hashlib.blake2b(said, digest_size=_DIGITS // 2)
    file.seek(USER_BLOCK)
    while piece := file.read(_PIECE):
        found.update(piece)
    return (_MARK + found.hexdigest().encode() + b"\n" + said).ljust(USER_BLOCK, b"\0")
