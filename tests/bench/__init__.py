"""The benchmark: ``make bench``. Measures, prints, judges nothing but whether it could measure."""
