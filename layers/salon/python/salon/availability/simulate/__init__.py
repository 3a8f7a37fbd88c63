"""Plays realistic demand against ways of offering times: what the packing score of `packing.py` is worth.

A development tool: nothing in production imports it. The demand model is that of `facts/domain.md` §4.3; what that
section leaves open is filled in by `demand.py` and said there.
"""
