"""Training: optimisers, schedules, the loop, its history and files, estimators (chapters 3.1, 5 and 6.3)."""
