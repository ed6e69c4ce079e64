"""What Coolify makes of a compose project: found on the host and asked through its API, never guessed.

What is said of Coolify was read in its source at version 4.3.11; AJ is app/Jobs/ApplicationDeploymentJob.php, P is
bootstrap/helpers/parsers.php, App is app/Models/Application.php.
"""
