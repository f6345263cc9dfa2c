"""Data to learn from: the protocol, batches, small tasks, images (sections 5.1.2, 5.4.2, 6.3.1)."""
