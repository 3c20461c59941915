"""A small slice of the kills; `make kills` runs five hundred."""

from pathlib import Path

import pytest

from tests.proofs.kills import kill_decision, kill_once, prepare_decisions, prepare_folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("kills")
    return folder, prepare_folder(folder)


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_a_killed_build_loses_nothing(seed: int, prepared: tuple[Path, dict[str, str]]) -> None:
    folder, reference = prepared
    kill_once(seed, folder, reference)


@pytest.fixture(scope="module")
def directed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decisions")
    prepare_decisions(folder)
    return folder


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_decision_is_made_once_and_loses_nothing(seed: int, directed: Path) -> None:
    kill_decision(seed, directed)
