"""The wheel, in environments without anything else: `make test-package`, not `make test`."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import convlib
from tools.release.files import copy_sources, pinned
from tools.serving import serve

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WINDOWS = os.name == "nt"
PYTHON = Path("Scripts", "python.exe") if WINDOWS else Path("bin", "python")  # in an environment
pytestmark = pytest.mark.wheel

# What pip installs in each environment: the oldest NumPy 2 that has a wheel for this Python,
# the newest one, and the dependencies of the extra.
OLDEST = "2.1.0" if sys.version_info >= (3, 13) else "2.0.0"
REQUIREMENTS = {
    "oldest": ["convlib", f"numpy=={OLDEST}"],
    "newest": ["convlib", "numpy"],
    "diagrams": ["convlib[diagrams]"],
}


def run(*command, **options):
    """Run a command, and show its output if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip_wheel(source, folder):
    """Build a wheel in an environment of its own, with the setuptools that the lock pins."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    run(*command, "--wheel-dir", folder, source, env=pinned())
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Copy the repository, so that a build leaves no files in it and finds no old ones."""
    return copy_sources(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    """Give the wheel of a release, if CONVLIB_WHEEL is its path, or else build one."""
    if released := os.environ.get("CONVLIB_WHEEL"):
        return Path(released).resolve()
    return pip_wheel(source, tmp_path_factory.mktemp("wheel"))


class Environment:
    """A virtual environment with the requirements only, and without pip."""

    def __init__(self, folder, wheel, requirements):
        self.folder = folder
        self.python = folder / PYTHON
        venv.create(folder, symlinks=not WINDOWS)
        named = [name.replace("convlib", str(wheel)) for name in requirements]
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet"]
        run(*pip, "--only-binary=:all:", "--upgrade", *named)

    def run(self, code):
        """Run Python code in a folder outside of the repository."""
        return run(self.python, "-I", "-c", code, cwd=self.folder)

    def basedpyright(self, *command):
        """Run basedpyright in this environment."""
        path = os.pathsep.join([str(self.python.parent), os.environ["PATH"]])
        return subprocess.run(
            [BIN / "basedpyright", "--outputjson", *command],
            cwd=self.folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )


environments = {}


@pytest.fixture
def environment(request, wheel, tmp_path_factory):
    name = request.param
    if name not in environments:
        environments[name] = Environment(tmp_path_factory.mktemp(name), wheel, REQUIREMENTS[name])
    return environments[name]


def in_environment(*names):
    return pytest.mark.parametrize("environment", names, indirect=True)


def test_the_wheel_contains_the_library_its_types_and_nothing_else(wheel):
    library = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "convlib").rglob("*")
        if path.suffix in (".py", ".pyi", ".typed", ".toml", ".js", ".css")
        or path.name.startswith("LICENSE")
    }
    about = {"METADATA", "WHEEL", "RECORD", "top_level.txt", "licenses/LICENSE"}
    names = set(contents(wheel))
    assert {"convlib/py.typed", "convlib/web/index.js"} <= names
    assert names == library | {f"convlib-{convlib.__version__}.dist-info/{name}" for name in about}


def test_the_source_distribution_builds_the_same_wheel(source, wheel, tmp_path):
    build = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    run(sys.executable, "-c", build, tmp_path, cwd=source)
    (archive,) = tmp_path.glob("convlib-*.tar.gz")
    assert contents(pip_wheel(archive, tmp_path)) == contents(wheel)


def test_the_wheel_has_its_version_licence_and_dependencies(wheel):
    (name,) = (name for name in contents(wheel) if name.endswith("METADATA"))
    metadata = message_from_bytes(contents(wheel)[name])
    assert metadata["Version"] == convlib.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("Requires-Dist") == [
        "numpy>=2",
        'matplotlib>=3.11; extra == "diagrams"',
        'onnx>=1.18; extra == "onnx"',
        'dask[array]>=2025.1; extra == "dask"',
        'numba>=0.61; extra == "fast"',
    ]


@in_environment("oldest", "newest")
def test_numpy_is_the_only_dependency_installed(environment):
    code = "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"
    assert environment.run(code).split() == ["convlib", "numpy"]


@in_environment("oldest")
def test_the_oldest_numpy_is_the_one_that_is_promised(environment):
    assert environment.run("import numpy; print(numpy.__version__)").strip() == OLDEST


@in_environment("oldest", "newest", "diagrams")
def test_the_wheel_is_what_is_imported(environment):
    output = environment.run("import convlib; print(convlib.__version__, convlib.__file__)")
    version, file = output.split()
    assert version == convlib.__version__
    assert Path(file).is_relative_to(environment.folder)


