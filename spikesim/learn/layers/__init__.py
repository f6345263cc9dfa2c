"""What networks are made of: modules, layers, activation functions, losses (chapters 1.5, 1.7, 2.3, 5.1.3)."""
