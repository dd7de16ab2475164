"""Fitting one model: ``config``, ``schedule``, ``checkpoint``, then ``loop``."""
