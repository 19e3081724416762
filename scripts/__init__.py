"""One verb a file: benchmarks, training, checks."""
