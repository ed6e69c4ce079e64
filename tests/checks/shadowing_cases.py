"""More projects for env-shadowing; each was run with real binaries, and the test runs them again."""

from tests.checks.shadowing_case import DEV, DIGEST, HEAD, NO_SERVICE, PINNED, REFUSED, Case
from tests.checks.shadowing_open_cases import OPEN

# fmt: off
# One case a paragraph; the formatter would give each word a line.


def _environment(lines: str) -> str:
    return "    environment:\n" + "".join(f"      {line}\n" for line in lines.splitlines())


ENVIRONMENT = (
    Case("dotenv alone", "pass", files={".env": f"PIN={DEV}\n"}),
    Case("shell and dotenv alone", "pass", files={".env": f"PIN={DEV}\n"}, env={"PIN": DEV}),
    Case("another variable in environment", "pass", more=_environment("OTHER: ${PIN}"), env={"PIN": DEV}),
    Case("null, nothing set", "fail", None, more=_environment("PIN:"), says=("removed", "compose.yaml:10")),
    Case("null written out", "fail", None, more=_environment("PIN: null"), says=("removed",)),
    Case("null, pin in shell", "fail", more=_environment("PIN:"), env={"PIN": PINNED}, says=("the shell", "equal")),
    Case("null, empty in shell", "fail", "", more=_environment("PIN:"), env={"PIN": ""}),
    Case("bare list, nothing set", "fail", None, more=_environment("- PIN"), says=("removed", "compose.yaml:10")),
    Case("bare list, dotenv", "fail", DEV, {".env": f"# c\nPIN={DEV}\n"}, _environment("- PIN"), says=(".env:2",)),
    Case("list, empty", "fail", "", more=_environment("- PIN="), says=("set to nothing",)),
    Case("literal equal", "fail", more=_environment(f"PIN: {PINNED}"), says=("equal today",)),
    Case("literal quoted", "fail", "b", more=_environment('PIN: "b"')),
    Case("boolean", "fail", "true", more=_environment("PIN: true"), says=("compose.yaml:10",)),
    Case("float", "fail", "1.5", more=_environment("PIN: 1.5")),
    Case("dollar escaped", "fail", "$PIN", more=_environment("PIN: $$PIN"), says=("written out",)),
    Case("interpolated, nothing set", "fail", "", more=_environment("PIN: ${PIN}"), says=("emptied",)),
    Case("interpolated without braces", "fail", "", more=_environment("PIN: $PIN"), says=("emptied",)),
    Case("interpolated, dotenv", "fail", DEV, {".env": f"PIN={DEV}\n"}, _environment("PIN: ${PIN}"), says=(".env:1",)),
    Case(
        "interpolated, shell beats dotenv",
        "fail",
        DEV,
        {".env": "PIN=b\n"},
        _environment("PIN: ${PIN}"),
        env={"PIN": DEV},
        says=("the shell",),
    ),
    Case("default not used", "fail", DEV, more=_environment("PIN: ${PIN:-x}"), env={"PIN": DEV}, says=("the shell",)),
    Case("default equal", "fail", more=_environment(f"PIN: ${{PIN:-{PINNED}}}"), says=("default of ${PIN}", "equal")),
    Case("default without colon", "fail", DEV, more=_environment(f"PIN: ${{PIN-{DEV}}}"), says=("default of ${PIN}",)),
    Case("alternative", "fail", "", more=_environment("PIN: ${PIN:+set}"), says=("emptied",)),
    Case("another name", "fail", DEV, more=_environment("PIN: ${IMAGE}"), env={"IMAGE": DEV}, says=("the shell",)),
    Case("two names", "fail", "a/b", {".env": "B=b\n"}, _environment("- PIN=${A}/${B}"), env={"A": "a"}),
    Case("nested default", "fail", DEV, more=_environment(f"PIN: ${{A:-${{B:-{DEV}}}}}"), says=("default of ${A}",)),
    Case("required and set", "fail", DEV, more=_environment("PIN: ${PIN:?need}"), env={"PIN": DEV}),
    Case("key interpolated", "fail", DEV, more=_environment(f"- ${{KEY:-PIN}}={DEV}")),
    Case("key interpolated to another", "warn", more=_environment(f"- ${{KEY:-PAN}}={DEV}"), says=("${KEY}",)),
    Case("value with equals sign", "fail", "a=b", more=_environment("- PIN=a=b")),
    Case(
        "a name that holds the pin's",
        "pass",
        more=_environment("PIN2: x\nMY_PIN: x\n"),
    ),
    Case("a list in a variable", "fail", REFUSED, more=_environment("PIN: [a]"), says=("app.environment.PIN",)),
    Case("bad interpolation", "fail", REFUSED, more=_environment('PIN: "${PIN"'), says=("app.environment.PIN",)),
)

