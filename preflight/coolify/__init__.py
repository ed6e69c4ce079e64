"""Coolify: what it left on the host, what its API says, and what it does to a pin.

Rules that follow from Coolify's source name the place as (FILE LINES), at version 4.3.11 (coollabsio/coolify, commit
379abb2526):

- AJ: app/Jobs/ApplicationDeploymentJob.php
- App: app/Models/Application.php
- EV: app/Models/EnvironmentVariable.php
- D: bootstrap/helpers/docker.php
- P: bootstrap/helpers/parsers.php
- SH: bootstrap/helpers/shared.php
"""
