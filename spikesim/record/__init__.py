"""Recording: the sink protocol, its two stores (memory, HDF5) and the reader of files."""
