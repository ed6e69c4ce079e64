"""`preflight pin update`: pin the image of a release, safely."""
