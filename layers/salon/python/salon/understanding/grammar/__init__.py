"""The grammar of dates and times: words to classes, classes to atoms, atoms to one answer.

Tokens carry a one-letter class. Rules are ordinary regular expressions over the string of classes; each replaces
what it matches by fewer, larger tokens, until only dates (``D``, ranges ``2``, lists ``3``, excluded ``4``), times
(``T``, ranges ``6``) and a few others are left. What is left over and looks like time is reported, never dropped.
"""
