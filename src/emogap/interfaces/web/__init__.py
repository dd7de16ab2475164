"""The local web app: one page per job, on this machine alone.

``parts/`` is a shelf: a file there is a page with what it needs, and is mounted by being there. ``static/`` and
``templates/`` are served as they are: there is no build step. htmx (``static/htmx.min.js``, 2.0.11, 0BSD) is the only
script that is not ours.
"""
