"""salon-core: the shared layer of domain logic and database access."""

import gc

# Loading a function makes some 300,000 objects that all stay. Python's own thresholds have the collector look through
# them dozens of times, 50 to 100 ms of a cold start (`make bench`), and later in the middle of a request. While loading
# it looks at none of them; the entry point (`platform.triggers`) puts them aside and sets what holds from then on.
LOADING, RUNNING = 300_000, 50_000
gc.set_threshold(LOADING, 20, 20)
