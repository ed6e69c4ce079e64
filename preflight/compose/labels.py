"""The labels that Compose leaves on its containers, as Compose 2.23 to 2.40 write them."""

SERVICE = "com.docker.compose.service"
PROJECT = "com.docker.compose.project"
CONFIG_FILES = "com.docker.compose.project.config_files"
WORKING_DIR = "com.docker.compose.project.working_dir"
ONE_OFF = "com.docker.compose.oneoff"
ENVIRONMENT_FILE = "com.docker.compose.project.environment_file"
