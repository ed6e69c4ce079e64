"""Projects for env-shadowing in which a variable from outside decides, and lists that Compose folds."""

from collections.abc import Mapping

from tests.checks.shadowing_case import DEV, HEAD, PINNED, REFUSED, Case

_PIN = "[{path: pin.env, required: false}]"


def _app(
    name: str,
    verdict: str,
    lines: str,
    says: tuple[str, ...] = (),
    *,
    effective: str | None = PINNED,
    files: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
) -> Case:
    """Return a project of one service ``app`` with some keys."""
    texts = {"compose.yaml": f"services: {{app: {{image: x, {lines}}}}}\n", **(files or {})}
    return Case(name, verdict, effective, texts, env=env or {}, says=says)


def _listed(
    name: str, verdict: str, entries: str, says: tuple[str, ...] = (), effective: str | None = PINNED, **files: str
) -> Case:
    """Return a project whose service reads some env files."""
    texts = {f"{key}.env": text for key, text in files.items()}
    return _app(name, verdict, f"env_file: [{entries}]", says, effective=effective, files=texts)


def _names(name: str, verdict: str, entry: str, *says: str) -> Case:
    """Return a project with one entry in an ``environment:`` list."""
    return _app(name, verdict, f"env_file: {_PIN}, environment: ['{entry}']", says)


