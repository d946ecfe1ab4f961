"""``docs/personas.md``: twelve weeks of invented people as a 保健師 reads and criticises them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from advice_engine.checkup_values import name, value
from advice_engine.run import rules
from advice_engine.words import NO_DIAGNOSIS
from phr_api.persona_weeks import Lived, Seen
from phr_api.persona_words import ANSWERS, KINDS, day, held_why, intro, unrung_why
from phr_api.personas import START, WEEKS
from store.advice import AdviceRow
from store.clock import JST, civil_day
from store.metrics import METRICS


def page(lived: Sequence[Lived]) -> str:
    """The whole page, Markdown."""
    parts = [[intro(), *_sums(lived)], *([*beginning(one, WEEKS), *_reasons(one)] for one in lived)]
    return "\n".join(line for part in parts for line in part) + "\n"


def beginning(one: Lived, weeks: int) -> Iterator[str]:
    """One person: who they are, where one may doubt, and their first weeks; weeks in which nothing differs are one."""
    yield from _who(one)
    told = [(week, tuple(week_of(one, week))) for week in range(1, weeks + 1)]
    for lines, alike in groupby(told, key=lambda pair: pair[1]):
        several = [week for week, _ in alike]
        first, last = _span(several[0])[0], _span(several[-1])[1]
        named = f"{several[0]}〜{several[-1]}" if len(several) > 1 else f"{several[0]}"
        yield f"\n#### 第{named}週({day(first)}〜{day(last)})\n"
        yield from lines


def week_of(one: Lived, week: int) -> Iterator[str]:
    """What happened, stood, rang, was held, and what the 保健師 saw in this week."""
    first, last = _span(week)
    yield from (f"- できごと: {event.says}" for event in one.persona.events if (event.day - 1) // 7 + 1 == week)
    yield from _cards(one, first, last)
    yield from _rang(one, first, last)
    yield from _held(one, first, last)
    yield from _nurse(one, first, last)
    for on, title, answer in one.answered:
        if first <= on <= last:
            yield f"- 本人の答え: {day(on)}「{title}」に「{ANSWERS[answer]}」"


def _span(week: int) -> tuple[date, date]:
    """Its Monday and its Sunday."""
    first = START + timedelta(days=7 * (week - 1))
    return first, first + timedelta(days=6)


def _sums(lived: Sequence[Lived]) -> Iterator[str]:
    yield "| 人 | 鳴った通知(12週) | うち 赤・受診 | うち 助言 | 画面に出た内容の種類 | 一覧にのった日数(84日中) |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in lived:
        kinds = Counter(rang.kind for rang in one.rang)
        cards = {row.rule_id for seen in one.seen for row in seen.screen}
        listed = sum(bool(seen.nurse) for seen in one.seen)
        grave = kinds["red_flag"] + kinds["referral"]
        yield f"| {one.persona.title} | {len(one.rang)} | {grave} | {kinds['advice']} | {len(cards)} | {listed} |"


def _who(one: Lived) -> Iterator[str]:
    yield f"\n## {one.persona.title}\n"
    yield f"{one.persona.who}\n"
    if one.persona.examined:
        on, values = one.persona.examined
        measured = "、".join(
            f"{name(word)} {value(word, number)}" for word, number in values.items() if word in METRICS
        )
        yield f"健診({on.year}年{day(on)}): {measured}。\n"
    yield "**ここが迷うところ**\n"
    yield from (f"- {doubt}" for doubt in one.persona.doubts)


def _cards(one: Lived, first: date, last: date) -> Iterator[str]:
    """What is new with its words; what stays or comes again with its title alone."""
    before = {row.rule_id for seen in one.seen if seen.day < first for row in seen.screen}
    days: Counter[str] = Counter()
    newest: dict[str, AdviceRow] = {}
    for seen in _between(one, first, last):
        days.update(row.rule_id for row in seen.screen)
        for row in seen.screen:
            newest.setdefault(row.rule_id, row)
    for rule, row in newest.items():
        if rule not in before:
            body = row.body.removesuffix(NO_DIAGNOSIS).strip()
            yield f"- 新しく画面に: 【{KINDS[row.kind]}】**{row.title}** {body}"
    old = [rule for rule in newest if rule in before]
    if old:
        yield f"- 続いています: {_named([(newest[rule].title, days[rule]) for rule in old])}"
    if not newest:
        yield "- 画面に出たものはありません。"


def _named(titles: Iterable[tuple[str, int]]) -> str:
    return "、".join(f"「{title}」" if days == 7 else f"「{title}」({days}日)" for title, days in titles)


def _rang(one: Lived, first: date, last: date) -> Iterator[str]:
    titles = _titles(one)
    rang = [
        f"{day(civil_day(sent.at), weekday=True)}{sent.at.astimezone(JST):%-H:%M} "
        f"{titles.get(sent.rule, '先週のふりかえりが読めます')}"
        for sent in one.rang
        if first <= civil_day(sent.at) <= last
    ]
    if rang:
        yield f"- 鳴りました: {' / '.join(rang)}"
    why = Counter(
        said.removeprefix("held: ")
        for when, _, push in one.decided
        if first <= civil_day(when) <= last
        for said in push.values()
        if said.startswith("held: ")
    )
    told = [f"{unrung_why(reason)}({times}件)" for reason, times in sorted(why.items()) if unrung_why(reason)]
    if told:
        yield f"- 画面に出たが鳴らさなかった理由: {'、'.join(told)}"


def _held(one: Lived, first: date, last: date) -> Iterator[str]:
    """What a rule wanted to say and did not reach the screen, where the reason is new."""
    before = {pair for when, held, _ in one.decided if civil_day(when) < first for pair in held.items()}
    named = {rule.id: rule.title for rule in rules()}
    fresh: dict[str, list[str]] = {}
    for when, held, _ in one.decided:
        if first <= civil_day(when) <= last:
            for rule, why in sorted(held.items()):
                if (rule, why) not in before and named[rule] not in fresh.setdefault(held_why(why, named), []):
                    fresh[held_why(why, named)].append(named[rule])
    yield from (f"- 出しませんでした({why}): {'、'.join(what)}" for why, what in fresh.items())


def _nurse(one: Lived, first: date, last: date) -> Iterator[str]:
    now = _listed(_between(one, first, last))
    earlier = _listed(_between(one, first - timedelta(days=7), first - timedelta(days=1)))
    if now and now == earlier:
        yield "- 保健師の一覧: 前の週と同じ"
    elif now or earlier:
        yield f"- 保健師の一覧: {'、'.join(f'「{title}」' for title in now) or 'なくなりました'}"


def _listed(evenings: Iterable[Seen]) -> list[str]:
    return list(dict.fromkeys(row.title for seen in evenings for row in seen.nurse))


def _between(one: Lived, first: date, last: date) -> list[Seen]:
    return [seen for seen in one.seen if first <= seen.day <= last]


def _titles(one: Lived) -> Mapping[str, str]:
    return {row.rule_id: f"「{row.title}」" for seen in one.seen for row in seen.screen}


def _reasons(one: Lived) -> Iterator[str]:
    """Each card once, with the grounds of its first day and its source."""
    first = {row.rule_id: row for seen in reversed(one.seen) for row in (*seen.nurse, *seen.screen)}
    if not first:
        return
    yield "\n#### なぜそう言ったか\n"
    yield "| 画面の題 | 根拠(最初の日) | 出典 |"
    yield "| --- | --- | --- |"
    order = [rule.id for rule in rules() if rule.id in first]
    for row in (first[rule] for rule in order):
        grounds = "、".join(f"{ground['what']} {ground['value']}({_when(ground['at'])})" for ground in row.rests_on)
        mark = "" if row.source["verified"] else " **未確認**"
        source = f"{row.source['guideline']}({row.source['year']}) {row.source['section']}"
        yield f"| {row.title} | {grounds} | {source}{mark} |"


def _when(at: str) -> str:
    return at.replace("/", "〜")
