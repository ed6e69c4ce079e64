"""checks/coolify_image_cleanup.py: what it foretells is what Coolify's clean-up does."""

import re
import shlex
import uuid

import pytest
from provision import busybox

from checks.coolify_image_cleanup import Settings
from preflight.model import Status
from tests.checks.coolify_image_cleanup.server import LABELLED, Server, command_in
from tests.real.cli import PreflightCli
from tests.real.nightly import MANAGED, clean_up, has


@pytest.mark.engine
@pytest.mark.registry
class TestRealCleanUp:
    """What the check foretells is what the clean-up does."""

    def test_a_digest_without_tag_and_container_is_deleted(self, server: Server) -> None:
        """Held as the hint says, it survives; without the holder it goes, and the next hint brings it back."""
        reference = server.pull()

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        assert wrong.message.endswith("… will be deleted by Coolify's nightly clean-up (no tag, no container)")
        assert wrong.subject is not None
        assert wrong.subject.kind == "image"
        assert wrong.evidence == {"store": "classic image store", "tags": [], "containers": {}}
        assert str(wrong.location) == "pin-0.env:1"

        server.engine.docker(*command_in(wrong))
        [right] = server.look(reference)
        assert right.status is Status.PASS
        assert re.search(r"is on this host, held by container keep-[0-9a-f]{12} \(never started\)$", right.message)
        clean_up(server.engine)
        assert server.look(reference) == [right]

        server.engine.docker("rm", command_in(wrong)[2])
        clean_up(server.engine)
        assert not has(server.engine, reference)
        [absent] = server.look(reference)
        assert (absent.status, absent.code) == (Status.FAIL, "missing")
        server.engine.docker(*command_in(absent))
        assert server.look(reference) == [right]

    def test_the_label_does_not_help_without_a_tag(self, server: Server) -> None:
        """`docker image prune -f` of Coolify's has no filter."""
        reference = server.pull(LABELLED)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        clean_up(server.engine)
        assert not has(server.engine, reference)

    def test_a_tag_without_the_label_is_removed(self, server: Server) -> None:
        """And with it the image; once the image has the label, both stay."""
        plain, labelled = server.pull(), server.pull(LABELLED)
        for reference in (plain, labelled):
            server.engine.docker("tag", reference, f"{reference.partition('@')[0]}:v1")

        [wrong, right] = server.look(plain, labelled)

        assert (wrong.status, wrong.code) == (Status.FAIL, "not-held")
        assert "(unlabelled tag, no container)" in wrong.message
        assert right.status is Status.PASS
        assert right.message.endswith("with a tag and the label coolify.managed=true")
        clean_up(server.engine)
        assert not has(server.engine, plain)
        assert has(server.engine, labelled)

    @pytest.mark.parametrize("by", ["tag", "digest"])
    def test_names_of_two_repositories_may_cost_one_its_name(self, server: Server, by: str) -> None:
        """The container keeps the image, yet not under the name it is asked for by; the hint mends that."""
        reference = server.pull()
        server.hold(reference)
        server.name_twice(reference, by)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "loses-name")
        free = re.match(r"docker (rmi \S+) \(", wrong.hint)
        assert free
        server.engine.docker(*shlex.split(free[1]))
        [right] = server.look(reference)
        assert right.status is Status.PASS
        clean_up(server.engine)
        assert has(server.engine, reference)

    def test_a_name_goes_with_its_last_tag_although_a_container_holds_the_image(self, server: Server) -> None:
        """As foretold; with the settings that say that the clean-up is off it is a warning."""
        reference = server.pull()
        server.hold(reference)
        server.name_twice(reference, "tag")

        [off] = server.look(reference, settings=Settings(nightly=False))
        assert (off.status, off.code) == (Status.WARN, "clean-up-off")
        assert off.message.endswith("Coolify's clean-up could remove this name if it were on")

        server.engine.docker("rmi", f"{reference.partition('@')[0]}:1")
        assert not has(server.engine, reference)

    def test_a_holder_that_the_clean_up_removes_first_holds_nothing(self, server: Server) -> None:
        """Stopped containers that Coolify manages go before the images do, those of applications among them."""
        bare, typed = server.pull(), server.pull()
        server.hold(bare, "--label", MANAGED)
        server.hold(typed, "--label", MANAGED, "--label", "coolify.type=application")

        found = server.look(bare, typed)

        assert [each.status for each in found] == [Status.FAIL, Status.FAIL]
        clean_up(server.engine)
        assert not has(server.engine, bare)
        assert not has(server.engine, typed)

    def test_a_running_sandbox_holds_its_image_for_now(self, server: Server) -> None:
        """A sandbox may end before midnight: that is a warning."""
        name = f"{server.registry.host}/cleanup/{uuid.uuid4().hex}:1"
        busybox.import_image(name, server.engine.environ)
        server.engine.docker("push", "--quiet", name)
        shown = server.engine.docker("image", "inspect", "--format", '{{join .RepoDigests " "}}', name).stdout.split()
        reference = next(each for each in shown if each.startswith(name[:-2]))
        sandbox = f"sandbox-{uuid.uuid4().hex[:8]}"
        server.engine.docker("run", "--detach", "--rm", "--network=host", "--name", sandbox, reference)

        [fragile] = server.look(reference)

        assert (fragile.status, fragile.code) == (Status.WARN, "held-briefly")
        assert fragile.evidence["containers"] == {sandbox: "running"}
        server.engine.docker(*command_in(fragile))
        [right] = server.look(reference)
        assert right.status is Status.PASS

    def test_an_image_under_another_name_has_to_be_pulled_again(self, server: Server) -> None:
        """The same digest pulled from a mirror is not what the user of the pin asks for."""
        reference = server.push()
        mirrored = reference.replace("127.0.0.1", "localhost")
        server.engine.docker("pull", "--quiet", mirrored)

        [wrong] = server.look(reference)

        assert (wrong.status, wrong.code) == (Status.FAIL, "other-name")
        assert wrong.evidence == {"names": [mirrored]}
        server.engine.docker(*command_in(wrong))
        [now] = server.look(reference)
        assert now.code == "not-held"

    def test_an_image_that_two_pins_name_is_judged_once(self, server: Server) -> None:
        """One image, one line."""
        reference = server.pull()

        assert len(server.look(reference, reference)) == 1

    def test_the_clean_up_may_be_switched_off(self, server: Server) -> None:
        """Then what it would delete is a warning."""
        [fragile] = server.look(server.pull(), settings=Settings(nightly=False))

        assert (fragile.status, fragile.code) == (Status.WARN, "clean-up-off")

    def test_the_whole_tool_says_so(self, server: Server, preflight_cli: PreflightCli) -> None:
        """From the command line, with the real doors."""
        (server.folder / "pin.env").write_text(f"IMAGE={server.pull()}\n")
        (server.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
        (server.folder / "preflight.yaml").write_text("coolify: {root: coolify}\n")

        words = ("run", "--only", "coolify-image-cleanup", "--stage")
        before, after = (
            preflight_cli(*words, stage, cwd=server.folder, env=server.engine.environ) for stage in ("before", "after")
        )

        # The one check that was left over warns, and nothing passed: that is no clearance.
        assert (before.returncode, after.returncode) == (3, 1)
        for done in (before, after):
            assert "coolify-image-cleanup/not-held" in done.stdout
