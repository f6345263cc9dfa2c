"""The event engine: exact, each neuron from event to event."""
