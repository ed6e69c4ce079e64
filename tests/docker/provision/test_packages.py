"""Debian packages: brought where missing, and a clear word where they cannot be."""

import os
import shutil
from pathlib import Path

import pytest
from provision import packages
from provision.errors import ProvisionError


@pytest.fixture
def missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is never there, from a package that is never installed."""
    wanted = packages.Installable("preflight-no-such-package", lambda: False)
    monkeypatch.setitem(packages.INSTALLABLE, "thing", wanted)


def test_what_is_there_is_not_installed() -> None:
    """No package manager is asked."""
    assert packages.install(["git"]) == []


@pytest.mark.usefixtures("missing_package")
def test_without_root_the_command_to_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told what to type."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _program, **_options: "/usr/bin/apt-get")
    with pytest.raises(ProvisionError, match="sudo apt-get install preflight-no-such-package"):
        packages.install(["thing"])


@pytest.mark.usefixtures("missing_package")
def test_on_another_system_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no apt-get nothing is tried."""
    monkeypatch.setattr(shutil, "which", lambda _program, **_options: None)
    with pytest.raises(ProvisionError, match="no Debian or Ubuntu"):
        packages.install(["thing"])


def test_a_busybox_that_needs_libraries_is_not_taken(tmp_path: Path) -> None:
    """In an image of its own only a static program runs."""
    dynamic = tmp_path / "busybox"
    dynamic.write_bytes(b"\x7fELF" + b"\0" * 100 + b"/lib64/ld-linux-x86-64.so.2")
    assert not packages._is_static(dynamic)
    assert packages._is_static(packages.busybox_program())


def test_programs_that_need_no_installation() -> None:
    """Each is there and starts; a library cannot."""
    for program in (*packages.cron_programs(), packages.sendmail_program()):
        assert os.access(program, os.X_OK)
    assert packages.faketime_library().read_bytes()[:4] == b"\x7fELF"
