"""What a synapse learns by itself: no rule yet, and `plasticity=` of a connection takes None."""
