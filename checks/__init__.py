"""The built-in checks: one check, one file, one class, one test file, named alike."""