ENV_FILES = (
    Case("override without the pin", "pass", files={"pin.local.env": "OTHER=1\n"}),
    Case("override bare, nothing set", "warn", files={"pin.local.env": "PIN\n"}, says=("pin.local.env:1", "shell")),
    Case("override bare, equal in shell", "fail", files={"pin.local.env": "PIN\n"}, env={"PIN": PINNED}),
    Case("override bare, dotenv", "fail", DEV, {"pin.local.env": "A=1\nPIN\n", ".env": f"PIN={DEV}\n"},
         says=(".env:1",)),
    Case("override equal", "fail", files={"pin.local.env": f"PIN={PINNED}\n"}, says=("pin.local.env:1",)),
    Case("override commented", "pass", files={"pin.local.env": f"# PIN={DEV}\n"}),
    Case("override exported", "fail", DEV, {"pin.local.env": f"\n\nexport PIN={DEV}\n"}, says=("pin.local.env:3",)),
    Case("override with colon", "fail", DEV, {"pin.local.env": f"PIN: {DEV}\n"}, says=("pin.local.env:1",)),
    Case("override quoted", "fail", DEV, {"pin.local.env": f"PIN='{DEV}'\n"}),
    Case("override interpolated", "fail", DEV, {"pin.local.env": "PIN=${X}\n"}, env={"X": DEV}),
    Case("override interpolated to equal", "fail", files={"pin.local.env": "PIN=${PIN}\n"}),
    Case("override with byte order mark", "fail", DEV, {"pin.local.env": f"\ufeffPIN={DEV}\n"}),
    Case("override lower case", "pass", files={"pin.local.env": f"pin={DEV}\n"}),
    Case("no file at all, after the pin", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, /dev/null]}}\n",
    }),
    Case("no file at all for .env", "pass", args=("-f", "compose.yaml", "--env-file", "/dev/null")),
    Case("no file at all by default, after the pin", "warn", files={
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, '${MORE:-/dev/null}']}}\n",
    }, says=("${MORE}",)),
    Case("raw with blanks around the equals sign", "fail", REFUSED, {
        "compose.yaml": "services: {app: {image: x, env_file: [{path: pin.env, format: raw}]}}\n",
        "pin.env": f"PIN = {PINNED}\n",
    }, says=("read as raw has a blank in a name", "delete `format: raw`")),
    Case("override is a folder", "fail", REFUSED, {"pin.local.env/x": ""}),
    Case("override unterminated", "fail", REFUSED, {"pin.local.env": 'A="b\n'}, says=("pin.local.env", "no end")),
    Case("override before pin", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: [pin.local.env, pin.env]}}\n",
        "pin.local.env": f"PIN={DEV}\n",
    }),
    Case("pin twice, another between", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: [./pin.env, o.env, ././pin.env]}}\n",
        "o.env": f"PIN={DEV}\n",
    }),
    Case("string", "pass", files={"compose.yaml": "services: {app: {image: x, env_file: pin.env}}\n"}),
    Case("string of another", "fail", None, {
        "compose.yaml": "services: {app: {image: x, env_file: o.env}}\n", "o.env": "A=1\n",
    }, says=("does not list pin.env", "compose.yaml:1")),
    Case("no env_file", "fail", None, {"compose.yaml": "services: {app: {image: x}}\n"}, says=("does not list",)),
    Case("another file with an equal value", "fail", PINNED, {
        "compose.yaml": "services: {app: {image: x, env_file: [o.env]}}\n", "o.env": f"PIN={PINNED}\n",
    }, says=("does not list",)),
    Case("required and missing", "fail", REFUSED, {
        "compose.yaml": "services:\n  app:\n    image: x\n    env_file: [{path: nope/pin.env, required: true}]\n",
    }, pin="nope/pin.env", says=("required", "nope/pin.env")),
    Case("unknown key", "fail", REFUSED, {
        "compose.yaml": "services: {app: {image: x, env_file: [{path: pin.env, optional: true}]}}\n",
    }, says=("optional", "compose.yaml")),
    Case("a map", "fail", REFUSED, {"compose.yaml": "services: {app: {image: x, env_file: {path: pin.env}}}\n"}),
    Case("path in a folder", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: [e/../e/pin.env]}}\n", "e/pin.env": f"PIN={PINNED}\n",
    }, pin="e/pin.env"),
    Case("two services, one shadowed", "pass", more=f"  web:\n    image: y\n    environment: {{PIN: {DEV}}}\n"),
)

