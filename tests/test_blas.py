"""What is small is done by one thread of BLAS, and the number of threads is put back."""

from __future__ import annotations

import numpy as np
import pytest

from spikesim import blas


@pytest.mark.parametrize("package", ["numpy", "scipy"])
def test_the_switch_of_the_library_works(package: str) -> None:
    threads = blas.threads_of(package)
    if threads is None:
        pytest.skip(f"this {package} brings no OpenBLAS, and there is no threadpoolctl")
    before = threads.number()
    threads.use(2)
    try:
        with blas.one_thread(package):
            assert threads.number() == 1
        assert threads.number() == 2
        with pytest.raises(KeyError), blas.one_thread(package):
            raise KeyError
        assert threads.number() == 2
    finally:
        threads.use(before)
    assert threads.number() == before


def test_exponentials_are_taken_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy import linalg

    numbers, state = [], {"n": 2}
    monkeypatch.setattr(blas, "threads_of", lambda _: blas.Threads(lambda: state["n"], lambda n: state.update(n=n)))
    whole = linalg.expm
    monkeypatch.setattr(linalg, "expm", lambda m: numbers.append(state["n"]) or whole(m))
    found = blas.expm(np.array([[[0.0, 1.0], [-1.0, 0.0]], [[1.0, 0.0], [0.0, 2.0]]]))
    assert numbers == [1] and state["n"] == 2
    turned = [[np.cos(1.0), np.sin(1.0)], [-np.sin(1.0), np.cos(1.0)]]
    assert np.allclose(found, [turned, np.diag(np.exp([1.0, 2.0]))], rtol=0.0, atol=1e-14)
