"""Documents that come in: uploads, jobs, results, and the reading of a supplier's document."""
