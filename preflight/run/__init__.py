"""One run: discover and select checks, set the scene, run, judge, report."""
