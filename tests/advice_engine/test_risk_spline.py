"""The spline logistic: what scikit-learn fitted is what numpy scores, to the bit the second time."""

from __future__ import annotations

import numpy as np
import pytest
from invented_checkups import INPUTS, law, middles, people
from sklearn.preprocessing import SplineTransformer

from advice_engine import learning
from advice_engine.learning import Parameters
from advice_engine.risk_metrics import auc
from advice_engine.risk_score import score, unanchored
from advice_engine.risk_spline import basis, fit, sigmoid, terms


@pytest.fixture(scope="module")
def learnt() -> Parameters:
    return unanchored(fit(people(8000), INPUTS), middles())


def test_our_splines_are_those_of_the_library_and_flat_outside() -> None:
    at = np.array([20.0, 23, 25, 29, 40])[:, None]
    spline = SplineTransformer(knots=at, degree=3, include_bias=False, extrapolation="constant").fit(at)
    values = np.linspace(10, 60, 101)
    ours = basis(spline.bsplines_[0].t, values)
    assert np.abs(ours - spline.transform(values[:, None])).max() < 1e-9
    assert (ours[values >= 40] == ours[-1]).all()


def test_the_same_data_give_the_same_parameters_bit_for_bit() -> None:
    first, again, other = (learning.digest(fit(people(1500, seed), INPUTS)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_fit_finds_the_law_that_made_the_people(learnt: Parameters) -> None:
    fresh = people(4000, seed=9)
    found = score(learnt, fresh.columns).logit
    assert np.corrcoef(found, law(dict(fresh.columns)))[0, 1] > 0.96
    assert abs(sigmoid(found).mean() - fresh.target.mean()) < 0.02


def test_a_term_is_nought_for_the_usual_person_and_raised_by_what_raises(learnt: Parameters) -> None:
    columns = {name: np.array([value, value]) for name, value in (("age", 60.0), ("male", 1.0), ("waist", 84.0))}
    columns |= {"bmi": np.array([24.0, 32.0]), "smoker": np.array([0.0, 1.0])}
    found = score(learnt, columns).terms
    assert abs(found["bmi"][0]) < 1e-12 and found["smoker"][0] == 0
    assert found["bmi"][1] > 0.5 and found["smoker"][1] > 0.3
    assert (found["hdl"] == 0).all()  # nobody measured it: it says nothing about them


def test_a_score_is_the_sum_of_its_terms() -> None:
    fitted = fit(people(1500), INPUTS)
    fresh = people(50, seed=3)
    parameters = unanchored(fitted, middles())
    summed = fitted["intercept"] + sum(terms(fitted, fresh.columns).values())
    assert np.allclose(score(parameters, fresh.columns).logit, summed, atol=1e-12)


def test_nobody_without_a_value_breaks_a_fit_that_never_saw_one_missing(learnt: Parameters) -> None:
    found = score(learnt, {"age": np.array([60.0]), "male": np.array([0.0])})
    assert np.isfinite(found.logit).all()
    assert all((term == 0).all() for name, term in found.terms.items() if name not in ("age", "male"))


def test_race_is_no_input_of_any_learned_part() -> None:
    named = {word for part in learning.every() for word in part.inputs}
    assert not [word for word in named if "race" in word or "asian" in word or "ethnic" in word]


def test_changed_parameters_are_refused() -> None:
    parameters = fit(people(500), INPUTS)
    kept = learning.digest(parameters)
    assert learning.checked(parameters, kept) is parameters
    with pytest.raises(learning.ChangedParameters):
        learning.checked({**parameters, "intercept": 0.0}, kept)


def test_ties_count_half_and_one_outcome_alone_has_no_auc() -> None:
    target = np.array([0.0, 0, 1, 1])
    assert auc(target, np.array([0.1, 0.2, 0.3, 0.4])) == 1
    assert auc(target, np.array([1.0, 1, 1, 1])) == 0.5
    assert auc(target * 0, target) is None
