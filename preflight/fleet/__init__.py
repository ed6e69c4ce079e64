"""Many deploy hosts: collects their reports through Ansible, and makes one table of them."""
