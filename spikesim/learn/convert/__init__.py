"""From trained rates to spikes: the chain of a network, its description, its run (sections 1.4, 1.6, 1.7)."""
