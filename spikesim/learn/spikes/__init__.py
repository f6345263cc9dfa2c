"""Training networks of spiking neurons: surrogate gradients on the clock's grid, exact ones between events."""
