"""The explorer: how many events, by day and by what one asks; with the query behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

import django_tables2 as tables
from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from pupitre.core.charts import Series, daily_bars
from pupitre.core.forms import HouseFields
from pupitre.core.tables import DayColumn, HouseTable, NumberColumn, table_page
from pupitre.core.templatetags.house import count, day, percent
from pupitre.flow.collect.pages.counting import BY, MOST_DAYS, Asked, Counted, count_events
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.flow.collect.words import CHANNELS, TYPES, channel_words
from pupitre.lake.contracts import LakeError, TooLong
from pupitre.rules.mandate.queries import present
from pupitre.rules.mandate.web import reading_view

USUAL_DAYS = 30
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
_BY_WORDS = {
    "channel": pgettext_lazy("told apart by", "channel"),
    "source": pgettext_lazy("told apart by", "source"),
    "name": pgettext_lazy("told apart by", "event"),
    "type": pgettext_lazy("told apart by", "type"),
}


class ExplorerFields(HouseFields):
    """What to count."""

    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("To"), required=False)
    by = forms.ChoiceField(
        label=gettext_lazy("Told apart by"),
        required=False,
        choices=[(name, _BY_WORDS[name]) for name in BY],
    )
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        required=False,
        choices=[("", gettext_lazy("all")), *((c.value, name) for c, name in CHANNELS.items())],
    )
    name = forms.CharField(label=gettext_lazy("Event"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            ("", _("all")),
            *((source.key, str(source.name)) for source in all_sources()),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in ("since", "until"):
            if (day := cleaned.get(field)) and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(field, _("Choose a day of our time."))
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("It ends before it begins."))
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("until", _("At most a year at a time."))
        return cleaned

    def asked(self, today: date) -> Asked:
        """What the reader wants, the last thirty days by channel where they don't say."""
        said = self.cleaned_data if self.is_valid() else {}
        until = said.get("until") or min(
            today, (said.get("since") or today) + timedelta(days=MOST_DAYS - 1)
        )
        since = said.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        return Asked(
            since=since,
            until=max(until, since),
            by=said.get("by") or BY[0],
            source=said.get("source", ""),
            channel=said.get("channel", ""),
            name=said.get("name", ""),
        )


class CountTable(HouseTable):
    """The table behind the chart."""

    day = DayColumn(verbose_name=gettext_lazy("Day"))
    what = tables.Column(verbose_name=gettext_lazy("What"))
    events = NumberColumn(verbose_name=gettext_lazy("Events"))

    class Meta(HouseTable.Meta):
        # Three short columns fit a phone; fifty rows as cards would be ten screens.
        attrs: ClassVar[dict[str, str]] = {"class": "table stay"}
        caption = gettext_lazy("Events by day")
        empty_text = gettext_lazy("No event in these days.")
        order_by = ("-day",)

    def __init__(self, *args: Any, by: str, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by, self._names = by, names

    def render_what(self, value: str) -> str:
        return what_words(self._by, value, self._names)

    def value_what(self, value: str) -> str:
        return value


@reading_view
def explorer(request: HttpRequest) -> HttpResponse:
    """Counts are nobody's personal data: whoever has a seat may look."""
    presence = present(request)
    form = ExplorerFields(_with_usual(request.GET, presence.day))
    asked = form.asked(presence.day)
    names = {source.key: str(source.name) for source in all_sources()}
    try:
        counted = count_events(asked)
    except LakeError as error:
        context = {"form": form, "asked": asked, "error": error, "slow": isinstance(error, TooLong)}
        return render(request, "collect/explorer.html", context, status=503)
    series = [
        Series(what_words(asked.by, what, names), counted.of(what)) for what, _n in counted.totals()
    ]
    return table_page(
        request,
        table=CountTable,
        rows=list(counted.rows),
        template="collect/explorer.html",
        context={
            "form": form,
            "asked": asked,
            "counted": counted,
            "chart": daily_bars(asked.days, series) if series else None,
            "point": point_of(counted, names),
            "totals": [
                (what_words(asked.by, what, names), events, events / counted.total)
                for what, events in counted.totals()[:20]
            ],
            "by": _BY_WORDS[asked.by],
        },
        export_name=_("events by day"),
        may_export=True,
        table_options={"by": asked.by, "names": names},
    )


def what_words(by: str, value: str, names: dict[str, str]) -> str:
    """A channel, a source, a type or an event as pages call it."""
    if not value:
        return _("(without a name)")
    if by == "channel":
        return str(channel_words(value))
    if by == "type":
        return str(next((words for kind, words in TYPES.items() if kind.value == value), value))
    return names.get(value, value) if by == "source" else value


def point_of(counted: Counted, names: dict[str, str]) -> str:
    """The title of the chart: what it shows, in one sentence."""
    if not counted.total:
        return _("No event in these days.")
    by_day, days = counted.by_day(), counted.asked.days
    what, most = counted.totals()[0]
    if len(counted.totals()) > 1:
        return _("%(what)s brings %(share)s of the events; the busiest day was %(day)s.") % {
            "what": what_words(counted.asked.by, what, names),
            "share": percent(most / counted.total),
            "day": day(days[by_day.index(max(by_day))]),
        }
    return ngettext(
        "The busiest day was %(day)s: %(count)s event.",
        "The busiest day was %(day)s: %(count)s events.",
        max(by_day),
    ) % {"day": day(days[by_day.index(max(by_day))]), "count": count(max(by_day))}


def _with_usual(given: QueryDict, today: date) -> QueryDict:
    """The form as it is answered: days that nobody chose are shown as they are taken."""
    filled = given.copy()
    if not filled.get("until"):
        filled["until"] = today.isoformat()
    if not filled.get("since"):
        filled["since"] = (today - timedelta(days=USUAL_DAYS - 1)).isoformat()
    return filled
