"""Who is likely the same person: the thinking, without tables, pages or jobs.

`standardising` makes values comparable, `comparing` says how two of them agree, `blocking` which
pairs are worth a look, `training` what each agreement is worth, `scoring` adds it up, `assigning`
keeps one partner where there can be only one, `zones` says what is done with a score, `answers`
what stewards teach, and `newcomers` compares one new person with everybody.
"""
