"""What each finding says. A table of words, in the voice of somebody who wishes you well.

Patterns may use ``%(subject)s`` (the activity or the seat, in quotation marks) and the values
that the check gives.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class FindingCode(enum.StrEnum):
    """Everything that can be found, in the order in which it is shown."""

    NO_ROW = "no_row"
    SEVERAL_ACCOUNTABLE = "several_accountable"
    NO_ACCOUNTABLE = "no_accountable"
    NO_RESPONSIBLE = "no_responsible"
    JOINT_ONE_SIDED = "joint_one_sided"
    SEAT_VACANT = "seat_vacant"
    SEAT_CLOSED = "seat_closed"
    CANNOT_BE_DECIDED = "cannot_be_decided"
    REPORTS_TO_RESPONSIBLE = "reports_to_responsible"
    NOBODY_TOLD = "nobody_told"
    EVERYBODY_CONSULTED = "everybody_consulted"
    TOO_MANY_ACCOUNTABLE = "too_many_accountable"
    TOO_MANY_RESPONSIBLE = "too_many_responsible"
    SEATS_WITHOUT_LETTER = "seats_without_letter"
    ACTIVITY_WITHOUT_ROW = "activity_without_row"
    ACTIVITY_UNKNOWN = "activity_unknown"
    SCOPE_CHANGES_NOTHING = "scope_changes_nothing"


Pattern = str | Promise


@dataclass(frozen=True, slots=True)
class Wording:
    letter: str
    headline: Pattern
    message: Pattern
    why: Pattern
    remedy: Pattern
    rule: Pattern | None = None
    title: Pattern | None = None


_JOINT_WHY = _("What one department decides without the other, the other works around.")
_MARKETING_ABSENT = Wording(
    letter="C",
    headline=_("marketing has no say in %(subject)s"),
    message=_("Marketing and IT decide this together, and marketing holds no letter."),
    why=_JOINT_WHY,
    remedy=_("Give an A, an R or a C to a marketing seat."),
)
_MARKETING_TOLD = Wording(
    letter="I",
    headline=_("marketing is only told of %(subject)s"),
    message=_(
        "Marketing and IT decide this together, and marketing holds an I alone: "
        "to be told is not to decide."
    ),
    why=_JOINT_WHY,
    remedy=_("Turn the I of a marketing seat into a C, an R or an A."),
)
_IT_ABSENT = Wording(
    letter="C",
    headline=_("IT has no say in %(subject)s"),
    message=_("Marketing and IT decide this together, and IT holds no letter."),
    why=_JOINT_WHY,
    remedy=_("Give an A, an R or a C to an IT seat."),
)
_IT_TOLD = Wording(
    letter="I",
    headline=_("IT is only told of %(subject)s"),
    message=_(
        "Marketing and IT decide this together, and IT holds an I alone: "
        "to be told is not to decide."
    ),
    why=_JOINT_WHY,
    remedy=_("Turn the I of an IT seat into a C, an R or an A."),
)

_TOLD_HEADLINE = _("nobody is asked or told about %(subject)s")
_TOLD_MESSAGE = _("Nobody is asked or told.")
_TOLD_REMEDY = _("Give an I to whoever lives with the outcome, a C to whoever could improve it.")


def _nobody_told(why: Pattern) -> Wording:
    return Wording("I", _TOLD_HEADLINE, _TOLD_MESSAGE, why, _TOLD_REMEDY)


_DECIDED_HEADLINE = _("%(subject)s could never be decided")

WORDINGS: dict[tuple[FindingCode, str], Wording] = {
    (FindingCode.NO_ROW, ""): Wording(
        letter="A",
        headline=_("the matrix says nothing of %(subject)s"),
        message=_("Pupitre enforces this activity, and the matrix says nothing of it."),
        why=_("Without a row nobody may: everyone would be refused."),
        remedy=_("Say at least who approves (A) and who acts (R)."),
    ),
    (FindingCode.SEVERAL_ACCOUNTABLE, ""): Wording(
        letter="A",
        headline=_("%(count)s seats are accountable for %(subject)s"),
        message=_("%(seats_named)s approve side by side."),
        why=_("Who settles it when they disagree?"),
        remedy=_(
            "Keep one A. Give the others an R if they do the work, a C if they must be asked."
        ),
        rule=_("only one may be"),
    ),
    (FindingCode.NO_ACCOUNTABLE, ""): Wording(
        letter="A",
        headline=_("nobody is accountable for %(subject)s"),
        message=_("Nobody approves."),
        why=_("Requests would wait for ever: no seat could say yes or no."),
        remedy=_("Give an A to one seat, and to one only."),
    ),
    (FindingCode.NO_RESPONSIBLE, ""): Wording(
        letter="R",
        headline=_("nobody acts in %(subject)s"),
        message=_("Nobody acts."),
        why=_("It would be approved, and never done."),
        remedy=_("Give an R to at least one seat. The one that approves may act too."),
    ),
    (FindingCode.JOINT_ONE_SIDED, "marketing.absent"): _MARKETING_ABSENT,
    (FindingCode.JOINT_ONE_SIDED, "marketing.told"): _MARKETING_TOLD,
    (FindingCode.JOINT_ONE_SIDED, "it.absent"): _IT_ABSENT,
    (FindingCode.JOINT_ONE_SIDED, "it.told"): _IT_TOLD,
    (FindingCode.SEAT_VACANT, ""): Wording(
        letter="A",
        headline=_("%(subject)s holds letters and nobody sits there"),
        message=ngettext_lazy(
            "Nobody sits there and nobody deputises, yet it holds a letter in %(activities)s.",
            "Nobody sits there and nobody deputises, yet it holds %(n)s letters: %(activities)s.",
            "n",
        ),
        why=_("What it should decide, do or hear would reach nobody."),
        remedy=_("Appoint somebody, name a deputy, or give its letters to another seat."),
    ),
    (FindingCode.SEAT_CLOSED, ""): Wording(
        letter="A",
        headline=_("%(subject)s is closed and still holds letters"),
        message=ngettext_lazy(
            "This seat is closed and still holds a letter in %(activities)s.",
            "This seat is closed and still holds %(n)s letters: %(activities)s.",
            "n",
        ),
        why=_("What it should decide, do or hear would reach nobody."),
        remedy=_("Give its letters to another seat, or take them away."),
    ),
    (FindingCode.CANNOT_BE_DECIDED, "four_eyes"): Wording(
        letter="A",
        headline=_DECIDED_HEADLINE,
        message=_(
            "Two people must say yes, from two seats, and one person or one seat alone holds "
            "every A and R."
        ),
        why=_("Every request would stay open for want of a second yes."),
        remedy=_("Give an R to a seat that somebody else holds."),
    ),
    (FindingCode.CANNOT_BE_DECIDED, "one_person"): Wording(
        letter="A",
        headline=_DECIDED_HEADLINE,
        message=_("The same person speaks for marketing and for IT, and two are needed."),
        why=_("An agreement that one person makes alone is not an agreement."),
        remedy=_("Appoint somebody else to one of the two seats, or give a letter to another."),
    ),
    (FindingCode.CANNOT_BE_DECIDED, "marketing"): Wording(
        letter="A",
        headline=_DECIDED_HEADLINE,
        message=_("For marketing only a deputy could speak, whose own seat is in IT."),
        why=_("A deputy from the other department does not count as a voice of this one."),
        remedy=_("Name a deputy from marketing, or give a letter to another marketing seat."),
    ),
    (FindingCode.CANNOT_BE_DECIDED, "it"): Wording(
        letter="A",
        headline=_DECIDED_HEADLINE,
        message=_("For IT only a deputy could speak, whose own seat is in marketing."),
        why=_("A deputy from the other department does not count as a voice of this one."),
        remedy=_("Name a deputy from IT, or give a letter to another IT seat."),
    ),
    (FindingCode.REPORTS_TO_RESPONSIBLE, ""): Wording(
        letter="A",
        headline=_("in %(subject)s, the seat that approves reports to one that acts"),
        message=_("%(accountable)s approves what its own superior, %(responsible)s, does."),
        why=_("It is hard to say no to the person one reports to."),
        remedy=_("Move the A up the line, or the R down."),
    ),
    (FindingCode.NOBODY_TOLD, ""): _nobody_told(
        _("Those who live with the outcome will discover it by accident.")
    ),
    (FindingCode.NOBODY_TOLD, "relations"): _nobody_told(
        _("Customer relations will answer customers without knowing.")
    ),
    (FindingCode.NOBODY_TOLD, "marketing"): _nobody_told(
        _("Marketing will promise what has already changed.")
    ),
    (FindingCode.NOBODY_TOLD, "it"): _nobody_told(_("IT will learn of it when something breaks.")),
    (FindingCode.NOBODY_TOLD, "hr"): _nobody_told(
        _("Human resources will hear of it from the people concerned.")
    ),
    (FindingCode.NOBODY_TOLD, "data"): _nobody_told(
        _("The data protection officer will have to answer for what nobody mentioned.")
    ),
    (FindingCode.EVERYBODY_CONSULTED, ""): Wording(
        letter="C",
        headline=_("nearly everybody must be asked about %(subject)s"),
        message=_("%(count)s seats must be asked first, of the %(total)s that hold letters."),
        why=_("When every opinion is awaited, the slowest sets the pace."),
        remedy=_("Keep a C where an opinion may change the decision; an I tells the others."),
    ),
    (FindingCode.TOO_MANY_ACCOUNTABLE, ""): Wording(
        letter="A",
        headline=_("%(subject)s approves %(n)s activities"),
        message=_("It approves %(n)s of %(total)s activities."),
        why=_("Everything waits for one agenda, and decisions grow old there."),
        remedy=_("Give some of its A to seats that already act."),
    ),
    (FindingCode.TOO_MANY_RESPONSIBLE, ""): Wording(
        letter="R",
        headline=_("%(subject)s acts in %(n)s activities"),
        message=_("It acts in %(n)s of %(total)s activities."),
        why=_("Whoever must do everything chooses alone what is left undone."),
        remedy=_("Share its R with other seats; where being told is enough, an I will do."),
    ),
    (FindingCode.SEATS_WITHOUT_LETTER, ""): Wording(
        letter="I",
        title=ngettext_lazy("One seat without a letter", "%(n)s seats without a letter", "n"),
        headline=ngettext_lazy("one seat holds no letter", "%(n)s seats hold no letter", "n"),
        message=ngettext_lazy("%(seats)s holds no letter.", "%(seats)s hold no letter.", "n"),
        why=_("Neither asked nor told: decisions will reach them as rumours."),
        remedy=_("Give at least an I where their work depends on the outcome."),
    ),
    (FindingCode.ACTIVITY_WITHOUT_ROW, ""): Wording(
        letter="A",
        headline=_("nobody answers for %(subject)s"),
        message=_("It is on the company’s list, and nobody holds a letter in it."),
        why=_("Everyone will believe that somebody else takes care of it."),
        remedy=_("Fill its row, or retire the activity."),
    ),
    (FindingCode.ACTIVITY_UNKNOWN, ""): Wording(
        letter="A",
        headline=_("a row is about %(subject)s, which is no longer on the list"),
        message=_("This activity is no longer on the company’s list."),
        why=_("The letters of this row bind nobody."),
        remedy=_("Remove the row, or define the activity again."),
    ),
    (FindingCode.SCOPE_CHANGES_NOTHING, ""): Wording(
        letter="A",
        headline=_("the row of %(scope)s for %(subject)s repeats the company’s"),
        message=_("This initiative’s own row says the same as the company’s."),
        why=_("The day the company’s row changes, this one will stay behind unnoticed."),
        remedy=_("Remove it: the company’s row will apply."),
    ),
}