PATHS = (
    Case("path from the shell, pin read", "warn", files={
        "compose.yaml": "services: {app: {image: x, env_file: ['${STAGE}.env']}}\n",
    }, env={"STAGE": "pin"}, says=("${STAGE}",)),
    Case("path by default, pin read", "warn", files={
        "compose.yaml": "services: {app: {image: x, env_file: ['${STAGE:-pin}.env']}}\n",
    }, says=("${STAGE}",)),
    Case("path without STAGE", "fail", None, {
        "compose.yaml": "services: {app: {image: x, env_file: [{path: '${STAGE}.env', required: false}]}}\n",
    }, says=("${STAGE}",)),
    Case("path without STAGE, required", "fail", REFUSED, {
        "compose.yaml": "services: {app: {image: x, env_file: ['${STAGE}.env']}}\n",
    }),
    Case("earlier open path", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: ['${STAGE:-o}.env', pin.env]}}\n",
        "o.env": f"PIN={DEV}\n",
    }),
    Case("later open path, harmless today", "warn", files={
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, '${STAGE:-o}.env']}}\n", "o.env": "A=1\n",
    }, says=("${STAGE}",)),
    Case("later open path, missing today", "warn", files={
        "compose.yaml":
            "services: {app: {image: x, env_file: [pin.env, {path: '${STAGE:-o}.env', required: false}]}}\n",
    }, says=("${STAGE}",)),
    Case("later open path, beats", "fail", DEV, {
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, '${STAGE:-o}.env']}}\n",
        "o.env": f"PIN={DEV}\n",
    }, says=("${STAGE:-o}.env:1",)),
    Case("open path in an include", "warn", files={
        "compose.yaml": "include: [inc.yaml]\n",
        "inc.yaml": "services: {app: {image: x, env_file: ['${STAGE:-pin}.env']}}\n",
    }, says=("${STAGE}",)),
    Case("open path in an include with its own env file", "warn", files={
        "compose.yaml": "include: [{path: inc.yaml, env_file: i.env}]\n", "i.env": "STAGE=pin\n",
        "inc.yaml": "services: {app: {image: x, env_file: ['${STAGE}.env']}}\n",
    }, says=("${STAGE}",)),
    Case("later open path in an include with its own env file", "warn", files={
        "compose.yaml": "include: [{path: inc.yaml, env_file: i.env}]\n", "i.env": "STAGE=o\n",
        "inc.yaml": "services: {app: {image: x, env_file: [pin.env, '${STAGE}.env']}}\n", "o.env": "A=1\n",
    }, says=("${STAGE}",)),
    Case("pin twice, first by a path that is open, a bare name between", "warn", files={
        "compose.yaml": "services: {app: {image: x, env_file: ['${E:-}pin.env', o.env, pin.env]}}\n",
        "o.env": "PIN\n",
    }, says=("o.env:1", "${E}")),
    Case("pin twice, first by a path that is open, another between", "fail", DEV, {
        "compose.yaml": "services: {app: {image: x, env_file: ['${E:-}pin.env', o.env, pin.env]}}\n",
        "o.env": f"PIN={DEV}\n",
    }, says=("o.env:1",)),
    Case("dollar in the path", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: ['$$pin.env']}}\n", "$pin.env": f"PIN={PINNED}\n",
    }, pin="$pin.env"),
)

