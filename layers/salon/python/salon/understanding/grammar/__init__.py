"""The grammar of dates and times: words to classes, classes to atoms, atoms to one answer.

Tokens carry a one-letter class (`vocabulary`, `tokens`; `ellipsis` puts back a noun left
out, `completion` marks an hour to be done by). Rules are ordinary
regular expressions over the string of classes; each replaces what it matches by fewer, larger tokens (`clock`, `dates`
with `periods`, `times`, `spans`), until only dates (``D``, ranges ``2``, lists ``3``, excluded ``4``), times (``T``,
ranges ``6``, done by ``7``), moves (``8``) and a few others are left. `draft` gathers them and `assemble` merges them,
with the opening hours' help (`hours`). What is left over and looks like time is reported, never dropped.
"""
