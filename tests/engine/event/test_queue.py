"""Truth: Python's sorted().  Buckets of neurons, the heap of flights, the order of spikes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spikesim.engine.event import queue as q
from spikesim.engine.event.records import CHUNK, FLIGHT, QUEUE
from spikesim.jit import JIT

N = 12
WIDTH = 0.25
EXAMPLES = 60 if JIT else 10


class Ring:
    """The buckets beside a dictionary of what they should hold."""

    def __init__(self, buckets: int) -> None:
        self.head = np.full(buckets, q.NONE, np.int32)
        self.filed = np.full(N, q.NONE, np.int32)
        self.chunks = np.zeros(80 + buckets, CHUNK)
        self.queue = np.zeros(1, QUEUE)[0]
        self.queue.free = q.NONE
        self.key: dict[int, float] = {}

    @property
    def count(self) -> int:
        return int(self.queue.filed)

    def put(self, i: int, t: float) -> None:
        self.key[i] = t
        q.file(self.head, self.filed, self.chunks, self.queue, np.int64(i), q.bucket_of(t, WIDTH))

    def serve(self, stop: float) -> list[int]:
        """All neurons with a key below `stop`; the others are filed again."""
        out, room = [], np.zeros(N, np.int64)
        last = q.bucket_of(stop, WIDTH)
        while self.count and (current := q.first_filled(self.head, np.int64(self.queue.current))) <= last:
            self.queue.current = int(current)
            n = q.fetch(self.head, self.filed, self.chunks, self.queue, current, room)
            for i in room[:n].tolist():
                if self.key[i] < stop:
                    out.append(i)
                    del self.key[i]
                else:
                    self.put(i, self.key[i])
            if current == last:
                break
        self.queue.current = max(self.queue.current, int(last))
        return out


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, N - 1), st.floats(0.0, 40.0), st.booleans()), max_size=80),
    st.sampled_from([4, 16, 256]),
)
def test_buckets_lose_nobody_and_serve_in_time(moves: list[tuple[int, float, bool]], buckets: int) -> None:
    """Filing earlier, filing later without telling, keys beyond the ring, windows across buckets: as sorted has it."""
    ring, now = Ring(buckets), 0.0
    for i, later, serve in moves:
        t = now + later
        if i in ring.key and t > ring.key[i]:
            ring.key[i] = t  # acts later: stays where it is
        else:
            ring.put(i, t)
        assert ring.count == len(ring.key)
        if serve:
            now += 0.37 * later
            expected = {k for k, v in ring.key.items() if v < now}
            found = ring.serve(now)
            assert len(found) == len(set(found)) and set(found) == expected
    expected = set(ring.key)
    assert set(ring.serve(now + 100.0)) == expected and ring.count == 0
    assert ring.queue.used <= len(moves) + buckets  # chunks are used again


def test_bucket_of_an_edge() -> None:
    """A time on an edge belongs to the bucket that begins there, also a million seconds from the start."""
    for k in (0, 1, 7, 2**32 + 1):
        assert q.bucket_of(k * WIDTH, WIDTH) == k
        assert q.bucket_of(np.nextafter(k * WIDTH, np.inf), WIDTH) == k
        if k:
            assert q.bucket_of(np.nextafter(k * WIDTH, 0.0), WIDTH) == k - 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1.0, 2.0, 2.5, 7.0]), st.integers(0, 9), st.integers(0, 2)), max_size=40))
def test_flights_come_in_the_order_of_arrival_rank_bundle(rows: list[tuple[float, int, int]]) -> None:
    n = len(rows)
    due, heap = np.array([r[0] for r in rows] + [0.0]), np.arange(n + 1)
    flight = np.zeros(n + 1, FLIGHT)
    for f, (_, rank, bundle) in enumerate(rows):
        flight[f].rank, flight[f].bundle = rank, bundle
        q.raise_flight(heap, due, flight, f)
    found = []
    for left in range(n, 0, -1):
        f = heap[0]
        found.append((due[f], int(flight[f].rank), int(flight[f].bundle)))
        heap[0] = heap[left - 1]
        q.sink_flight(heap, due, flight, left - 1, 0)
    assert found == sorted(rows)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 1.5, 1.5000000001, 3.0]), st.integers(0, 5)), max_size=50))
def test_spikes_are_sorted_by_time_and_gid(spikes: list[tuple[float, int]]) -> None:
    time = np.array([t for t, _ in spikes] + [np.nan])
    gid = np.array([i for _, i in spikes] + [-1], np.int64)
    q.sort_spikes(time, gid, len(spikes))
    assert list(zip(time[:-1].tolist(), gid[:-1].tolist())) == sorted(spikes)


def test_room_is_what_is_left() -> None:
    """Chunks that were never used, and those that were given back."""
    chunks, queue = np.zeros(5, CHUNK), np.zeros(1, QUEUE)[0]
    queue.free = q.NONE
    assert q.room(chunks, queue) == 5
    assert [int(q.new_chunk(chunks, queue)) for _ in range(3)] == [0, 1, 2] and q.room(chunks, queue) == 2
    chunks[1].after, queue.free, queue.spare = q.NONE, 1, 1
    assert q.room(chunks, queue) == 3
    assert [int(q.new_chunk(chunks, queue)) for _ in range(3)] == [1, 3, 4] and q.room(chunks, queue) == 0
