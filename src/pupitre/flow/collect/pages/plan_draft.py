"""The draft of a plan, which lives in the form that goes back and forth: nothing is stored.

Each event is one hidden field; the one that is unfolded has inputs of its own beside. Whatever
button is pressed, what those inputs say is taken in first, so that nothing typed is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent
from pupitre.flow.collect.sources import editing
from pupitre.flow.collect.sources.editing import Events
from pupitre.flow.collect.sources.inference import MAX_EVENTS, SeenEvent, propose
from pupitre.flow.collect.sources.planning import check_events
from pupitre.flow.collect.sources.reading import Plan

OVER_THE_FORM = ""
_events = msgspec.json.Decoder(PlannedEvent)
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the inputs that add something, as it was typed."""

    property_name: str = ""
    property_type: str = "string"
    property_required: bool = False
    event_name: str = ""
    event_type: str = "track"


@dataclass(frozen=True, slots=True)
class Draft:
    events: Events
    based_on: int  # number of the plan in force when it was begun
    mode: PlanMode | None
    unfolded: int | None = None  # position of the event that has inputs
    typed: Typed = Typed()
    counted: str = ""  # the fingerprint of the draft whose effect was on the page
    errors: tuple[tuple[str, str], ...] = ()  # (field, sentence); "" stands over the form

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(_encode(self.events)).hexdigest()[:32]

    @property
    def at_field(self) -> dict[str, str]:
        """What is wrong, by the input that it is about."""
        return dict(self.errors)

    @property
    def texts(self) -> tuple[str, ...]:
        """The hidden fields, one an event."""
        return tuple(_encode(event).decode() for event in self.events)

    def refusing(self, error: Invalid) -> Draft:
        return replace(self, errors=((error.field or OVER_THE_FORM, str(error)),))


@dataclass(frozen=True, slots=True)
class Around:
    """What a draft may be filled from."""

    plan: Plan  # in force
    seen: tuple[SeenEvent, ...]


def begun(around: Around) -> Draft:
    """The plan in force; where none was ever agreed, what arrives."""
    events = around.plan.events if around.plan.number else propose(around.seen)
    return Draft(events, around.plan.number, around.plan.mode)


def read_draft(post: QueryDict) -> Draft:
    """The draft as it was when the page was made. Raises ``Invalid`` for what no page sends."""
    texts = post.getlist("event")
    if len(texts) > MAX_EVENTS:
        raise Invalid(_("At most %(count)s events in a plan.") % {"count": MAX_EVENTS})
    try:
        events = tuple(_events.decode(text) for text in texts)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unknown() from error
    check_events(events)
    unfolded = whole_number(post.get("unfolded"))
    based_on = whole_number(post.get("based_on"))
    said = post.get("mode", "")
    return Draft(
        events,
        based_on=-1 if based_on is None else based_on,
        mode=PlanMode(said) if said in set(PlanMode) else None,
        unfolded=unfolded if unfolded is not None and unfolded < len(events) else None,
        typed=Typed(
            post.get("property_name", ""),
            post.get("property_type", "string"),
            "property_required" in post,
            post.get("event_name", ""),
            post.get("event_type", "track"),
        ),
        counted=post.get("counted", ""),
    )


def pressed(draft: Draft, post: QueryDict, around: Around) -> Draft:
    """What the inputs say taken in, then what the button says done. Raises ``Invalid``."""
    verb, _colon, what = post.get("act", "look").partition(":")
    if verb == "restart":
        return replace(begun(around), mode=draft.mode)
    do = _DOING.get(verb)
    if do is None:
        raise _unknown()
    leaves = verb == "remove" and what == str(draft.unfolded)
    at = draft.unfolded
    if at is not None and not leaves:
        draft = _with_choices(draft, at, post)
        if verb == "add_property" or draft.typed.property_name.strip():
            draft = _with_property(draft, at)
    if not draft.errors and (verb == "add_event" or draft.typed.event_name.strip()):
        draft = _with_event(draft, unfold=verb == "add_event")
    return draft if draft.errors else do(draft, what, around)


def _with_choices(draft: Draft, at: int, post: QueryDict) -> Draft:
    event = draft.events[at]
    numbers = range(len(event.properties))
    types = {n: post.get(f"type_{n}", event.properties[n].type) for n in numbers}
    required = frozenset(n for n in numbers if f"required_{n}" in post)
    return _put(draft, at, editing.as_chosen(event, types=types, required=required))


def _with_property(draft: Draft, at: int) -> Draft:
    typed = draft.typed
    try:
        event = editing.with_property(
            draft.events[at],
            name=typed.property_name,
            type_=typed.property_type,
            required=typed.property_required,
        )
    except Invalid as invalid:
        return draft.refusing(invalid)
    emptied = replace(typed, property_name="", property_type="string", property_required=False)
    return replace(_put(draft, at, event), typed=emptied)


def _with_event(draft: Draft, *, unfold: bool) -> Draft:
    typed = draft.typed
    try:
        events = editing.with_event(draft.events, type_=typed.event_type, name=typed.event_name)
    except Invalid as invalid:
        return draft.refusing(invalid)
    return replace(
        draft,
        events=events,
        unfolded=len(events) - 1 if unfold else draft.unfolded,
        typed=replace(typed, event_name="", event_type="track"),
    )


def _put(draft: Draft, at: int, event: PlannedEvent) -> Draft:
    return replace(draft, events=(*draft.events[:at], event, *draft.events[at + 1 :]))


def _looked(draft: Draft, _what: str, _around: Around) -> Draft:
    return draft


def _folded(draft: Draft, _what: str, _around: Around) -> Draft:
    return replace(draft, unfolded=None)


def _unfolded(draft: Draft, what: str, _around: Around) -> Draft:
    return replace(draft, unfolded=_position(what, len(draft.events)))


def _removed(draft: Draft, what: str, _around: Around) -> Draft:
    at, unfolded = _position(what, len(draft.events)), draft.unfolded
    if unfolded is not None:
        unfolded = None if unfolded == at else unfolded - (unfolded > at)
    return replace(draft, events=editing.without_event(draft.events, at), unfolded=unfolded)


def _dropped(draft: Draft, what: str, _around: Around) -> Draft:
    if draft.unfolded is None:
        raise _unknown()
    event = draft.events[draft.unfolded]
    at = _position(what, len(event.properties))
    return _put(draft, draft.unfolded, editing.without_property(event, at))


def _taken(draft: Draft, what: str, around: Around) -> Draft:
    kind, _colon, name = what.partition(":")
    found = next((seen for seen in around.seen if seen.place == (kind, name)), None)
    if found is None:
        raise Invalid(_("This event is not among those that arrived lately any more."))
    return replace(draft, events=editing.taken_over(draft.events, found))


def _all_taken(draft: Draft, _what: str, around: Around) -> Draft:
    events = editing.all_taken_over(draft.events, around.seen)
    return replace(draft, events=events, unfolded=None)


def _position(text: str, count: int) -> int:
    at = whole_number(text)
    if at is None or at >= count:
        raise _unknown()
    return at


def _unknown() -> Invalid:
    return Invalid(_("This did not come from the page as it stands: load it again."))


_Doing = Callable[[Draft, str, Around], Draft]
_DOING: Mapping[str, _Doing] = MappingProxyType(
    {
        "look": _looked,
        "agree": _looked,  # the draft as it will be asked for
        "add_property": _looked,  # taken in with the inputs
        "add_event": _looked,
        "fold": _folded,
        "unfold": _unfolded,
        "remove": _removed,
        "drop": _dropped,
        "take": _taken,
        "take_all": _all_taken,
    }
)
