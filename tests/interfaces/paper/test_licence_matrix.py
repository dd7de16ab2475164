"""The licence matrix against what is installed."""

from importlib.metadata import requires, version

from packaging.requirements import Requirement

from emogap.interfaces.paper.licence_matrix import licence_rows
from emogap.preprocessing.face.weights import known_weights
from emogap.reporting.licence_table import licence_markdown
from emogap.reporting.paper_facts import LicenceRow


def names_in(kind: str) -> list[str]:
    return [row.name for row in licence_rows() if row.kind == kind]


def test_every_package_that_users_need_is_there_and_none_for_developers() -> None:
    found = names_in("package")
    stated = [Requirement(line) for line in requires("emogap") or ()]
    assert {one.name for one in stated if one.marker is None} <= set(found)
    assert "torch" in found
    assert "pytest" not in found
    assert "mypy" not in found
    assert found == sorted(found, key=str.lower)


def test_a_package_has_its_installed_version_and_its_stated_licence() -> None:
    rows = {row.name: row for row in licence_rows() if row.kind == "package"}
    assert rows["numpy"].version == version("numpy")
    assert "BSD" in rows["numpy"].licence
    assert rows["numpy"].used_for == "always"
    assert rows["lightning-fabric"].used_for == "extra learn"
    assert "copyleft" in rows["psycopg"].shipped


def test_data_that_were_used_say_so_and_weights_of_other_terms_are_not_passed_on() -> None:
    data = {row.name.split(":")[0]: row for row in licence_rows(["ceap360vr"]) if row.kind == "data"}
    assert (data["ceap360vr"].used_for, data["study"].used_for) == ("these results", "can be read")
    weights = {row.name: row for row in licence_rows() if row.kind == "weights"}
    assert set(weights) == set(known_weights())
    used = {row.name: row for row in licence_rows((), ["yunet"]) if row.kind == "weights"}
    assert [name for name in used if used[name] != weights[name]] == ["yunet"]
    assert used["yunet"].used_for.startswith("these results")
    for name, row in weights.items():
        assert ("AffectNet" in known_weights()[name].licence) == (row.shipped == "not unless its terms allow it")


def test_a_licence_that_nobody_states_is_red() -> None:
    row = LicenceRow("package", "mystery", "1", "", "always", "unknown: ask its authors")
    assert 'color: #b00020">not stated<' in licence_markdown([row])
