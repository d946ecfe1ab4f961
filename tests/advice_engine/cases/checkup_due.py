from advice_person import Case, back, daily, examined, person

WALKS = {"days": {"steps": daily([5000] * 22)}}

CASES = (
    Case("401 days", examined(on=back(401), bmi=22), True, ("特定健診の受診券", "1年以上"), ("3年以上",)),
    Case("400 days", examined(on=back(400), bmi=22), False),
    Case("39 years", examined(39, on=back(500), bmi=22), False),
    Case("who has not gone for years", examined(on=back(1101), bmi=22), True, ("3年以上",)),
    Case("who never went", person(40, **WALKS), True, ("特定健診の受診券", "まだこちらに届いていません")),
    Case("who has just begun", person(60, days={"steps": daily([5000] * 21)}), False),
    Case("who never went, at 39", person(39, **WALKS), False),
    Case("at 75", person(75, **WALKS), True, ("後期高齢者の健診の受診券",)),
)