VALUES = (
    Case("open value, nothing set", "warn", files={
        "pin.env": f"PIN=${{REGISTRY:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n",
    }, says=("${REGISTRY}", "pin.env:1")),
    Case("open value, equal in shell", "fail", files={
        "pin.env": f"PIN=${{REGISTRY:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n",
    }, env={"REGISTRY": "ghcr.io"}, says=("${REGISTRY}", "the shell")),
    Case("open value, empty in shell", "warn", files={
        "pin.env": f"PIN=${{REGISTRY:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n",
    }, env={"REGISTRY": ""}),
    Case("open value, dotenv", "fail", "b.example/acme", {
        "pin.env": "PIN=${REGISTRY:-ghcr.io}/acme\n", ".env": "REGISTRY=b.example\n",
    }, says=(".env:1",)),
    Case("open value, --env-file", "fail", "b.example/acme", {
        "pin.env": "PIN=${REGISTRY:-ghcr.io}/acme\n", "x.env": "\nREGISTRY=b.example\n",
    }, args=("-f", "compose.yaml", "--env-file", "x.env"), says=("x.env:2",)),
    Case("open value, earlier file equal", "fail", "ghcr.io/acme", {
        "compose.yaml": "services: {app: {image: x, env_file: [o.env, pin.env]}}\n",
        "pin.env": "PIN=${REGISTRY:-ghcr.io}/acme\n", "o.env": "REGISTRY=ghcr.io\n",
    }, says=("o.env:1",)),
    Case("line above, nothing set", "warn", files={"pin.env": f"R=ghcr.io\nPIN=${{R}}/acme/agent@sha256:{DIGEST}\n"}),
    Case("line above, equal in shell", "fail", files={
        "pin.env": f"R=ghcr.io\nPIN=${{R}}/acme/agent@sha256:{DIGEST}\n",
    }, env={"R": "ghcr.io"}),
    Case("itself, nothing set", "warn", files={"pin.env": f"PIN=${{PIN:-{PINNED}}}\n"}),
    Case("itself, dotenv", "fail", DEV, {"pin.env": f"PIN=${{PIN:-{PINNED}}}\n", ".env": f"PIN={DEV}\n"}),
    Case("itself, earlier file", "fail", DEV, {
        "compose.yaml": "services: {app: {image: x, env_file: [o.env, pin.env]}}\n",
        "pin.env": f"PIN=${{PIN:-{PINNED}}}\n", "o.env": f"PIN={DEV}\n",
    }),
    Case("in single quotes", "pass", "${R}/a", {"pin.env": "PIN='${R}/a'\n"}, env={"R": "r"}),
    Case("in double quotes", "fail", "r/a", {"pin.env": 'PIN="${R}/a"\n'}, env={"R": "r"}),
    Case("escaped dollar", "pass", "$R/a", {"pin.env": "PIN=$$R/a\n"}, env={"R": "r"}),
    Case("in a comment", "pass", files={"pin.env": f"# ${{R}}\nPIN={PINNED} # ${{R}}\n"}, env={"R": "r"}),
    Case("another line is open", "pass", files={"pin.env": f"A=${{R}}\nPIN={PINNED}\n"}, env={"R": "r"}),
    Case("required, set", "fail", "r/a", {"pin.env": "PIN=${R:?need}/a\n"}, env={"R": "r"}),
    Case("required, not set", "fail", REFUSED, {"pin.env": "PIN=${R:?need}/a\n"}, says=("pin.env", "R,")),
    Case("malformed", "fail", REFUSED, {"pin.env": "PIN=${R\n"}, says=("pin.env",)),
    Case("raw with dollar and shell", "pass", "${R}/a", {
        "compose.yaml": "services: {app: {image: x, env_file: [{path: pin.env, format: raw}]}}\n",
        "pin.env": "PIN=${R}/a\n",
    }, env={"R": "r"}),
    Case("raw keeps quotes", "pass", '"a"', {
        "compose.yaml": "services: {app: {image: x, env_file: [{path: pin.env, format: raw}]}}\n",
        "pin.env": 'PIN="a"\n',
    }),
    Case("raw later file", "fail", "'b'", {
        "compose.yaml": "services: {app: {image: x, env_file: [pin.env, {path: o.env, format: raw}]}}\n",
        "o.env": "PIN='b'\n",
    }, says=("o.env:1",)),
    Case("open value in an include", "fail", "r/a", {
        "compose.yaml": "include: [inc.yaml]\n", "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        "pin.env": "PIN=${R}/a\n",
    }, env={"R": "r"}),
    Case("open value in an include, nothing set", "warn", "r/a", {
        "compose.yaml": "include: [inc.yaml]\n", "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        "pin.env": "PIN=${R:-r}/a\n",
    }),
)