@in_environment("oldest", "newest")
def test_only_the_diagrams_need_matplotlib(environment):
    code = "import convlib.exercises.stride\ntry: import convlib.diagrams\n"
    output = environment.run(code + "except ModuleNotFoundError as missing: print(missing.name)")
    assert output.strip() == "matplotlib"


@in_environment("oldest", "newest", "diagrams")
def test_the_examples_of_readme_and_of_every_docstring_pass(environment):
    script, readme = ROOT / "tools" / "examples.py", ROOT / "README.md"
    quiet = os.environ | {"MPLBACKEND": "agg"}
    output = run(environment.python, "-I", script, readme, cwd=environment.folder, env=quiet)
    tried = {line.split()[0].rpartition(".")[2] for line in output.splitlines()}
    assert tried >= {"README", *convlib.__all__}
    assert ("draw_step" in tried) == (environment is environments.get("diagrams"))


@in_environment("oldest", "newest")
def test_the_published_tables_are_installed_and_the_command_runs(environment):
    assert int(environment.run("from convlib import zoo; print(len(zoo.tables()))")) > 20
    command = [environment.python, "-I", "-m", "convlib", "Conv2d(3, 8, 3)", "3x8x8"]
    assert "8 x 6 x 6" in run(*command, cwd=environment.folder)


@in_environment("diagrams")
def test_the_extra_installs_what_the_diagrams_need(environment):
    code = (
        "import numpy as np, matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt; "
        "from convlib import diagrams; diagrams.draw_step(np.eye(3), np.eye(2), at=(0, 0)); "
        "plt.savefig('step.png')"
    )
    environment.run(code)
    assert (environment.folder / "step.png").read_bytes().startswith(b"\x89PNG")


@in_environment("oldest", "newest")
def test_readmes_example_passes_the_strictest_type_check(environment):
    readme = (ROOT / "README.md").read_text()
    lines = re.findall(r"^(?:>>>|\.\.\.) (.*)", readme, re.MULTILINE)
    assert len(lines) >= 7
    shown = [
        line if re.match("import |from |[a-z]+ = ", line) else f"reveal_type({line})"
        for line in (line.partition("  #")[0] for line in lines)
    ]
    (environment.folder / "example.py").write_text("\n".join(shown) + "\n")
    settings = {"typeCheckingMode": "strict", "include": ["example.py"]}
    (environment.folder / "pyrightconfig.json").write_text(json.dumps(settings))
    report = json.loads(environment.basedpyright().stdout)
    diagnostics = report["generalDiagnostics"]
    types = [note["message"].partition('" is "')[2] for note in diagnostics]
    assert report["summary"]["filesAnalyzed"] == 1
    assert not [note for note in diagnostics if note["severity"] != "information"]
    network = 'tuple[tuple[int, ...], int, int, tuple[int, ...]]"'
    array = 'ndarray[Any, Any]"'
    assert types == [array, 'tuple[int, ...]"', array, array, network]


@in_environment("diagrams")
def test_every_type_that_a_user_can_see_is_known(environment):
    done = environment.basedpyright("--verifytypes", "convlib", "--ignoreexternal")
    report = json.loads(done.stdout)["typeCompleteness"]
    unknown = [symbol for symbol in report["symbols"] if not symbol["isTypeKnown"]]
    assert len(report["symbols"]) > 200
    assert not [(symbol["name"], symbol["diagnostics"]) for symbol in unknown]
    assert report["completenessScore"] == 1


@pytest.fixture
def alone(tmp_path):
    """Return what runs a set-up cell in a folder, in an environment that has only pip."""
    venv.create(tmp_path / "venv", symlinks=not WINDOWS, with_pip=True)
    python = tmp_path / "venv" / PYTHON
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run_set_up(notebook):
        (setup,) = (cell for cell in json.loads(notebook)["cells"] if cell["id"] == "setup")
        code = "".join(setup["source"]) + "\nprint(sys.modules['convlib'].__file__)"
        path = run(python, "-I", "-c", code, cwd=tmp_path, env=own)
        assert path.startswith(str(tmp_path / "venv"))
        return run(python, "-I", "-c", "import matplotlib, convlib; print(convlib.__version__)")

    return run_set_up


def test_a_notebook_alone_installs_convlib_from_the_wheel_beside_it(alone, wheel, tmp_path):
    shutil.copy(wheel, tmp_path)
    version = alone((ROOT / "book" / "stride.ipynb").read_text())
    assert version.strip() == convlib.__version__


def test_a_notebook_alone_installs_convlib_from_the_site_it_came_from(alone, wheel, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools" / "sphinx")
    from bookext.archive import with_source

    with serve(wheel.parent) as site:
        notebook = with_source((ROOT / "book" / "stride.ipynb").read_text(), f"{site}/{wheel.name}")
        assert alone(notebook).strip() == convlib.__version__
