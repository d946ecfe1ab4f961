"""What a log says of a policy that never decided; what it refuses to say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from advice_engine import heartsteps, off_policy, ranker_trials
from advice_engine.learned import response
from advice_engine.off_policy import Log, TooFew
from phr_api.commands import learn_heartsteps

CHANCES = np.tile([0.7, 0.3], (4, 1))


def _log(rows: int = 4000) -> Log:
    dice = np.random.default_rng(1)
    taken = (dice.random(rows) < 0.3).astype(np.int64)
    reward = (dice.random(rows) < np.where(taken == 1, 0.8, 0.2)).astype(float)
    return Log(np.arange(rows) % 50, taken, np.tile([0.7, 0.3], (rows, 1)), reward)


def test_estimators_find_what_the_other_choice_would_have_earned() -> None:
    log = _log()
    always = np.tile([0.0, 1.0], (len(log.taken), 1))
    blind = np.full(always.shape, 0.5)
    assert off_policy.ips(log, always) == pytest.approx(0.8, abs=0.05)
    assert off_policy.snips(log, always) == pytest.approx(0.8, abs=0.03)
    assert off_policy.doubly_robust(log, always, blind).mean() == pytest.approx(0.8, abs=0.04)


def test_the_logging_policy_itself_is_worth_the_mean_reward() -> None:
    log = _log()
    assert off_policy.ips(log, log.chances) == pytest.approx(log.reward.mean())
    assert off_policy.effective(log, log.chances) == pytest.approx(len(log.taken))


def test_a_perfect_expectation_leaves_nothing_to_chance() -> None:
    reward = np.array([0.2, 0.8, 0.2, 0.8])
    log = Log(np.arange(4), np.array([0, 1, 0, 1]), CHANCES, reward)
    exact = np.tile([0.2, 0.8], (4, 1))
    with pytest.raises(TooFew):
        off_policy.doubly_robust(log, exact, exact)
    many = Log(np.tile(log.person, 100), np.tile(log.taken, 100), np.tile(CHANCES, (100, 1)), np.tile(reward, 100))
    policy = np.tile([0.5, 0.5], (400, 1))
    assert off_policy.doubly_robust(many, policy, np.tile(exact, (100, 1))) == pytest.approx(np.full(400, 0.5))


def test_fewer_than_200_effective_decisions_are_no_estimate() -> None:
    with pytest.raises(TooFew) as few:
        ranker_trials.refuses()
    assert few.value.ess < off_policy.LEAST_ESS


def test_the_interval_draws_people_not_rows() -> None:
    """One person with a thousand equal rows is one person."""
    person = np.concatenate([np.zeros(1000, np.int64), np.arange(1, 20)])
    found = off_policy.by_person(np.concatenate([np.ones(1000), np.zeros(19)]), person, 1)
    assert found.low == 0.0 and found.high > found.value * 0.9


def test_a_log_of_known_truth_is_read_within_three_percent() -> None:
    found = ranker_trials.known_truth(2)
    assert found.worst <= 0.06 and found.least_ess > off_policy.LEAST_ESS


def test_what_a_person_answered_before_foresees_the_next_answer_without_looking_ahead() -> None:
    person, good = np.array([1, 1, 1, 2]), np.array([1.0, 1.0, 0.0, 1.0])
    rows = response.history(person, good, 0.5)
    assert rows[0].tolist() == [0.0, 0.0, 0.5] and rows[3].tolist() == rows[0].tolist()
    assert rows[2][0] > rows[1][0] > 0
    later = response.history(person, np.array([1.0, 1.0, 1.0, 1.0]), 0.5)
    assert later[2].tolist() == rows[2].tolist()


def test_the_trial_held_out_beats_its_own_policy_and_claims_nothing_over_always_walking(shared: Path) -> None:
    trial = learn_heartsteps.read(shared / "data")
    assert (len(trial.arm), len(set(trial.person.tolist()))) == (6119, 37)
    found = heartsteps.compare(trial, splits=2)
    assert found.floor_over_trial.value >= 0.08 and found.floor_over_trial.low > 0.02
    assert found.constant == "walking" and found.learned_over_constant.low < 0
    chances, good = heartsteps.answers(trial, splits=1)
    assert np.mean((chances - good) ** 2) <= 0.232
