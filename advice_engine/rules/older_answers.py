"""For the 保健師: every answer of 後期高齢者の質問票 that tells of a difficulty, and the J-CHS items among them."""

from advice_engine.checkup_values import answer_ground, name
from advice_engine.facts import Facts
from advice_engine.frailty import chs_items, difficulties
from advice_engine.rule import Rule, Speech
from advice_engine.sources import older_questionnaire
from advice_engine.words import by, day

LEAST = 3  # answers (our choice; 基本チェックリスト's 4 and 8 belong to another form)
SOURCE = older_questionnaire("15の質問の見方(話す線は本システムの設定)", verified=False)


def when(facts: Facts) -> Speech | None:
    found, chs = difficulties(facts), chs_items(facts)
    if len(found) < LEAST:
        return None
    newest = max(one.on for one in found)
    return Speech(
        "後期高齢者の質問票で、困りごとの答え",
        f"{day(newest)}の質問票で、15問のうち{len(found)}問が困りごとの側の答えです。"
        f"改訂J-CHS基準の5項目のうち、質問票で代えられる3項目では{len(chs)}つです。"
        "握力と疲れは分かりません。体操教室、栄養、口の相談など、どれから話すかをご判断ください。",
        f"2年以内の答えを数えました。{by(SOURCE)}",
        tuple(answer_ground(one, name(one.metric)) for one in found),
    )


RULE = Rule(
    id="older_answers",
    title="後期高齢者の質問票で困りごとの答えが3つ以上(保健師用)",
    kind="information",
    urgency=1,
    audience="nurse",
    topic="older_answers",
    needs=("checkups",),
    when=when,
    rest_days=180,
    source=SOURCE,
    false_alarms="家族が代わりに答えた方、答えのあとに状況が変わった方。",
    renews=True,
)
