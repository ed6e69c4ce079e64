"""`preflight explain hook`."""

from preflight.run.topics import Topic

HOOK = Topic(
    name="hook",
    title="preflight hook: Coolify's pre-deployment command, and the gate behind it",
    text="""\
## What it does

It fetches the head of the branch that is about to be deployed, runs the checks on that commit and on this
host, prints one line on standard error and ends with 0 only if nothing is wrong. Any other code ends the
deployment before anything was stopped or written: the old version keeps running.

The line says what was judged (repository, branch@commit, digest), the verdict, the first things that are
wrong and what to do. The whole report, a log and the receipts lie in the state folder:

  docker exec CONTAINER cat /var/lib/preflight/report.txt

## Where it runs (Coolify 4.3.11)

Coolify runs the command by `docker exec CONTAINER sh -c '…'` in a container of the application as it runs
NOW, before it clones. So it needs a container that always runs: the sidecar of
docker/coolify/compose.preflight.yaml. With several containers the field Container name must say which:
preflight, the name of the sidecar's service, matched as the beginning of NAME-UUID.

Stopped containers count. Those of previews do not count for production, and a preview looks at its own only.

In raw mode Compose calls containers UUID-SERVICE-1, which never matches: there the sidecar needs
`container_name: preflight-UUID`. Labels in raw mode must be lists, since Coolify
appends to them.

A stopped sidecar, or a name that matches nothing, aborts every deployment: restart it, or empty the field.

In default mode the sidecar's mounts become rows on the page Storages. Never delete the row of
/data/coolify/applications there, and never convert it to a file: Coolify then removes that folder on the server,
with the files of every application. A preview's sidecar mounts /data/coolify/applications-pr-N, which holds nothing.

## What it cannot do

The first deployment is never gated: there is no container yet, and Coolify says `No running containers found.
Skipping.` and goes
on. It also does after the application was stopped and its containers removed.

It runs before the clone and judges the branch's head of that moment. A push that comes in between is deployed
unjudged; a deployment of an older commit (rollback, webhook) is judged only if --commit names it or Coolify's
API says that the application is held at it. And it cannot see what Coolify makes of the compose file. The
second gate sees both; the receipt lets a later job see a difference.

## Which checks run

The hook asks the question of stage `before`: may this commit be rolled out? A container that carries an earlier
committed pin passes, since this rollout replaces it. What this host keeps of images, and what the next deployment
rewrites, only warns.

Coolify's settings are judged as the last deployment shows them, or as its API says if a token is given
(PREFLIGHT_COOLIFY_URL, PREFLIGHT_COOLIFY_TOKEN). After a change in the UI, without a token, the old setting is
still seen, in both directions: let a fixed one through once with --allow ID/CODE, as the line says; a broken one is
seen by the deployment after. Before a first deployment the second gate leaves these checks out.

Compose is called as Coolify calls it: base directory, location, project name, and the .env of the last
deployment (/data/coolify/applications/UUID/.env). Other variables of the sidecar are left out: in default
mode they are those of the UI, which `up` does not have.

## Twice in one deployment

With Docker Build Secrets the helper is restarted and the hook runs again. It also runs
again after Restart, and after a fault of ssh. A lock lets one run at a time. The second run for the
same commit and options says what the
first said if that was a pass of the last three minutes (--reuse) and nothing was deployed in between, or if it
waited for it. What blocked is judged again by the next deployment.

Coolify takes texts such as those of refused or broken connections for a fault of ssh and runs the command up
to three times: the hook says these things in other words.

## Opening the gate

Whatever opens it stands in the command, in the line, in the log and in the receipt:

  --allow ID/CODE               this kind of failure blocks nothing
  --allow-unreachable-registry  silence of the registry blocks nothing; its `no` still does
  --only ID, --skip ID          fewer checks
  --open-until 2027-01-31T18:00Z --reason 'why'   nothing blocks until then, at most for a week

Waivers, `skip:`, `only:` and `tag:` of the commit's own preflight.yaml count too, and the line names
them as well.

In default mode every variable of Coolify's UI is one of the sidecar's: PREFLIGHT_SKIP, set there, leaves a check
out as well. The line then names the variable, as it does those that tell what is judged (PREFLIGHT_REPOSITORY,
PREFLIGHT_BRANCH and so on). PREFLIGHT_CHECKOUT is refused: --checkout counts only in the command.

Files behind a link that leads out of the repository are never judged.

Everything else keeps it shut: no lock, no fetch, no state folder, a crash.

## The second gate

Coolify's custom build command runs in the helper, in the checkout of the very commit, after the compose file
was rewritten and before the old containers are removed. Coolify's database keeps 255 characters of it, so
`preflight init --coolify` prints a short line and the script preflight-gate.sh, which you commit. The script copies
the checkout into a container of preflight's image and judges it there (preflight hook --checkout); the line goes on
to the build only if that ended with 0. It gates the first deployment too. A commit without the script is not
deployed. A commit can also change the script, as it can change preflight.yaml: review both, e.g. with CODEOWNERS.
The pre-deployment command stands in Coolify and no commit changes it. Coolify puts its own options into the
line where it has none: `-f` and `--env-file` behind the first `docker compose`.

In default mode the rewritten file has no `env_file:` but Coolify's own: this gate then blocks, as
it should, unless `coolify: {pin_in: ui}` says that the pin is meant to come from there.
The .env that `up` reads is written after it. The last deployment's stands in for what Compose interpolates, and the
line creates an empty one where a service lists it.

A compose file that demands variables of the UI (`${X:?}`) cannot be read before the first deployment, for
nothing holds them by then: paste the line after it.

The custom start command would be too late: the old containers are gone by then. Only with Consistent Container
Names are they still there, for `up` to replace: Coolify then stops no more than a container called like the UUID.

## After the deployment

The post-deployment command runs in the new sidecar: `preflight run --stage after --wait 120 --tag runtime`, in the
folder that Coolify deployed from. It waits until the containers carry the pin, or the time is up. It blocks nothing:
Coolify calls the deployment finished before, and writes what the command printed into its log. It needs Preserve
Repository, which brings the pin file to that folder, and exec, which the proxy refuses.

## Receipts

What was let through is written down in STATE-DIR/receipts: commit, hashes of the compose files, digests,
time, verdict, version. The check approved-rollout
compares what runs with it.

## A private repository

Give a token that may read it in a file (--git-token-file, mounted read-only): it is sent to the repository's
own host over https only. Put none into the address: Coolify shows the command when it fails.
""",
)
