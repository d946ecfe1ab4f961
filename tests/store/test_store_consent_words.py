"""The words that consents are given to: plain, complete, and never changed once they are out."""

from __future__ import annotations

import pytest

from store import consent_words
from store.consent_words import NotInTheWords, Words
from store.records import KINDS

NEWEST = consent_words.current()
# What was shown to people stays what it was: other words are a new file with the next version.
FINGERPRINTS = {
    ("phr", "1"): "0c818e35523caba01a837551cd998b2c4daaf3613fc1c57d354895cde61ec4af",
    ("phr_records", "1"): "4b7e82aea14b437b5702cfeb71af6ab5d9061820b146371081d3c340a917c095",
    ("guidance", "1"): "e45ecd7000c2fb0a349593779512c4d2e6c48df3718c9672ae197ce4dd60b044",
    ("push", "1"): "3c0d663f64f29a07db3e78cc16a3d28d83d88c69bb6b5635b5c7b989c85825b2",
    ("push", "2"): "2d8168fb28b9a94788ac7bbdd650305a9040f9a338991ae4b103c9863f9fdcd5",
    ("statistics", "1"): "6e25ebbbd8b8835eb74d7fa8557d008a476fffa426a4207554af7c5d7f45411f",
    ("living_lab", "1"): "da37fc61a9312b122482c30dda2a282b3764963122887fc9ebe115a490141fd3",
    ("next_generation_opt_out", "1"): "26c5ee71fd0282bebc58aad26a8ce5e1e8c319318bfac213ef43bddc9a55f98f",
}


@pytest.mark.parametrize("words", NEWEST, ids=lambda words: words.purpose)
def test_words_say_what_for_whom_and_how_to_take_it_back(words: Words) -> None:
    headings = [text for kind, text in words.blocks() if kind == "heading"]
    assert len(headings) == 3 and headings[2] in ("やめたいとき", "気が変わったとき")
    assert "何のために" in words.body and "押すと" in words.body
    assert words.items and words.recipients and words.audience and words.gist.endswith("。")
    assert "*" not in words.items  # to agree to everything is said on the screen, not in the words
    longest = max(len(text) for _, text in words.blocks())
    assert longest <= 90, "a sentence for a reader of 80 is short"


def test_the_purposes_stay_apart() -> None:
    assert [one.purpose for one in NEWEST] == list(consent_words.PURPOSES)
    assert len({one.title for one in NEWEST}) == len({one.body for one in NEWEST}) == 7
    assert [one.purpose for one in NEWEST if one.opt_out] == ["next_generation_opt_out"]


def test_the_kinds_of_records_are_called_the_same_everywhere() -> None:
    records = next(one for one in NEWEST if one.purpose == "phr_records")
    assert dict(records.items) == KINDS


def test_a_file_that_was_shown_is_not_changed() -> None:
    assert {name: one.sha256 for name, one in consent_words._all().items()} == FINGERPRINTS


@pytest.mark.parametrize(
    ("recipient", "items", "limited"),
    [("city", ["lab"], False), ("061123456", ["lab"], False), ("*", ["weight"], False), ("*", [], False)],
)
def test_what_the_words_do_not_say_is_not_agreed_to(recipient: str, items: list[str], limited: bool) -> None:
    words = consent_words.words("phr_records", "1")
    words.check("0611234567", ["lab", "*"], limited=True)
    with pytest.raises(NotInTheWords):
        words.check(recipient, items, limited=limited)


def test_some_purposes_have_no_period_and_no_words_are_invented() -> None:
    with pytest.raises(NotInTheWords, match="period"):
        consent_words.words("phr", "1").check("city", ["*"], limited=True)
    for purpose, version in (("phr", "99"), ("everything", "1"), ("../settings", "1")):
        with pytest.raises(NotInTheWords):
            consent_words.words(purpose, version)
