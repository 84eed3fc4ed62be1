"""A steward sees that two customers are one, joins them, finds out better, and puts them back."""

from __future__ import annotations

import pytest

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, PLAIN, People, Reading
from tests.serving import Served

_TWO = (
    "SELECT min(person) FROM identify_identifier WHERE kind = 'user_id' GROUP BY person "
    "ORDER BY person DESC LIMIT 2"
)


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE, PLAIN], ids=str)
def test_two_customers_are_joined_and_put_back(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    adrien = people("Adrien Colin", reading)
    one, other = adrien.look.all(_TWO)

    def opens(number: int) -> None:
        adrien.opens(f"/people/{number}/")
        if adrien['[name="reason"]'].count():
            adrien.fills(reason="Doublon signalé par le magasin")
        if adrien["form.form button.main"].count():
            adrien["form.form button.main"].click()
            adrien.is_at(f"/people/{number}/")

    opens(one)
    timeline = adrien["#timeline"].inner_text()
    adrien[f'a[href="/people/{one}/join/"]'].click()
    adrien.finds_it_sound("whom")
    adrien.fills(q=str(other))
    adrien["form.form button.main"].click()
    adrien[f'a[href="?with={other}"]'].click()
    adrien.finds_it_sound("open-first")
    opens(other)
    adrien.opens(f"/people/{one}/join/?with={other}")
    adrien.finds_it_sound("both")
    adrien.fills(reason="Même adresse, même voix")
    adrien["form.form button.main"].click()
    kept = min(one, other)
    opens(kept)
    adrien.opens(f"/people/{max(one, other)}/")  # the old number leads to who they are now
    adrien.is_at(f"/people/{kept}/")
    adrien['a[href$="/undo/"]'].click()
    adrien.finds_it_sound("undo")
    adrien["form.form button.main"].click()
    opens(one)
    assert adrien["#timeline"].inner_text() == timeline
    assert sorted(adrien.look.all(_TWO)) == sorted((one, other))