DIALECT = (
    Case("twice, the last wins", "pass", DEV, {"pin.env": f"PIN={PINNED}\nPIN={DEV}\n"}),
    Case("export", "pass", files={"pin.env": f"export PIN={PINNED}\n"}),
    Case("hash without space", "pass", f"{PINNED}#x", {"pin.env": f"PIN={PINNED}#x\n"}),
    Case("byte order mark", "pass", files={"pin.env": f"\ufeffPIN={PINNED}\n"}),
    Case("no equals sign", "fail", None, {"pin.env": "PIN\n"}, says=("pin.env:1", "without a value")),
    Case("no equals sign, shell", "fail", DEV, {"pin.env": "PIN\n"}, env={"PIN": DEV}, says=("pin.env:1",)),
    Case("value, then bare", "warn", files={"pin.env": f"PIN={PINNED}\nPIN\n"}, says=("pin.env:2",)),
    Case("value, then bare, shell", "fail", DEV, {"pin.env": f"PIN={PINNED}\nPIN\n"}, env={"PIN": DEV}),
    Case("empty value", "pass", "", {"pin.env": "PIN=\n"}),
    Case("unterminated quote", "fail", REFUSED, {"pin.env": f'PIN="{PINNED}\n'}, says=("pin.env", "no end")),
    Case("colon", "pass", files={"pin.env": f"PIN: {PINNED}\n"}),
    Case("multi-line value above", "pass", files={"pin.env": f'A="one\nPIN=two\nthree"\nPIN={PINNED}\n'}),
    Case("multi-line value", "pass", "one\ntwo", {"pin.env": 'PIN="one\ntwo"\n'}),
    Case("no final line end", "pass", files={"pin.env": f"PIN={PINNED}"}),
    Case("tab before", "pass", files={"pin.env": f"\tPIN={PINNED}\n"}),
    Case("bad character in a name", "fail", REFUSED, {"pin.env": f"P!N={PINNED}\n"}, says=("pin.env:1",)),
    Case("no UTF-8 in a comment", "pass", files={"pin.env": b"# \xe4\nPIN=" + PINNED.encode() + b"\n"}),
)

