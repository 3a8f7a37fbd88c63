"""The tax service's XML of an УПД, by lxml."""
