"""What somebody signed about an image: where it lies, whether it holds, and what it says.

`sigstore` verifies; it is an optional extra, heavy to import, and touched by one module only (`sigstore_door.py`).
"""