STRUCTURE = (
    Case("extends another file", "fail", DEV, {
        "compose.yaml": "services: {app: {extends: {file: b.yaml, service: b}, env_file: [pin.env]}}\n",
        "b.yaml": f"services:\n  b:\n    image: x\n    environment:\n      PIN: {DEV}\n",
    }, says=("b.yaml:5",)),
    Case("extends a file named by a variable", "fail", DEV, {
        "compose.yaml": "services: {app: {extends: {file: '${F:-b}.yaml', service: b}, env_file: [pin.env]}}\n",
        "b.yaml": f"services:\n  b:\n    image: x\n    environment:\n      PIN: {DEV}\n",
    }),
    Case("extends a file named by a variable, clean", "warn", files={
        "compose.yaml": "services: {app: {extends: {file: '${F:-b}.yaml', service: b}, env_file: [pin.env]}}\n",
        "b.yaml": "services: {b: {image: x}}\n",
    }),
    Case("extends, the base lists a file", "pass", files={
        "compose.yaml": "services: {app: {extends: {file: s/b.yaml, service: b}, env_file: [pin.env]}}\n",
        "s/b.yaml": "services: {b: {image: x, env_file: [b.env]}}\n", "s/b.env": f"PIN={DEV}\n",
    }),
    Case("extends, the base lists the pin, the service a later file", "fail", DEV, {
        "compose.yaml": "services: {app: {extends: {file: b.yaml, service: b}, env_file: [o.env]}}\n",
        "b.yaml": "services: {b: {image: x, env_file: [pin.env]}}\n", "o.env": f"PIN={DEV}\n",
    }, says=("o.env:1",)),
    Case("extends resets environment", "pass", files={
        "compose.yaml": "services: {app: {extends: {file: b.yaml, service: b}, env_file: [pin.env],"
        " environment: !override {A: 1}}}\n",
        "b.yaml": f"services: {{b: {{image: x, environment: {{PIN: {DEV}}}}}}}\n",
    }),
    Case("include, clean", "pass", files={
        "compose.yaml": "include: [inc.yaml]\n", "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
    }),
    Case("include, literal", "fail", DEV, {
        "compose.yaml": "include: [inc.yaml]\n",
        "inc.yaml": f"services: {{app: {{image: x, env_file: [pin.env], environment: {{PIN: {DEV}}}}}}}\n",
    }, says=("inc.yaml:1",)),
    Case("include, null, shell", "fail", DEV, {
        "compose.yaml": "include: [inc.yaml]\n",
        "inc.yaml": "services: {app: {image: x, env_file: [pin.env], environment: [PIN]}}\n",
    }, env={"PIN": DEV}, says=("the shell",)),
    Case("include with its own env file and folder", "pass", files={
        "compose.yaml": "include: [{path: s/inc.yaml, project_directory: d, env_file: s/i.env}]\n",
        "s/inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n", "s/i.env": f"PIN={DEV}\n",
        "d/pin.env": f"PIN={PINNED}\n",
    }, pin="d/pin.env"),
    Case("include with its own env file, fed", "fail", DEV, {
        "compose.yaml": "include: [{path: s/inc.yaml, project_directory: d, env_file: s/i.env}]\n",
        "s/inc.yaml": "services: {app: {image: x, env_file: [pin.env], environment: {PIN: '${PIN}'}}}\n",
        "s/i.env": f"PIN={DEV}\n", "d/pin.env": f"PIN={PINNED}\n",
    }, pin="d/pin.env", says=("s/inc.yaml:1",)),
    Case("second file, environment", "fail", DEV, {
        "o.yaml": f"services:\n  app:\n    environment:\n      - PIN={DEV}\n",
    }, args=("-f", "compose.yaml", "-f", "o.yaml"), says=("o.yaml:4",)),
    Case("second file, reset of one", "pass", files={
        "o.yaml": "services: {app: {environment: {PIN: !reset null}}}\n",
    }, more=_environment(f"PIN: {DEV}"), args=("-f", "compose.yaml", "-f", "o.yaml")),
    Case("second file, null over a literal", "fail", None, {
        "o.yaml": "services: {app: {environment: {PIN: }}}\n",
    }, more=_environment(f"PIN: {DEV}"), args=("-f", "compose.yaml", "-f", "o.yaml")),
    Case("second file, env_file overridden", "fail", DEV, {
        "o.yaml": "services: {app: {env_file: !override [o.env]}}\n", "o.env": f"PIN={DEV}\n",
    }, args=("-f", "compose.yaml", "-f", "o.yaml"), says=("does not list",)),
    Case("second file in a folder", "pass", files={
        "s/o.yaml": "services: {app: {env_file: [o.env]}}\n", "o.env": "A=1\n",
    }, args=("-f", "compose.yaml", "-f", "s/o.yaml")),
    Case("anchor of a list", "fail", DEV, {
        "compose.yaml": f"x-e: &e\n  - PIN={DEV}\nservices:\n  app:\n    image: x\n    env_file: [pin.env]\n"
        "    environment: *e\n",
    }, says=("compose.yaml:",)),
    Case("merge key, beaten by nothing of its own", "pass", files={
        "compose.yaml": "x-s: &s\n  env_file: [pin.env]\nservices:\n  app:\n    <<: *s\n    image: x\n",
    }),
    Case("JSON", "fail", DEV, {
        "compose.yaml": f'{{"services": {{"app": {{"image": "x", "env_file": ["pin.env"], '
        f'"environment": {{"PIN": "{DEV}"}}}}}}}}\n',
    }, says=("compose.yaml:1",)),
)

