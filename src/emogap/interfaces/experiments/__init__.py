"""Experiments as files: what a TOML file asks for is run on a data set and kept as tables and figures."""
