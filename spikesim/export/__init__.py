"""What was recorded, handed to other packages: pandas, Neo, NWB; and as plain text."""

from .csv import result_to_csv
from .frames import spikes_frame, traces_frame
from .neo import result_to_neo, spikes_to_neo
from .nwb import result_to_nwb

__all__ = ["result_to_csv", "result_to_neo", "result_to_nwb", "spikes_frame", "spikes_to_neo", "traces_frame"]
