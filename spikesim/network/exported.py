"""A network in files that other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..keywords import named

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Exported"]


class Exported:
    """What a network hands to other programs."""

    @named
    def to_sonata(
        self,
        folder: str | Path,
        dialect: str = "obi",
        *,
        duration: float = 1000.0,
        dt: float = 0.1,
        overwrite: bool = False,
    ) -> Path:
        """Write the network as a SONATA circuit and simulation, which other programs read and run.

        Parameters
        ----------
        folder : path
            Made if need be; then holds ``circuit_config.json``, ``simulation_config.json``, ``nodes.h5``, ``edges.h5``,
            tables of types, sets of nodes and the spikes that sources send.
        dialect : {"obi", "bmtk"}
            "obi": for libsonata, bluepysnap and what is built on them. "bmtk": for BMTK's PointNet, which runs it in
            NEST; a background becomes virtual nodes with the spikes of the simulation.
        duration, dt : float
            Length and step (ms) of the simulation that is described.
        overwrite : bool
            Whether files of an earlier circuit may be replaced.

        Returns
        -------
        Path
            The folder; :func:`spikesim.from_sonata` brings the same network back.

        Raises
        ------
        InvalidValueError
            If the network has what the dialect has no words for; all of it is listed.
        OutputFileError
            If the folder holds such files already, or cannot be written to.

        Notes
        -----
        What is drawn is drawn, from the seed of the network: the files list every synapse.  Neurons and synapses that
        NEST has too stand under its names and in its units (``nest:iaf_psc_exp``; a conductance that inhibits has a
        weight below 0), others under ours.  Columns are in single precision, as readers want them; all digits, and
        what SONATA has no words for, stand beside them in ``/spikesim``.

        Examples
        --------
        >>> import tempfile
        >>> import spikesim as ss
        >>> net = ss.Network(seed=1)
        >>> cells = net.population("cells", 10, ss.LIF())
        >>> _ = net.connect(cells, cells, ss.fixed_indegree(2), weight=20.0, delay=1.0, synapse=ss.Exponential(2.0))
        >>> with tempfile.TemporaryDirectory() as place:
        ...     sorted(path.name for path in net.to_sonata(f"{place}/circuit").glob("*.json"))
        ['circuit_config.json', 'node_sets.json', 'simulation_config.json']
        """
        from ..formats.sonata.write import to_sonata

        network: Any = self
        return to_sonata(network, folder, dialect, duration=duration, dt=dt, overwrite=overwrite)
