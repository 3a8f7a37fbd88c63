"""salon-core: the shared layer of domain logic and database access."""

import gc

# Loading a function makes some 300,000 objects that all stay. Python's own thresholds have the collector look through
# them dozens of times, 50 to 100 ms of a cold start (`make bench`), and later in the middle of a request.
gc.set_threshold(50_000, 20, 20)