PROJECT = (
    Case("profile off", "fail", NO_SERVICE, more="    profiles: [prod, ops]\n", says=("prod, ops",)),
    Case("profile off, another on", "fail", NO_SERVICE, more="    profiles: [prod]\n", env={"COMPOSE_PROFILES": "ops"}),
    Case("profile by option", "pass", more="    profiles: [prod]\n", args=("-f", "compose.yaml", "--profile", "prod")),
    Case("profile in dotenv", "pass", files={".env": "COMPOSE_PROFILES=prod\n"}, more="    profiles: [prod]\n"),
    Case("profile interpolated", "warn", more="    profiles: ['${P:-prod}']\n", env={"COMPOSE_PROFILES": "prod"},
         says=("whether app is deployed depends on ${P}", "compose.yaml:9")),
    Case("profile interpolated to nothing", "warn", more="    profiles: ['${P:-}']\n", says=("${P}",)),
    Case("profile interpolated, another keeps it on", "pass", more="    profiles: [prod, '${P}']\n",
         env={"COMPOSE_PROFILES": "prod"}),
    Case("misspelt service", "fail", NO_SERVICE, {
        "compose.yaml": "services: {apps: {image: x}, web: {image: x}}\n",
    }, says=("did you mean apps?",)),
    Case("no services at all", "fail", NO_SERVICE, {"compose.yaml": "name: x\n"}),
    Case("COMPOSE_FILE in dotenv interpolated", "warn", files={
        ".env": "A=1\nCOMPOSE_FILE=compose.yaml:${O:-o.yaml}\n", "o.yaml": "services: {app: {labels: [a=b]}}\n",
    }, args=(), says=(".env:2", "${O}")),
    Case("COMPOSE_FILE in dotenv", "fail", DEV, {
        ".env": "COMPOSE_FILE=compose.yaml:o.yaml\n",
        "o.yaml": f"services: {{app: {{environment: {{PIN: {DEV}}}}}}}\n",
    }, args=(), says=("o.yaml:1",)),
    Case("COMPOSE_FILE with another separator", "fail", DEV, {
        "o.yaml": f"services: {{app: {{environment: {{PIN: {DEV}}}}}}}\n",
    }, args=(), env={"COMPOSE_FILE": "compose.yaml,o.yaml", "COMPOSE_PATH_SEPARATOR": ","}, says=("o.yaml:1",)),
    Case("COMPOSE_FILE does not matter beside -f", "pass", files={
        "o.yaml": f"services: {{app: {{environment: {{PIN: {DEV}}}}}}}\n",
    }, env={"COMPOSE_FILE": "o.yaml"}),
    Case("COMPOSE_FILE and an open value", "warn", files={
        "pin.env": f"PIN=${{R:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n", "o.yaml": "services: {app: {labels: {a: b}}}\n",
    }, args=(), env={"COMPOSE_FILE": "compose.yaml:o.yaml"}),
    Case("files found by name, and an open value", "warn", files={
        "pin.env": f"PIN=${{R:-ghcr.io}}/acme/agent@sha256:{DIGEST}\n",
        "compose.override.yaml": "services: {app: {labels: {a: b}}}\n",
    }, args=()),
    Case("files found by name, interpolated key", "fail", DEV, {
        "compose.override.yaml": f"services: {{app: {{environment: ['${{K:-PIN}}={DEV}']}}}}\n",
    }, args=()),
    Case("COMPOSE_ENV_FILES of two", "fail", DEV, {"x.env": "PIN=x\n", "y.env": f"PIN={DEV}\n"}, _environment("- PIN"),
         env={"COMPOSE_ENV_FILES": "x.env,y.env"}, says=("y.env:1",)),
    Case("two --env-file", "fail", DEV, {"x.env": "PIN=x\n", "y.env": f"PIN={DEV}\n"}, _environment("PIN: ${PIN}"),
         args=("-f", "compose.yaml", "--env-file", "x.env", "--env-file", "y.env"), says=("y.env:1",)),
    Case("--env-file is the pin, and it is listed", "pass",
         args=("-f", "compose.yaml", "--env-file", "pin.env")),
    Case("--env-file of the pin's name does nothing", "pass", files={"x.env": f"PIN={DEV}\n"},
         args=("-f", "compose.yaml", "--env-file", "x.env")),
    Case("--env-file is not there", "fail", REFUSED, args=("-f", "compose.yaml", "--env-file", "x.env"),
         says=("x.env",)),
    Case("--env-file hides dotenv", "fail", "", {".env": f"PIN={DEV}\n", "x.env": "A=1\n"}, _environment("PIN: ${PIN}"),
         args=("-f", "compose.yaml", "--env-file", "x.env"), says=("emptied",)),
    Case("project directory with dotenv", "fail", DEV, {
        "d/pin.env": f"PIN={PINNED}\n", "d/.env": f"PIN={DEV}\n", ".env": "PIN=x\n",
    }, _environment("PIN: ${PIN}"), args=("--project-directory", "d", "-f", "compose.yaml"), pin="d/pin.env",
        says=("d/.env:1",)),
    Case("file in a folder, dotenv beside it", "fail", DEV, {
        "d/c.yaml": HEAD + _environment("PIN: ${PIN}"), "d/pin.env": f"PIN={PINNED}\n", "d/.env": f"PIN={DEV}\n",
        ".env": "PIN=x\n",
    }, args=("-f", "d/c.yaml"), pin="d/pin.env", says=("d/.env:1",)),
    Case("dotenv broken", "fail", REFUSED, {".env": "A='b\n"}, says=(".env",)),
    Case("unknown top-level key", "fail", REFUSED, {"compose.yaml": HEAD + "foo: 1\n"}, says=("foo",)),
    Case("extension key", "pass", files={"compose.yaml": HEAD + "x-foo: 1\n"}),
    Case("unknown key of a service", "fail", REFUSED, more="    enviroment: {}\n", says=("enviroment",)),
    Case("indentation", "fail", REFUSED, {"compose.yaml": "services:\n  app:\n    image: x\n   env_file: a\n"},
         says=("compose.yaml:",)),
    Case("no compose file", "fail", REFUSED, {"compose.yaml": "", "x/compose.yaml": HEAD}, args=("-f", "nope.yaml"),
         says=("nope.yaml",)),
    Case("empty compose file", "fail", REFUSED, {"compose.yaml": ""}),
    Case("link to the pin", "pass", files={
        "compose.yaml": "services: {app: {image: x, env_file: [link.env]}}\n", "link.env": "-> pin.env",
    }),
    Case("pin is a link", "pass", files={"real/p.env": f"PIN={PINNED}\n", "pin.env": "-> real/p.env"}),
)

CASES = (*OPEN, *ENVIRONMENT, *ENV_FILES, *PATHS, *VALUES, *DIALECT, *STRUCTURE, *PROJECT)
