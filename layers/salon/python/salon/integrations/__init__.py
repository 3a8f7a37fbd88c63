"""One folder per outside product. Nobody imports these but a function's `bootstrap.py`, tests and the local cloud."""
