"""Studies with a known truth: simulated eyes, drawn faces, ratings and answers, in formats that are read elsewhere."""