OPEN_OTHERS = (
    Case(
        "an empty path in an include",
        "pass",
        files={
            "compose.yaml": "include: [inc.yaml]\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env, {path: '', required: false}]}}\n",
        },
    ),
    Case(
        "separator in dotenv interpolated",
        "warn",
        files={
            "compose.yaml;o.yaml": HEAD,
            "o.yaml": f"services: {{app: {{environment: {{PIN: {DEV}}}}}}}\n",
            ".env": "COMPOSE_PATH_SEPARATOR=${S:-:}\nCOMPOSE_FILE=compose.yaml;o.yaml\n",
        },
        args=(),
        says=(".env:1", "${S}"),
    ),
    Case(
        "profile in dotenv by default",
        "warn",
        files={".env": "COMPOSE_PROFILES=${P:-prod}\n"},
        more="    profiles: [prod]\n",
        says=(".env:1", "${P}"),
    ),
    Case(
        "profile in dotenv beside a variable",
        "pass",
        files={".env": "COMPOSE_PROFILES=prod,${P:-x}\n"},
        more="    profiles: [prod]\n",
    ),
    _app(
        "a later file in a home folder that no user has",
        "warn",
        "env_file: [pin.env, {path: ~nobody-here/o.env, required: false}]",
        ("${HOME}",),
    ),
    _app(
        "a later file in what looks like a user's home",
        "fail",
        "env_file: [pin.env, ~sub/o.env]",
        ("sub/o.env:1",),
        effective=DEV,
        files={"sub/o.env": f"PIN={DEV}\n"},
    ),
    Case(
        "the folder of an include in the home folder",
        "warn",
        files={
            "compose.yaml": "include: [{path: inc.yaml, project_directory: ~/}]\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        },
        says=("${HOME}", "compose.yaml:1"),
    ),
    Case(
        "an include's env file by default",
        "warn",
        files={
            "compose.yaml": "include: [{path: inc.yaml, env_file: '${E:-i.env}'}]\n",
            "i.env": "A=1\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        },
        says=("${E}",),
    ),
    _app(
        "a later file that defines it only as raw",
        "warn",
        "env_file: [pin.env, {path: o.env, format: '${FMT:-}'}]",
        ("${FMT}", "compose.yaml:1"),
        files={"o.env": f"A='\nPIN={DEV}\n'\n"},
    ),
    _app(
        "a model's variable by default",
        "warn",
        "env_file: [pin.env], models: {llm: {model_var: '${MV:-LLM}'}}}}\nmodels: {llm: {model: ai/x",
        ("${MV}", "docker compose up", "compose.yaml:1"),
    ),
    _app(
        "a model's variable that begins otherwise",
        "pass",
        "env_file: [pin.env], models: {llm: {model_var: 'LLM_${MV:-x}'}}}}\nmodels: {llm: {model: ai/x",
    ),
    _app(
        "a provider it depends on",
        "warn",
        "env_file: [pin.env], depends_on: [db]}, db: {provider: {type: model, options: {model: x}}",
        ("db", "docker compose up"),
    ),
    _app(
        "a provider it does not depend on",
        "pass",
        "env_file: [pin.env]}, db: {provider: {type: model, options: {model: x}}",
    ),
)

_SIBLINGS = "services: {plain: {image: x, env_file: [pin.env]}, b: {image: x, env_file: [pin.env]}}\n"

OPEN_NAMES = (
    _names("name by default", "warn", "${K:-OTHER}=x", "${K}", "compose.yaml:1", "PIN"),
    _names("name by default, no value", "warn", "${K}", "${K}"),
    _names("name from outside", "warn", "${K}=x", "${K}"),
    _names("name and value by default", "warn", "${E:-OTHER=1}", "${E}"),
    _names("name without braces", "warn", "$K=x", "${K}"),
    _names("name that begins like the pin's", "warn", "PI${K:-X}=x", "${K}"),
    _names("name that begins otherwise", "pass", "OTHER_${K}=x"),
    _names("value alone", "pass", "OTHER=${K}"),
)

OPEN_STRUCTURE = (
    _app(
        "extends a file by default",
        "warn",
        "extends: {file: '${EXT:-base.yaml}', service: b}",
        ("${EXT}",),
        files={"base.yaml": _SIBLINGS},
    ),
    _app(
        "extends a service by default",
        "warn",
        "extends: {file: base.yaml, service: '${SVC:-plain}'}",
        ("${SVC}",),
        files={"base.yaml": _SIBLINGS},
    ),
    _app(
        "extends a service by default, short",
        "warn",
        "extends: {service: '${SVC:-b}'}}, b: {image: x, env_file: [pin.env]",
        ("${SVC}",),
    ),
    _app(
        "extends what extends by default",
        "warn",
        "extends: {file: base.yaml, service: c}",
        ("${SVC}",),
        files={
            "base.yaml": "services: {c: {extends: {service: '${SVC:-b}'}}, b: {image: x, env_file: [pin.env]}}\n",
        },
    ),
    Case(
        "include by default",
        "warn",
        files={
            "compose.yaml": "include: ['${STAGE:-prod}/compose.yaml']\n",
            "prod/compose.yaml": "services: {app: {image: x, env_file: [../pin.env]}}\n",
        },
        says=("${STAGE}", "compose.yaml:1"),
    ),
    Case(
        "include with a folder by default",
        "warn",
        files={
            "compose.yaml": "include: [{path: inc.yaml, project_directory: '${P:-.}'}]\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        },
        says=("${P}",),
    ),
    Case(
        "include by default that brings another service",
        "pass",
        files={
            "compose.yaml": f"include: ['${{S:-inc}}.yaml']\nservices: {{app: {{image: x, env_file: {_PIN}}}}}\n",
            "inc.yaml": "services: {web: {image: x}}\n",
        },
    ),
)

OPEN_PATHS = (
    _listed(
        "format by default, the pin has a note",
        "warn",
        "{path: pin.env, format: '${FMT:-}'}",
        ("${FMT}",),
        pin=f"PIN={PINNED} # note\n",
    ),
    _listed("pin twice, the second by default", "warn", "pin.env, '${LATER:-pin.env}'", ("${LATER}",)),
    _listed("path by default and up again", "warn", "'${DIR:-sub}/../pin.env'", ("${DIR}",)),
    _listed("path in the home folder", "warn", "~/pin.env", ("${HOME}",)),
    _listed("a later path in the home folder", "warn", "pin.env, {path: ~/o.env, required: false}", ("${HOME}",)),
    _listed("an earlier path in the home folder", "pass", "{path: ~/o.env, required: false}, pin.env"),
    _listed("another text for the pin", "warn", "pin.env, o1.env, '${PRE:-.}/pin.env'", ("${PRE}",), o1=f"PIN={DEV}\n"),
    _listed("folded before the pin", "warn", "'${PF:-o2.env}', pin.env, o2.env", ("${PF}",), o2=f"PIN={DEV}\n"),
    _listed(
        "could fold the pin before another",
        "warn",
        "'${PF:-x.env}', o2.env, pin.env",
        ("${PF}",),
        o2=f"PIN={DEV}\n",
        x="A=1\n",
    ),
    _listed(
        "could fold the pin before a harmless one", "pass", "'${PF:-x.env}', o2.env, pin.env", o2="A=1\n", x="A=1\n"
    ),
    _listed(
        "could fold the pin before another way to read it",
        "warn",
        "'${P:-pin.env}', sub/../pin.env, {path: pin.env, format: raw}",
        ("${P}",),
        pin=f"PIN={PINNED} # note\n",
    ),
    _listed("a bare last line without its end", "pass", "pin.env, o.env", o="A=1\nPIN"),
    _app(
        "extends from a folder, and up again",
        "warn",
        "extends: {file: sub/base.yaml, service: b}",
        ("${DIR}",),
        files={"sub/base.yaml": "services: {b: {image: x, env_file: ['${DIR:-.}/../pin.env']}}\n"},
    ),
    Case(
        "raw, and a variable in another service's extends",
        "pass",
        f"{PINNED} # x",
        {
            "compose.yaml": "services: {app: {image: x, env_file: [{path: pin.env, format: raw}]},"
            " web: {extends: {file: '${B:-b}.yaml', service: b}}}\n",
            "b.yaml": "services: {b: {image: x}}\n",
            "pin.env": f"PIN={PINNED} # x\n",
        },
    ),
)

MODELS = (
    Case(
        "model under the pin's name",
        "fail",
        files={
            "compose.yaml": "services: {app: {image: x, env_file: [pin.env], models: {llm: {model_var: PIN}}}}\n"
            "models: {llm: {model: ai/x}}\n",
        },
        says=("llm", "compose.yaml:1"),
    ),
    Case(
        "model's address under the pin's name",
        "fail",
        files={
            "compose.yaml": "services: {app: {image: x, env_file: [pin.env], models: {llm: {endpoint_var: PIN}}}}\n"
            "models: {llm: {model: ai/x}}\n",
        },
        says=("llm",),
    ),
    Case(
        "model under another name",
        "pass",
        files={
            "compose.yaml": "services: {app: {image: x, env_file: [pin.env], models: [llm]}}\n"
            "models: {llm: {model: ai/x}}\n",
        },
    ),
)

_TWO = f"services: {{app: {{image: x, env_file: {_PIN}}}}}\n---\nservices: {{app: %s}}\n"

DOCUMENTS = (
    Case(
        "a second document sets the variable",
        "fail",
        DEV,
        {
            "compose.yaml": _TWO % f"{{environment: {{PIN: {DEV}}}}}",
        },
        says=("compose.yaml:3",),
    ),
    Case(
        "a second document lists another file",
        "fail",
        DEV,
        {
            "compose.yaml": _TWO % "{env_file: [o.env]}",
            "o.env": f"PIN={DEV}\n",
        },
        says=("o.env:1",),
    ),
    Case("a second document says nothing of it", "pass", files={"compose.yaml": _TWO % "{labels: [a=b]}"}),
    Case(
        "a second document with another service",
        "pass",
        files={
            "compose.yaml": _TWO.replace("app: %s", f"web: {{{{image: x, environment: {{{{PIN: {DEV}}}}}}}}}".format()),
        },
    ),
    Case(
        "an empty second document",
        "fail",
        REFUSED,
        {
            "compose.yaml": f"services: {{app: {{image: x, env_file: {_PIN}}}}}\n---\n",
        },
    ),
    Case(
        "a second document brings an include",
        "warn",
        files={
            "compose.yaml": "services: {web: {image: x}}\n---\ninclude: ['${S:-inc}.yaml']\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        },
        says=("${S}", "compose.yaml:3"),
    ),
)

CAUSES = (
    _app(
        "set to nothing, the default counts",
        "fail",
        f"environment: {{PIN: '${{PIN:-{DEV}}}'}}, env_file: {_PIN}",
        ("default of ${PIN}",),
        effective=DEV,
        env={"PIN": ""},
    ),
    _app(
        "set to nothing, no default for that",
        "fail",
        f"environment: {{PIN: '${{PIN-{DEV}}}'}}, env_file: {_PIN}",
        ("the shell",),
        effective="",
        env={"PIN": ""},
    ),
    Case(
        "an include's own env file supplies it",
        "fail",
        DEV,
        {
            "compose.yaml": "include: [{path: inc.yaml, env_file: i.env}]\n",
            "i.env": f"OUT={DEV}\n",
            "inc.yaml": f"services: {{app: {{image: x, env_file: {_PIN}, environment: {{PIN: '${{OUT:-b}}'}}}}}}\n",
        },
        says=("env file of an include",),
    ),
)

COOLIFY = (
    _app(
        "Coolify's health check key", "fail", "exclude_from_hc: true", ("exclude_from_hc", "Coolify"), effective=REFUSED
    ),
    _app(
        "Coolify's content of a file",
        "fail",
        "volumes: [{type: bind, source: ./a, target: /a, content: hi}]",
        ("content", "Coolify"),
        effective=REFUSED,
    ),
    _app(
        "Coolify's folder",
        "fail",
        "volumes: [{type: bind, source: ./a, target: /a, is_directory: true}]",
        ("is_directory", "Coolify"),
        effective=REFUSED,
    ),
)

OPEN = (*OPEN_OTHERS, *COOLIFY, *DOCUMENTS, *CAUSES, *OPEN_NAMES, *OPEN_STRUCTURE, *OPEN_PATHS, *MODELS)
